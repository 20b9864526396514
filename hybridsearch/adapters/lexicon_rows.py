"""A lexicon's rows in SQLite: its tables, and how contents are added to what is there.

In: contents, an open connection. Out: the rows, in one transaction. Counts may fall; what nothing
has any more is removed, and a value or word is shown as it is mostly written now.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Set
from dataclasses import asdict, replace
from typing import Any

from hybridsearch.adapters.deletions import deletion_keys
from hybridsearch.adapters.lexicon_parts import ADD as ADD_PART
from hybridsearch.adapters.lexicon_parts import REMOVE as REMOVE_PART
from hybridsearch.adapters.lexicon_parts import TABLE as PART_TABLE
from hybridsearch.adapters.lexicon_parts import parts, parts_of
from hybridsearch.analysis.spelled import shown_value, shown_word
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
CREATE TABLE IF NOT EXISTS spelled (
    kind TEXT, number INTEGER, display TEXT, count INTEGER, PRIMARY KEY (kind, number, display)
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

_ADD_SPELLED = """
INSERT INTO spelled VALUES (?, ?, ?, ?)
ON CONFLICT (kind, number, display) DO UPDATE SET count = count + excluded.count
"""
_SPELLED = "SELECT display, count FROM spelled WHERE kind = ? AND number = ?"
_SHOW = {
    "value": "UPDATE value SET display = ? WHERE id = ?",
    "word": "UPDATE word SET display = ? WHERE id = ?",
}

_GONE_SPELLINGS = "DELETE FROM spelled WHERE kind = ? AND number = ? AND count < 1"
_GONE_SPELLED = "DELETE FROM spelled WHERE kind = ? AND number = ?"
_GONE_VALUES = """
DELETE FROM value WHERE count < CASE field WHEN ? THEN ? ELSE 1 END RETURNING id, folded
"""
_GONE_NAMES = "DELETE FROM name WHERE value IN (SELECT value FROM json_each(?))"
_GONE_WORDS = "DELETE FROM word WHERE documents < 1 RETURNING id, folded"


def fill(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    """Add the contents; in the order of the tables' keys, so that pages are filled up."""
    connection.executescript(_TABLES + PART_TABLE)
    connection.execute("BEGIN")
    _add_values(connection, contents)
    _add_words(connection, contents)
    _remove_gone(connection)
    _tell(connection, contents.info)
    connection.execute("COMMIT")


def _add_values(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    known = _value_ids(connection)
    connection.executemany(_ADD_VALUE, (_row(each) for each, _ in contents.values))
    ids = _value_ids(connection)
    connection.executemany(
        "INSERT OR IGNORE INTO name VALUES (?, ?)",
        sorted(
            (key, ids[_key(each.field, each.folded)])
            for each, keys in contents.values
            for key in keys
        ),
    )
    connection.executemany(_ADD_START, sorted(_starts(contents).items()))
    connection.executemany(ADD_PART, sorted(parts((each for each, _ in contents.values), ids)))
    spelled = {
        (ids[key], ""): spellings
        for (field, folded), spellings in contents.spelled.items()
        if (key := _key(field, folded)) in ids
    }
    _spell(connection, "value", spelled, set(known.values()), lambda _, each: shown_value(each))


def _add_words(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    known = _word_ids(connection)
    connection.executemany(_ADD_WORD, map(_row, contents.words))
    ids = _word_ids(connection)
    new = (word for word in contents.words if word.folded not in known)
    connection.executemany(
        "INSERT INTO deletion VALUES (?, ?)",
        sorted(
            (key, ids[word.folded])
            for word in new
            for key in deletion_keys(word.folded, 2 if word.documents >= FREQUENT else 1)
        ),
    )
    spelled = {(ids[each], each): spellings for each, spellings in contents.spelled_words.items()}
    _spell(connection, "word", spelled, set(known.values()), shown_word)


def _spell(
    connection: sqlite3.Connection,
    kind: str,
    spelled: Mapping[tuple[int, str], Mapping[str, int]],
    known: Set[int],
    shown: Callable[[str, Mapping[str, int]], str],
) -> None:
    """Count the spellings, by number and folded form; those known before may be shown otherwise."""
    connection.executemany(
        _ADD_SPELLED,
        sorted(
            (kind, number, display, count)
            for (number, _), spellings in spelled.items()
            for display, count in spellings.items()
            if count
        ),
    )
    connection.executemany(_GONE_SPELLINGS, ((kind, number) for number, _ in spelled))
    for number, folded in spelled:
        if number in known:
            now = dict(connection.execute(_SPELLED, (kind, number)).fetchall())
            if now:
                connection.execute(_SHOW[kind], (shown(folded, now), number))


def _remove_gone(connection: sqlite3.Connection) -> None:
    """With all that leads to them: their numbers may be given to others."""
    gone = connection.execute(_GONE_VALUES, (TEXT, SAID)).fetchall()
    if gone:
        connection.execute(_GONE_NAMES, (json.dumps([number for number, _ in gone]),))
        connection.executemany(REMOVE_PART, parts_of(gone))
        connection.executemany(_GONE_SPELLED, (("value", number) for number, _ in gone))
    words = connection.execute(_GONE_WORDS).fetchall()
    connection.executemany(_GONE_SPELLED, (("word", number) for number, _ in words))
    connection.executemany(
        "DELETE FROM deletion WHERE key = ? AND word = ?",
        ((key, number) for number, folded in words for key in deletion_keys(folded, 2)),
    )


def _starts(contents: LexiconContents) -> dict[str, int]:
    """The first words of the keys, each with the words of the longest key that it begins."""
    longest: dict[str, int] = {}
    for _, keys in contents.values:
        for key in keys:
            first, *others = key.split(" ")
            longest[first] = max(longest.get(first, 0), 1 + len(others))
    return longest


def _row(value: KnownName | ArchiveWord) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in value.__slots__)


def _key(field: str, folded: str) -> str:
    return f"{field}\x00{folded}"


def _value_ids(connection: sqlite3.Connection) -> dict[str, int]:
    """By ``_key``."""
    rows = connection.execute("SELECT field || char(0) || folded, id FROM value")
    return dict(rows.fetchall())


def _word_ids(connection: sqlite3.Connection) -> dict[str, int]:
    """By folded form."""
    return dict(connection.execute("SELECT folded, id FROM word").fetchall())


def _tell(connection: sqlite3.Connection, new: LexiconInfo) -> None:
    """Assets add up; names and words are those that there are now."""
    before = connection.execute("SELECT info FROM about").fetchall()
    old = json.loads(before[0][0]) if before else {}
    [(names,)] = connection.execute("SELECT count(DISTINCT value) FROM name")
    [(words,)] = connection.execute("SELECT count(*) FROM word")
    info = replace(
        new,
        assets=new.assets + old.get("assets", 0),
        changed=new.changed + old.get("changed", 0),
        names=names,
        words=words,
    )
    connection.execute("DELETE FROM about")
    about = json.dumps({"format": FORMAT, **asdict(info)})
    connection.execute("INSERT INTO about VALUES (?)", (about,))
