"""Grades in a qrels file that is whole at every moment, whatever happens to the process.

In: judgements, one by one. Out: the file, on the disk before the judgement counts as made.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import IO

import portalocker

from eval.qrels import Grades, read_qrels, write_qrels
from hybridsearch.errors import SourceError

_AT_ONCE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


class Ledger:
    """The grades of one qrels file, for one process at a time.

    Grades that are in the file already count before those it is started with. Every change
    writes the file anew beside it and moves it into place: a reader, and a machine that loses
    its power, sees all of it as it was before or as it is after.

    Raises:
        SourceError: another process judges into the file, it cannot be read as qrels, or its
            folder cannot be written.
    """

    def __init__(self, path: Path, known: Grades) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._lock = _locked(path)
        try:
            earlier = read_qrels(path).grades if path.exists() else {}
        except BaseException:
            self.close()
            raise
        self._grades = {query_id: dict(judged) for query_id, judged in known.items()}
        for query_id, judged in earlier.items():
            self._grades.setdefault(query_id, {}).update(judged)
        self._seen = _state(path)

    def grade(self, query_id: str, asset_id: str) -> int | None:
        """The grade as it stands; None where there is none."""
        return self._grades.get(query_id, {}).get(asset_id)

    def set(self, query_id: str, asset_id: str, grade: int | None) -> None:
        """Note a grade, or with None take it back; durable when this returns.

        Raises:
            SourceError: the file was changed by something else meanwhile, or cannot be written;
                the judgement is then not made.
        """
        with self._turn:
            if self._lock.closed:
                raise SourceError("Judging has ended.", "Start it again to go on.")
            if _state(self._path) != self._seen:
                raise SourceError(
                    f"{self._path} was changed by another program while it was judged into.",
                    "Start judging again: it then goes on from the file as it is.",
                )
            after = {query: dict(judged) for query, judged in self._grades.items()}
            judged = after.setdefault(query_id, {})
            if grade is None:
                judged.pop(asset_id, None)
            else:
                judged[asset_id] = grade
            self._write(after)
            self._grades = after

    def close(self) -> None:
        """Let others judge into the file."""
        if not self._lock.closed:
            portalocker.unlock(self._lock)
            self._lock.close()

    def _write(self, grades: Grades) -> None:
        beside = self._path.with_name(f".{self._path.name}.new")
        try:
            write_qrels(grades, beside)
            _to_disk(beside)
            beside.replace(self._path)
            _to_disk(self._path.parent)
        except OSError as error:
            raise SourceError(
                f"The judgement cannot be written to {self._path}: {error.strerror or error}.",
                "Make room on the disk, or judge into another folder.",
            ) from error
        self._seen = _state(self._path)


def _locked(path: Path) -> IO[str]:
    beside = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = beside.open("a")
    except OSError as error:
        raise SourceError(
            f"{path.parent} cannot be written: {error.strerror or error}.",
            "Judge into a folder that this user may write.",
        ) from error
    try:
        portalocker.lock(handle, _AT_ONCE)
    except portalocker.LockException as error:
        handle.close()
        raise SourceError(
            f"Another process is judging into {path}.",
            "Stop it, or judge into another file and join the two afterwards.",
        ) from error
    return handle


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def _to_disk(path: Path) -> None:
    """Contents of a file, or a folder's names, out of the system's cache."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders, and writes names through.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
