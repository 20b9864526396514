"""Vectors of labels in one SQLite file, by a digest of encoder and prompts.

Content-addressed: what stands under a key never changes, so writers need not agree and an old
entry is never wrong, only unused. Nothing here is the truth: the file may be deleted at any time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from hybridsearch.ports import Vector

_TABLE = "CREATE TABLE IF NOT EXISTS vector (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID"
_READ = "SELECT key, value FROM vector WHERE key IN (SELECT value FROM json_each(?))"
_WRITE = "INSERT OR IGNORE INTO vector VALUES (?, ?)"

_WAIT_SECONDS = 10.0


class SqliteVectors:
    """A file of vectors (float32); processes and threads may share it.

    A file that cannot be read or written is as good as none: vectors are then made each time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, keys: Sequence[str]) -> Mapping[str, Vector]:
        if not self._path.is_file():
            return {}
        try:
            with self._opened() as connection:
                rows = connection.execute(_READ, (json.dumps(list(keys)),)).fetchall()
        except sqlite3.Error:
            return {}
        return {key: np.frombuffer(value, "<f4").astype(np.float32) for key, value in rows}

    def write(self, vectors: Mapping[str, Vector]) -> None:
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._opened() as connection:
                connection.execute(_TABLE)
                connection.executemany(_WRITE, rows)
        except (OSError, sqlite3.Error):
            return

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction: threads share none, and no lock outlives the call."""
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as connection, connection:
            yield connection
