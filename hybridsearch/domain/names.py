"""Names and words of an archive: what its lexicon holds, and what a query is found to name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST = 6
"""Words of the longest name that is kept or looked for."""

TEXT = "text"
"""Stands in the place of a field for names that only running text says."""

SAID = 2
"""How often running text must say a name of several words before it is one."""


@dataclass(frozen=True, slots=True)
class KnownName:
    """A value that a name field of the archive has: a person, a place, an organisation.

    ``folded`` is the value as filters compare it, ``display`` its most frequent spelling,
    ``count`` the number of assets that have it in ``field``.
    """

    field: str
    folded: str
    display: str
    count: int


@dataclass(frozen=True, slots=True)
class ArchiveWord:
    """A word of the archive's texts, under its form without case and accents.

    ``documents`` counts the assets that have it, ``named`` those that have it in a name field.
    ``capital`` and ``small`` count how it is written inside running text, away from the
    beginnings of sentences: only there does a capital tell a name from any other word.
    """

    folded: str
    display: str
    documents: int
    named: int
    capital: int
    small: int


@dataclass(frozen=True, slots=True)
class LexiconInfo:
    """What a lexicon was built from: the assets read, and the analyzer they were indexed under.

    ``built`` is the time of writing, ISO 8601.
    """

    analyzer_version: str
    assets: int
    names: int
    words: int
    built: str


class Evidence(StrEnum):
    """How a name was recognised."""

    QUOTED = "quoted"
    KNOWN = "known to the archive"
    WRITTEN = "written as a name in the archive"
    CAPITALS = "capitals and rarity"


@dataclass(frozen=True, slots=True)
class Name:
    """A name inside a query.

    ``start`` and ``end`` are offsets into the text that was asked about (``text[start:end]`` is
    ``typed``); both are -1 for a quoted phrase that stands beside that text. ``known`` holds
    what the archive's fields have under this name, the most frequent first; it is empty for a
    name recognised otherwise. ``confidence`` lies between 0 and 1.
    """

    typed: str
    start: int
    end: int
    words: tuple[str, ...]
    evidence: Evidence
    confidence: float
    known: tuple[KnownName, ...] = ()

    @property
    def display(self) -> str:
        """The archive's own spelling, where it has one."""
        return self.known[0].display if self.known else self.typed

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that have the name, the most frequent first."""
        return tuple(dict.fromkeys(each.field for each in self.known))

    @property
    def count(self) -> int:
        """How many assets have the most frequent reading; 0 where no field has it."""
        return self.known[0].count if self.known else 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a word that the archive does not have may have been meant to be.

    ``typed`` is one word of the query, or two that belong together; ``words`` are the archive's
    words instead, as it spells them. ``distance`` counts edits (insert, delete, replace,
    exchange neighbours; a missing or a needless space counts 1). ``documents`` is how many
    assets have the rarest of the words. ``sure`` says that nothing else comes close.
    """

    typed: str
    words: tuple[str, ...]
    distance: int
    documents: int
    sure: bool

    @property
    def text(self) -> str:
        """The suggestion as one text."""
        return " ".join(self.words)
