"""The lexicon as one SQLite file beside the generation's store, read-only while it serves.

A build writes a file of another name and renames it, so that a reader sees the old lexicon or
the new one. An open reader keeps the file that it opened.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import Any

from hybridsearch.adapters.deletions import deletion_keys
from hybridsearch.adapters.lexicon_parts import ADD as ADD_PART
from hybridsearch.adapters.lexicon_parts import LAST, WORDS_FROM, completion_sql, parts, parts_of
from hybridsearch.adapters.lexicon_parts import REMOVE as REMOVE_PART
from hybridsearch.adapters.lexicon_parts import TABLE as PART_TABLE
from hybridsearch.adapters.remembered import Remembered
from hybridsearch.domain.names import SAID, TEXT, ArchiveWord, KnownName, LexiconInfo
from hybridsearch.errors import StoreError
from hybridsearch.ports import LexiconContents

FILE_NAME = "lexicon.sqlite"

FORMAT = 4
"""Raised with the tables below; a lexicon of another format is as good as none."""

FREQUENT = 2
"""Assets that must have a word for it to be suggested two edits away: half of an archive's words
stand in one asset only, and they would double the file."""

READINGS = 8
"""Values told for one key: the most frequent. More would tell a person nothing."""

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

_GONE_VALUES = """
DELETE FROM value WHERE count < CASE field WHEN ? THEN ? ELSE 1 END RETURNING id, folded
"""
_GONE_NAMES = "DELETE FROM name WHERE value IN (SELECT value FROM json_each(?))"
_GONE_WORDS = "DELETE FROM word WHERE documents < 1 RETURNING id, folded"

_STARTS = """
SELECT start.key, longest FROM json_each(?) AS asked CROSS JOIN start ON start.key = asked.value
"""
_NAMES = """
SELECT name.key, field, folded, display, count FROM json_each(?) AS asked
CROSS JOIN name ON name.key = asked.value CROSS JOIN value ON value.id = name.value
"""
_WORDS = """
SELECT folded, display, documents, named, capital, small FROM json_each(?) AS asked
CROSS JOIN word ON word.folded = asked.value
"""
_ALIKE = """
SELECT DISTINCT folded, display, documents, named, capital, small FROM json_each(?) AS asked
CROSS JOIN deletion ON deletion.key = asked.value CROSS JOIN word ON word.id = deletion.word
"""
_DISPLAY = "SELECT display FROM value WHERE field = ? AND folded = ?"


class FolderLexicons:
    """``<generation folder>/lexicon.sqlite``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def open(self) -> SqliteLexicon | None:
        try:
            return SqliteLexicon(self._path)
        except sqlite3.Error:
            return None

    def write(self, contents: LexiconContents, *, add: bool = False) -> None:
        beside = self._path.with_name(f"{FILE_NAME}.{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            if add:
                shutil.copyfile(self._path, beside)
            with closing(sqlite3.connect(beside, isolation_level=None)) as connection:
                _fill(connection, contents)
            beside.replace(self._path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"The lexicon {self._path} cannot be written: {error}.",
                "Make room or give the right to write there, then ingest again.",
            ) from error
        finally:
            beside.unlink(missing_ok=True)


class SqliteLexicon:
    """One lexicon, open for reading; threads may share it.

    Raises:
        sqlite3.Error: there is no such file, or it holds no lexicon of this format.
    """

    def __init__(self, path: Path) -> None:
        # Immutable: what is renamed over the file is another file, and no lock is ever needed.
        self._path = path
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._lock = Lock()
        self._starts: Remembered[int] = Remembered(self._read_starts)
        self._names: Remembered[tuple[KnownName, ...]] = Remembered(self._read_names)
        self._words: Remembered[ArchiveWord] = Remembered(self._read_words)
        try:
            [(told,)] = self._connection.execute("SELECT info FROM about").fetchall()
            about = json.loads(told)
            if about.pop("format", None) != FORMAT:
                raise sqlite3.DatabaseError("another format")
            self._info = LexiconInfo(**about)
        except (ValueError, TypeError) as error:
            self.close()
            raise sqlite3.DatabaseError("no lexicon") from error
        except sqlite3.Error:
            self.close()
            raise

    @property
    def info(self) -> LexiconInfo:
        return self._info

    def starts(self, keys: Sequence[str]) -> Mapping[str, int]:
        return self._starts.of(keys)

    def names(self, keys: Sequence[str]) -> Mapping[str, tuple[KnownName, ...]]:
        return self._names.of(keys)

    def words(self, folded: Sequence[str]) -> Mapping[str, ArchiveWord]:
        return self._words.of(folded)

    def alike(self, folded: str) -> tuple[ArchiveWord, ...]:
        rows = self._rows(_ALIKE, (json.dumps(sorted(deletion_keys(folded))),))
        return tuple(ArchiveWord(*row) for row in rows)

    def complete(
        self, whole: Sequence[str], beginning: str, limit: int, fields: Sequence[str] = ()
    ) -> tuple[KnownName, ...]:
        among = (_listed(fields),) if fields else ()
        values = (beginning, beginning + LAST, *whole, *among, limit)
        rows = self._rows(completion_sql(whole, bool(fields)), values)
        return tuple(KnownName(*row) for row in rows)

    def words_from(self, beginning: str, limit: int) -> tuple[ArchiveWord, ...]:
        rows = self._rows(WORDS_FROM, (beginning, beginning + LAST, limit))
        return tuple(ArchiveWord(*row) for row in rows)

    def display(self, field: str, folded: str) -> str:
        rows = self._rows(_DISPLAY, (field, folded))
        return str(rows[0][0]) if rows else folded

    def close(self) -> None:
        self._connection.close()

    def _read_starts(self, keys: Sequence[str]) -> dict[str, int]:
        return dict(self._rows(_STARTS, (_listed(keys),)))

    def _read_names(self, keys: Sequence[str]) -> dict[str, tuple[KnownName, ...]]:
        found: dict[str, list[KnownName]] = {}
        for key, *value in self._rows(_NAMES, (_listed(keys),)):
            found.setdefault(key, []).append(KnownName(*value))
        return {key: _most_frequent(values) for key, values in found.items()}

    def _read_words(self, folded: Sequence[str]) -> dict[str, ArchiveWord]:
        rows = self._rows(_WORDS, (_listed(folded),))
        return {row[0]: ArchiveWord(*row) for row in rows}

    def _rows(self, sql: str, values: tuple[str | int, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(
                f"The lexicon {self._path} cannot be read: {error}.",
                "Delete that file; the next ingest gathers the names anew.",
            ) from error


def _listed(texts: Iterable[str]) -> str:
    """Many values as one parameter, so that the statement is compiled once."""
    return json.dumps(list(dict.fromkeys(texts)))


def _most_frequent(values: list[KnownName]) -> tuple[KnownName, ...]:
    values.sort(key=lambda each: (-each.count, each.field, each.folded))
    return tuple(values[:READINGS])


def _fill(connection: sqlite3.Connection, contents: LexiconContents) -> None:
    """Add the contents; in the order of the tables' keys, so that pages are filled up.

    Counts may be below 0. What nothing has any more is removed.
    """
    connection.executescript(_TABLES + PART_TABLE)
    connection.execute("BEGIN")
    connection.executemany(_ADD_VALUE, (_row(each) for each, _ in contents.values))
    ids = _ids(connection, "SELECT field || char(0) || folded, id FROM value")
    connection.executemany(
        "INSERT OR IGNORE INTO name VALUES (?, ?)",
        sorted(
            (key, ids[f"{each.field}\x00{each.folded}"])
            for each, keys in contents.values
            for key in keys
        ),
    )
    connection.executemany(_ADD_START, sorted(_starts(contents).items()))
    connection.executemany(ADD_PART, sorted(parts((each for each, _ in contents.values), ids)))
    known = _ids(connection, "SELECT folded, id FROM word")
    connection.executemany(_ADD_WORD, map(_row, contents.words))
    ids = _ids(connection, "SELECT folded, id FROM word")
    new = (word for word in contents.words if word.folded not in known)
    connection.executemany(
        "INSERT INTO deletion VALUES (?, ?)",
        sorted(
            (key, ids[word.folded])
            for word in new
            for key in deletion_keys(word.folded, 2 if word.documents >= FREQUENT else 1)
        ),
    )
    _remove_gone(connection)
    _tell(connection, contents.info)
    connection.execute("COMMIT")


def _remove_gone(connection: sqlite3.Connection) -> None:
    """With all that leads to them: their numbers may be given to others."""
    gone = connection.execute(_GONE_VALUES, (TEXT, SAID)).fetchall()
    if gone:
        connection.execute(_GONE_NAMES, (json.dumps([number for number, _ in gone]),))
        connection.executemany(REMOVE_PART, parts_of(gone))
    words = connection.execute(_GONE_WORDS).fetchall()
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


def _ids(connection: sqlite3.Connection, sql: str) -> dict[str, int]:
    return dict(connection.execute(sql).fetchall())


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
