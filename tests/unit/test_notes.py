"""What a note says in English, and what a program learns of it."""

from __future__ import annotations

import string

import pytest

from hybridsearch.analysis.payload import ORIENTATIONS
from hybridsearch.domain.notes import Note, NoteKind, Value


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (NoteKind.UNKNOWN_WORDS.of(words=("a",)), "In no caption or field: “a”."),
        (
            NoteKind.UNKNOWN_WORDS.of(words=("a", "b", "c")),
            "In no caption or field: “a”, “b” and “c”.",
        ),
        (
            NoteKind.OLD_NAMES.of(known=1200, assets=13),
            "The names of this archive are those of 1,200 assets, and it has 13; the next ingest"
            " gathers them anew.",
        ),
        (
            NoteKind.EXCLUDES_ALL.of(text="{text} %s"),
            "-{text} %s leaves out only what has all of these words; join them by OR to leave out"
            " any.",
        ),
        (
            NoteKind.CAPITALS.of(),
            "AND and NOT in capitals are operators; written small they are words.",
        ),
    ],
)
def test_a_note_is_a_sentence_on_its_values(note: Note, told: str) -> None:
    assert str(note) == told


def test_every_kind_is_a_sentence_with_places_that_programs_can_fill() -> None:
    assert len({kind.value for kind in NoteKind}) == len(NoteKind.__members__)
    for kind in NoteKind:
        names = {name for _, name, _, _ in string.Formatter().parse(kind.value) if name}
        values: dict[str, Value] = dict.fromkeys(names, "x")
        note = kind.of(**values)
        assert "{" not in str(note) and str(note)[-1] in ".?"
        assert note.kind.key == kind.name.lower()


def test_shapes_that_are_offered_are_all_there_are() -> None:
    offered = str(NoteKind.NO_SHAPE.of(text="is:x")).rpartition("write ")[2]
    assert offered == f"is:{', is:'.join(ORIENTATIONS)}."
