"""What was understood of a typed query: what ranks, what is required, and where it was typed.

The value goes to the planner (``text``, ``phrases``, ``excluded``, ``filter``), to the page
(``parts``, ``notes``) and into links (``canonical``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.notes import Note


class PartKind(StrEnum):
    """What a part of the query asks for."""

    WORDS = "words"
    PHRASE = "phrase"
    FIELD = "field"
    DATE = "date"
    HAS = "has"
    IS = "is"
    PLACE = "place"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the query and the characters ``[start, end)`` of the typed text it came from.

    ``text`` is the part in regular writing, without its negation. ``field`` names the field of
    a clause, ``value`` what was understood by its value: the words, or the days of a date as
    ``1942-06-01..1942-06-30``.
    """

    kind: PartKind
    start: int
    end: int
    text: str
    field: str | None = None
    value: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """An exact phrase: its compared words (no case, no accents), and the text as typed."""

    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """The reading of a query.

    ``text`` holds the words that rank and are embedded, in the order typed; those of phrases
    are among them, excluded ones and the values of fields are not. ``excluded`` are the words
    and phrases that no hit may have, as typed. ``notes`` tell a person what could not be read
    as it was typed.
    """

    text: str = ""
    phrases: tuple[Phrase, ...] = ()
    excluded: tuple[str, ...] = ()
    filter: Filter = EVERYTHING
    parts: tuple[Part, ...] = ()
    notes: tuple[Note, ...] = ()


NOTHING_TYPED = Understood()


def canonical(understood: Understood) -> str:
    """A query text, in regular writing, that is understood the same way (for links).

    Relative dates stay relative: ``date:yesterday`` in a link means the day before its use.
    """
    return " ".join(_written(part) for part in understood.parts)


def without(typed: str, part: Part) -> str:
    """The typed text without one of its parts; a space stands where the part was."""
    return f"{typed[: part.start]} {typed[part.end :]}"


def _written(part: Part) -> str:
    if not part.negated:
        return part.text
    return negation(part.text) + part.text


def negation(text: str) -> str:
    """What excludes the text when written before it: a hyphen only where it is read as one."""
    return "-" if text[:1].isalnum() or text[:1] in '("«' else "NOT "
