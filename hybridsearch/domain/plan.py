"""The plan: which rankings are asked for, how much each counts, how they are fused.

A plan is a value: it can be printed, sent back with the answer, and run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hybridsearch.domain.filters import Filter
from hybridsearch.domain.fusion import RRF_K


class LegKind(StrEnum):
    """What a leg ranks by."""

    LOOKS = "looks"
    WORDS = "words"


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
    """One ranking: dense from a text, a picture file or an asset; or lexical from terms."""

    name: str
    kind: LegKind
    weight: float
    depth: int
    text: str | None = None
    picture: Path | None = None
    like: str | None = None
    terms: tuple[PlannedTerm, ...] = ()

    @property
    def is_dense(self) -> bool:
        """Whether the leg needs a vector."""
        return self.kind is LegKind.LOOKS


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides an answer, apart from the archive itself."""

    legs: tuple[Leg, ...]
    filter: Filter
    limit: int
    k: int = RRF_K
    notes: tuple[str, ...] = ()
    """What the planner decided and why, one sentence each, for a person to read."""
