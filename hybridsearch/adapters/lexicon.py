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
from pathlib import Path
from threading import Lock
from typing import Any

from hybridsearch.adapters.deletions import deletion_keys
from hybridsearch.adapters.lexicon_parts import LAST, WORDS_FROM, completion_sql
from hybridsearch.adapters.lexicon_rows import FORMAT, fill
from hybridsearch.adapters.remembered import Remembered
from hybridsearch.domain.names import ArchiveWord, KnownName, LexiconInfo
from hybridsearch.errors import StoreError
from hybridsearch.ports import LexiconContents

FILE_NAME = "lexicon.sqlite"

READINGS = 8
"""Values told for one key: the most frequent. More would tell a person nothing."""

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
                fill(connection, contents)
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
