"""The words inside the lexicon's values, so that a value is found by the beginning of any of them.

In: values as they are written, the beginning of a word. Out: rows of a table, statements that
read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hybridsearch.analysis.words import words_of

TABLE = """
CREATE TABLE IF NOT EXISTS part (
    word TEXT, value INTEGER, PRIMARY KEY (word, value)
) WITHOUT ROWID;
"""
ADD = "INSERT OR IGNORE INTO part VALUES (?, ?)"
REMOVE = "DELETE FROM part WHERE word = ? AND value = ?"

WORDS_FROM = """
SELECT folded, display, documents, named, capital, small FROM word
WHERE folded >= ? AND folded < ? ORDER BY documents DESC, folded LIMIT ?
"""

_BEGINNING = """
SELECT field, folded, display, count FROM value
WHERE id IN (SELECT value FROM part WHERE word >= ? AND word < ?)
"""
_WITH_WORD = "AND id IN (SELECT value FROM part WHERE word = ?)\n"
_IN_FIELDS = "AND field IN (SELECT value FROM json_each(?))\n"
_MOST_FREQUENT = "ORDER BY count DESC, folded, field LIMIT ?"

LAST = "\U0010ffff"
"""Sorts behind every letter: where the words with a beginning end."""


def parts(values: Iterable[tuple[int, str]]) -> Iterator[tuple[str, int]]:
    """The rows: every word of every value, given by its number and its folded form."""
    for number, folded in values:
        for word in words_of(folded):
            yield word, number


def completion_sql(whole: Sequence[str], in_fields: bool) -> str:
    """The statement; its parameters: beginning, its end, ``whole``, fields as JSON, limit."""
    return _BEGINNING + _WITH_WORD * len(whole) + _IN_FIELDS * in_fields + _MOST_FREQUENT
