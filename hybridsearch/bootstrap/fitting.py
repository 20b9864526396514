"""Whether what is asked for fits what the archive was indexed with.

In: the settings and the live generation. Out: the encoder to use, or the way to another build of
the index: vectors of two encoders, or terms of two analyzers, never meet in one.
"""

from __future__ import annotations

from hybridsearch.analysis.analyzer import POINT_RULES, Analyzer
from hybridsearch.config import DEFAULT_ENCODER, Settings
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import GenerationMismatch
from hybridsearch.ports import Encoder


def chosen_encoder(settings: Settings, live: Generation | None) -> EncoderChoice | None:
    """The encoder asked for; where none was, the archive's own, and CLIP for a new archive.

    Raises:
        GenerationMismatch: the archive was indexed by another.
    """
    asked = settings.encoder
    if live is None:
        name = asked.name or DEFAULT_ENCODER
        if name == "none":
            return None
        return EncoderChoice(name, asked.text_model, asked.precision or "fp32")
    indexed = live.choice.name if live.choice else "none"
    if asked.name is not None and asked.name != indexed:
        raise GenerationMismatch(
            f"The archive {live.archive!r} was indexed with the encoder {indexed!r}, "
            f"not {asked.name!r}: their vectors cannot be compared.",
            "Leave the encoder out; or build the index anew: "
            f"{_rebuild(live)} --encoder {asked.name}.",
        )
    if live.choice is None:
        return None
    if asked.precision not in (None, live.choice.precision):
        raise GenerationMismatch(
            f"The archive {live.archive!r} was indexed in {live.choice.precision}, not in "
            f"{asked.precision}: their vectors cannot be compared.",
            "Leave encoder.precision out; or build the index anew, with encoder.precision set: "
            f"{_rebuild(live)}.",
        )
    text_model = asked.text_model or live.choice.text_model
    return EncoderChoice(live.choice.name, text_model, live.choice.precision)


def must_fit(generation: Generation, encoder: Encoder | None, analyzer: Analyzer) -> None:
    """Refuse an encoder or an analyzer that the generation was not built with.

    Raises:
        GenerationMismatch: it was built with another.
    """
    if _rules_of(generation) < POINT_RULES:
        raise GenerationMismatch(
            f"An earlier version made the index of the archive {generation.archive!r}; it names "
            "its points in another way.",
            "Ingest the archive again under another name (--archive), then remove this one.",
        )
    if generation.analyzer_version != analyzer.version:
        raise GenerationMismatch(
            f"The archive {generation.archive!r} was indexed under other analysis settings, or by "
            "another version of their rules.",
            f"Build the index anew, without embedding a picture: {_rebuild(generation)}; or put "
            "the [analysis] settings back.",
        )
    indexed = generation.encoder.fingerprint if generation.encoder else None
    present = encoder.card.fingerprint if encoder else None
    if indexed != present:
        raise GenerationMismatch(
            f"The archive {generation.archive!r} was indexed by another version of its encoder: "
            f"fingerprint {indexed}, now {present}.",
            f"Install the model it was indexed with; or build the index anew: "
            f"{_rebuild(generation)}.",
        )


def _rules_of(generation: Generation) -> int:
    """The number that an analyzer's version begins with."""
    number = generation.analyzer_version.partition("-")[0]
    return int(number) if number.isdecimal() else 0


def _rebuild(generation: Generation) -> str:
    """The command that builds a generation of the present settings."""
    named = "" if generation.archive == "default" else f" --archive {generation.archive}"
    return f"hybridsearch rebuild{named}"
