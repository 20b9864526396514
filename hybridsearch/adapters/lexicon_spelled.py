"""How a lexicon's values and words are spelled: counted, so that the spelling shown stays right.

In: how many assets more, or fewer, write each spelling. Out: rows of a table, and the spelling that
most assets have now in the row of the value or word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Literal

from hybridsearch.analysis.spelled import shown_value, shown_word

TABLE = """
CREATE TABLE IF NOT EXISTS spelled (
    kind TEXT, number INTEGER, display TEXT, count INTEGER, PRIMARY KEY (kind, number, display)
) WITHOUT ROWID;
"""

_ADD = """
INSERT INTO spelled VALUES (?, ?, ?, ?)
ON CONFLICT (kind, number, display) DO UPDATE SET count = count + excluded.count
"""
_REMOVE = "DELETE FROM spelled WHERE kind = ? AND number = ? AND count < 1"
_READ = "SELECT display, count FROM spelled WHERE kind = ? AND number = ?"
_SHOW = {
    "value": "UPDATE value SET display = ? WHERE id = ?",
    "word": "UPDATE word SET display = ? WHERE id = ?",
}

_Rows = Mapping[tuple[str, ...], tuple[int, int]]
"""Number and count of each value or word, by what it is known by."""


def count_spellings(
    connection: sqlite3.Connection,
    kind: Literal["value", "word"],
    before: _Rows,
    now: _Rows,
    spelled: Mapping[tuple[str, str], Mapping[str, int]] | Mapping[tuple[str], Mapping[str, int]],
) -> None:
    """Add up the spellings; those that were there before may be shown otherwise now."""
    numbers = {key: number for rows in (before, now) for key, (number, _) in rows.items()}
    connection.executemany(
        _ADD,
        sorted(
            (kind, numbers[key], display, count)
            for key, spellings in spelled.items()
            if key in numbers
            for display, count in spellings.items()
            if count
        ),
    )
    connection.executemany(_REMOVE, ((kind, number) for number in numbers.values()))
    for key in before:
        left = dict(connection.execute(_READ, (kind, numbers[key])).fetchall())
        if left:
            shown = shown_value(left) if kind == "value" else shown_word(key[-1], left)
            connection.execute(_SHOW[kind], (shown, numbers[key]))
