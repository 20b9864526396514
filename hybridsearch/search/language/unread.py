"""A clause whose value says nothing: it is read as words, and a note says why."""

from __future__ import annotations

from dataclasses import dataclass

from hybridsearch.domain.notes import Note, NoteKind


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a value cannot be read; ``period`` is the month or season that lacks its year."""

    kind: NoteKind
    period: str | None = None

    def note(self, text: str) -> Note:
        """What to tell of the clause that was typed as ``text``."""
        if self.period is None:
            return self.kind.of(text=text)
        return self.kind.of(text=text, period=self.period)
