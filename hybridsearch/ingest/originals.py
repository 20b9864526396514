"""The bytes of an entry's picture, wherever it lies, read within limits.

In: an entry. Out: its file's bytes. A file that is no picture by its first bytes is refused before
the rest is read, so that a disk image named ``.jpg`` costs nothing.
"""

from __future__ import annotations

import os
import stat
from io import FileIO
from pathlib import Path

from hybridsearch.errors import PictureError
from hybridsearch.ingest.entry import Entry
from hybridsearch.ports import HEAD_BYTES, MediaReader, RemoteFiles

MAX_FILE_BYTES = 512 * 2**20
"""A larger file is no picture of an archive but a mistake or an attack."""

_PART = 2**20
"""Bytes that are asked for where a file turns out longer than it said."""


def read_original(
    entry: Entry,
    media: MediaReader,
    remote: RemoteFiles | None = None,
    max_file_bytes: int = MAX_FILE_BYTES,
) -> bytes:
    """The whole file of an entry that has a picture.

    Raises:
        PictureError: no regular file, too large, or of no format that ``media`` reads; a URL
            where there is no ``remote``.
        OSError: the file is not there or may not be read.
    """
    if entry.path is not None:
        return _of_path(entry.path, media, max_file_bytes)
    if entry.url is None or remote is None:
        raise PictureError(
            f"{entry.url} cannot be fetched here.",
            "Install hybridsearch[remote], or list files by path.",
        )
    data = remote.read(entry.url, max_file_bytes)
    media.recognise(data[:HEAD_BYTES])
    return data


def _of_path(path: Path, media: MediaReader, max_file_bytes: int) -> bytes:
    with _opened(path) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise PictureError("It is no regular file.", "Ingest files, not pipes or devices.")
        if status.st_size > max_file_bytes:
            raise too_large(status.st_size, max_file_bytes)
        media.recognise(stream.read(HEAD_BYTES) or b"")
        stream.seek(0)
        data = _whole(stream, status.st_size + 1, max_file_bytes + 1)
    if len(data) > max_file_bytes:  # it has grown meanwhile
        raise too_large(len(data), max_file_bytes)
    return data


def _whole(stream: FileIO, expected: int, most: int) -> bytes:
    """What is in the file, up to ``most`` bytes; megabytes are read into one piece, not copied.

    A file that stands still gives less than ``expected`` bytes, and then nothing.
    """
    parts: list[bytes] = []
    left = most
    while left and (part := stream.read(min(left, _PART if parts else expected))):
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _opened(path: Path) -> FileIO:
    """Opened without waiting: a pipe has nobody at its other end."""
    without_waiting = getattr(os, "O_NONBLOCK", 0)
    binary = getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, os.O_RDONLY | without_waiting | binary), "rb", buffering=0)


def too_large(size: int, limit: int) -> PictureError:
    """The refusal of a file of so many bytes."""
    return PictureError(
        f"It has {size / 2**20:,.0f} MiB, more than the {limit / 2**20:,.0f} MiB allowed.",
        "Raise ingest.max_file_mib if it is a picture.",
    )
