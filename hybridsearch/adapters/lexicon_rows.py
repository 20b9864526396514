"""A lexicon's rows in SQLite: its tables, and how contents are added to what is there.

In: contents, an open connection. Out: the rows, in one transaction. Counts may fall; what nothing
has any more is removed, and a value or word is shown as it is mostly written now.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from hybridsearch.adapters.deletions import deletion_keys
from hybridsearch.adapters.lexicon_parts import ADD as ADD_PART
from hybridsearch.adapters.lexicon_parts import REMOVE as REMOVE_PART
from hybridsearch.adapters.lexicon_parts import TABLE as PART_TABLE
from hybridsearch.adapters.lexicon_parts import parts
from hybridsearch.adapters.lexicon_spelled import TABLE as SPELLED_TABLE
from hybridsearch.adapters.lexicon_spelled import count_spellings
from hybridsearch.domain.names import SAID, TEXT, ArchiveWord, KnownName, LexiconInfo
from hybridsearch.ports import LexiconContents

FORMAT = 4
"""Raised with the tables below; a lexicon of another format is as good as none."""

FREQUENT = 2
"""Assets that must have a word for it to be suggested two edits away: half of an archive's words
stand in one asset only, and they would double the file."""

_TABLES = """
PRAGMA journal_mode = OFF;
CREATE TABLE IF NOT EXISTS value (
    id INTEGER PRIMARY KEY, field TEXT, folded TEXT, display TEXT, count INTEGER,
    UNIQUE (field, folded)
);
CREATE TABLE IF NOT EXISTS name (
    key TEXT, value INTEGER, PRIMARY KEY (key, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS start (key TEXT PRIMARY KEY, longest INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS word (
    id INTEGER PRIMARY KEY, folded TEXT UNIQUE, display TEXT,
    documents INTEGER, named INTEGER, capital INTEGER, small INTEGER
);
CREATE TABLE IF NOT EXISTS deletion (
    key INTEGER, word INTEGER, PRIMARY KEY (key, word)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS about (info TEXT);
"""

_ADD_VALUE = """
INSERT INTO value (field, folded, display, count) VALUES (?, ?, ?, ?)
ON CONFLICT (field, folded) DO UPDATE SET count = count + excluded.count
"""
_ADD_START = """
INSERT INTO start VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET longest = max(longest, excluded.longest)
"""
_ADD_WORD = """
INSERT INTO word (folded, display, documents, named, capital, small) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (folded) DO UPDATE SET
    documents = documents + excluded.documents, named = named + excluded.named,
    capital = capital + excluded.capital, small = small + excluded.small
"""

_VALUE = "SELECT id, count FROM value WHERE field = ? AND folded = ?"
_WORD = "SELECT id, documents FROM word WHERE folded = ?"
_UNNAME = "DELETE FROM name WHERE value IN (SELECT value FROM json_each(?))"

_Counted = tuple[int, int]
"""A row's number and its count."""


def fill(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    """Add the contents; in the order of the tables' keys, so that pages are filled up."""
    connection.executescript(_TABLES + PART_TABLE + SPELLED_TABLE)
    connection.execute("BEGIN")
    _add_values(connection, contents)
    _add_words(connection, contents)
    _tell(connection, contents.info)
    connection.execute("COMMIT")


def _add_values(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    """What is a name, or is one no longer, by the counts that there are now."""
    before = _found(connection, _VALUE, contents.spelled)
    connection.executemany(_ADD_VALUE, (_row(each) for each, _ in contents.values))
    now = _found(connection, _VALUE, (_key(each) for each, _ in contents.values))
    shown = [
        (now[_key(each)][0], each, keys)
        for each, keys in contents.values
        if _is_shown(each, now[_key(each)])
    ]
    connection.executemany(
        "INSERT OR IGNORE INTO name VALUES (?, ?)",
        sorted((key, number) for number, _, keys in shown for key in keys),
    )
    connection.executemany(_ADD_START, sorted(_starts(keys for _, _, keys in shown).items()))
    connection.executemany(
        ADD_PART, sorted(parts((number, each.folded) for number, each, _ in shown))
    )
    hidden = [
        (now[_key(each)][0], each.folded)
        for each, _ in contents.values
        if _key(each) in before and not _is_shown(each, now[_key(each)])
    ]
    if hidden:
        connection.execute(_UNNAME, (json.dumps([number for number, _ in hidden]),))
        connection.executemany(REMOVE_PART, parts(hidden))
    count_spellings(connection, "value", before, now, contents.spelled)
    connection.executemany(
        "DELETE FROM value WHERE id = ? AND count < 1", ((number,) for number, _ in now.values())
    )


def _add_words(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    keys = [(each.folded,) for each in contents.words]
    before = _found(connection, _WORD, keys)
    connection.executemany(_ADD_WORD, map(_row, contents.words))
    now = _found(connection, _WORD, keys)
    connection.executemany(
        "INSERT OR IGNORE INTO deletion VALUES (?, ?)",
        sorted(
            (key, number)
            for (folded,), (number, documents) in now.items()
            if _edits(documents) > _edits(before[folded,][1] if (folded,) in before else 0)
            for key in deletion_keys(folded, _edits(documents))
        ),
    )
    connection.executemany(
        "DELETE FROM deletion WHERE key = ? AND word = ?",
        (
            (key, number)
            for (folded,), (number, documents) in now.items()
            if documents < 1
            for key in deletion_keys(folded, _edits(FREQUENT))
        ),
    )
    spelled = {(folded,): each for folded, each in contents.spelled_words.items()}
    count_spellings(connection, "word", before, now, spelled)
    connection.executemany(
        "DELETE FROM word WHERE id = ? AND documents < 1",
        ((number,) for number, _ in now.values()),
    )


def _found(
    connection: sqlite3.Connection, sql: str, keys: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], _Counted]:
    rows = ((key, connection.execute(sql, key).fetchone()) for key in keys)
    return {key: row for key, row in rows if row is not None}


def _key(value: KnownName) -> tuple[str, str]:
    return value.field, value.folded


def _is_shown(value: KnownName, counted: _Counted) -> bool:
    return counted[1] >= (SAID if value.field == TEXT else 1)


def _edits(documents: int) -> int:
    """How far a word may be from one that is typed, to be suggested for it."""
    return min(documents, 1) if documents < FREQUENT else 2


def _starts(keys_of_values: Iterable[Sequence[str]]) -> dict[str, int]:
    """The first words of the keys, each with the words of the longest key that it begins."""
    longest: dict[str, int] = {}
    for keys in keys_of_values:
        for key in keys:
            first, *others = key.split(" ")
            longest[first] = max(longest.get(first, 0), 1 + len(others))
    return longest


def _row(value: KnownName | ArchiveWord) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in value.__slots__)


def _tell(connection: sqlite3.Connection, new: LexiconInfo) -> None:
    """Assets add up; names and words are those that there are now."""
    before = connection.execute("SELECT info FROM about").fetchall()
    old = json.loads(before[0][0]) if before else {}
    [(names,)] = connection.execute("SELECT count(DISTINCT value) FROM name")
    [(words,)] = connection.execute("SELECT count(*) FROM word")
    info = replace(
        new,
        assets=new.assets + old.get("assets", 0),
        names=names,
        words=words,
    )
    connection.execute("DELETE FROM about")
    about = json.dumps({"format": FORMAT, **asdict(info)})
    connection.execute("INSERT INTO about VALUES (?)", (about,))
