"""The tokens of a query, with the place of each in the typed text.

In: what a person typed. Out: words, phrases, clauses, operators and matched parentheses; what
is none of these was read as part of a word or left out, and the notes say so. One pass from
left to right, in time linear in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from hybridsearch.domain.notes import Note
from hybridsearch.search.language.fields import Field


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    PHRASE = auto()
    CLAUSE = auto()
    SCOPE = auto()
    """A field before a parenthesis."""
    MINUS = auto()
    NOT = auto()
    AND = auto()
    OR = auto()
    OPEN = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is a word as typed, the inside of a phrase, or the value of a clause.

    ``read`` is the text a word stands for (``foo:bar`` is read as "foo bar").
    """

    kind: Kind
    start: int
    end: int
    text: str = ""
    read: str = ""
    field: Field | None = None
    exact: bool = False
    words: tuple[str, ...] = ()
    """A phrase's words, compared."""


MAX_NOTES = 12
_MAX_QUOTED = 40


def shortened(text: str) -> str:
    """What a note quotes of the query."""
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…"


@dataclass(slots=True)
class Notes:
    """What the person is told, each note once, in the order of the query."""

    _notes: dict[Note, None] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether a further note would be left out: nobody reads more than a dozen."""
        return len(self._notes) >= MAX_NOTES

    def add(self, note: Note) -> None:
        """Tell the person."""
        if not self.full:
            self._notes[note] = None

    def told(self) -> tuple[Note, ...]:
        """All notes."""
        return tuple(self._notes)
