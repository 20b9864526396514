"""The plan: which rankings are asked for, how much each counts, how they are fused.

A plan is a value: it can be printed, sent back with the answer, and run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hybridsearch.domain.filters import Filter
from hybridsearch.domain.fusion import RRF_K
from hybridsearch.domain.names import Name, Suggestion
from hybridsearch.domain.notes import Note
from hybridsearch.domain.understood import NOTHING_TYPED, Understood
from hybridsearch.domain.upload import Upload


class LegKind(StrEnum):
    """What a leg ranks by."""

    LOOKS = "looks"
    WORDS = "words"
    DATE = "date"
    """Where there is nothing to rank by: the pictures that pass, newest or oldest first."""


class Method(StrEnum):
    """How the rankings become one; see ``domain.fusion`` for each formula and its source."""

    EVIDENCE = "evidence"
    RRF = "rrf"
    CONVEX = "convex"


@dataclass(frozen=True, slots=True)
class PlannedTerm:
    """A term the words leg asks for: its id, form and weight, and the typed word it came from."""

    id: int
    text: str
    form: str
    word: str
    weight: float
    idf: float | None
    """None where no document of the archive has the term."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One ranking: dense from a text, a picture file or an asset; or lexical from terms.

    ``scene`` is the part of a text that counts as much again as the whole. ``minus`` is a text
    that a picture is to look less like. ``newest`` is the order of a leg by
    date.
    """

    name: str
    kind: LegKind
    weight: float
    depth: int
    text: str | None = None
    picture: Path | Upload | None = None
    like: str | None = None
    terms: tuple[PlannedTerm, ...] = ()
    scene: str | None = None
    minus: str | None = None
    newest: bool = True

    @property
    def is_dense(self) -> bool:
        """Whether the leg needs a vector."""
        return self.kind is LegKind.LOOKS


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides an answer, apart from the archive itself.

    ``sentence`` tells a person in one sentence what leads and why; ``notes`` what else the
    planner decided or could not do. ``names`` are what it took for names
    and ``scene`` the rest of the words, which looks are asked for.
    """

    legs: tuple[Leg, ...]
    filter: Filter
    limit: int
    method: Method = Method.EVIDENCE
    k: int = RRF_K
    understood: Understood = NOTHING_TYPED
    names: tuple[Name, ...] = ()
    scene: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    sentence: str = ""
    notes: tuple[Note, ...] = ()
