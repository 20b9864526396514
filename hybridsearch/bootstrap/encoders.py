"""Which encoder the settings and the archive's index ask for, made or exported."""

from __future__ import annotations

from pathlib import Path

from hybridsearch.adapters.encoders.onnx_files import Export, Precision
from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.config import DEFAULT_ENCODER, Settings
from hybridsearch.domain.generation import EncoderChoice
from hybridsearch.errors import ConfigError
from hybridsearch.ports import Encoder


def make_encoder(choice: EncoderChoice | None, settings: Settings) -> Encoder | None:
    """The encoder by its name; its model loads when it is first used.

    Raises:
        ModelMissing: the model is not on this machine and cannot be fetched.
    """
    if choice is None:
        return None
    name, _, head = choice.name.partition(":")
    if name == "starter":
        from hybridsearch.adapters.encoders.starter import StarterEncoder

        return StarterEncoder(Path(head)) if head else StarterEncoder()
    if choice.name == "words":
        from hybridsearch.adapters.encoders.words import WordEncoder

        return WordEncoder()
    from hybridsearch.adapters.encoders.runtimes import clip_encoder

    return clip_encoder(
        settings.models_folder,
        choice.name,
        choice.text_model,
        device=settings.encoder.device,
        runtime=settings.encoder.runtime,
        precision=choice.precision,
    )


def export_encoder(settings: Settings, precision: Precision) -> tuple[Export, ...]:
    """Export the CLIP model of the configuration or of the archive's index, for ONNX Runtime.

    Another text tower is exported beside it.

    Raises:
        ConfigError: the encoder is none that can be exported.
        ModelMissing: the model, or a package that exporting needs, is not there.
        EncoderError: the model cannot be exported, or its copy gives other vectors.
    """
    live = FolderGenerations(settings.archive_folder).live()
    indexed = live.choice if live else None
    name = settings.encoder.name or (indexed.name if indexed else DEFAULT_ENCODER)
    if name.partition(":")[0] in ("none", "words", "starter"):
        raise ConfigError(
            f"The encoder {name!r} is no CLIP model; there is nothing to export.",
            "Name a CLIP model: hybridsearch export --encoder clip-ViT-B-32.",
        )
    from hybridsearch.adapters.encoders.onnx_export import export_model

    text_model = settings.encoder.text_model or (indexed.text_model if indexed else None)
    names = [name, text_model] if text_model else [name]
    return tuple(export_model(each, settings.models_folder, precision) for each in names)
