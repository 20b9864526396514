"""A file's bytes: whole, within the limit, whatever happens to the file meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.errors import PictureError
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.originals import read_original
from tests.hostile import picture


class ChangesTheFile(FileMediaReader):
    """Changes a file between its first bytes and the rest, as a program that writes it would."""

    def __init__(self, change: Callable[[], object]) -> None:
        super().__init__()
        self._change = change

    def recognise(self, head: bytes) -> str:
        told = super().recognise(head)
        self._change()
        return told


def entry(path: Path) -> Entry:
    return Entry("a", path, str(path))


@pytest.mark.parametrize("size", [0, 1, 64, 2**20, 3 * 2**20 + 7])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture() + os.urandom(size))
    assert read_original(entry(path), FileMediaReader()) == path.read_bytes()


@pytest.mark.parametrize("more", [1, 5, 2**20 + 1, 3 * 2**20])
def test_what_is_written_meanwhile_is_read_too(tmp_path: Path, more: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())

    def grow() -> None:
        with path.open("ab") as stream:
            stream.write(b"x" * more)

    data = read_original(entry(path), ChangesTheFile(grow))
    assert data == picture() + b"x" * more


def test_a_file_that_grows_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())
    limit = len(picture()) + 1000

    def grow() -> None:
        with path.open("ab") as stream:
            stream.write(b"x" * 5000)

    with pytest.raises(PictureError, match="more than the"):
        read_original(entry(path), ChangesTheFile(grow), max_file_bytes=limit)


def test_a_file_that_shrinks_gives_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture() + b"x" * 10_000)
    left = len(picture())
    data = read_original(entry(path), ChangesTheFile(lambda: os.truncate(path, left)))
    assert data == picture()
