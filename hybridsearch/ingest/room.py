"""Room on the disk, looked at before it is gone.

An embedded engine writes through mapped memory: on a full disk its process is ended by the system
(SIGBUS) without a word, so the ingest stops while there is some room left.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hybridsearch.errors import StoreError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REMEDY = "Make room, then run the ingest again: it goes on where it stopped."


@dataclass(frozen=True, slots=True)
class Room:
    """The disk of a folder, and how many bytes of it an ingest leaves free."""

    folder: Path
    least_bytes: int

    def check(self) -> None:
        """Return where there is room.

        Raises:
            StoreError: there is less than ``least_bytes``.
        """
        free = shutil.disk_usage(self.folder).free
        if free < self.least_bytes:
            raise StoreError(
                f"The disk of {self.folder} has {free / 2**20:,.0f} MiB left; an ingest leaves "
                f"{self.least_bytes / 2**20:,.0f} MiB free (ingest.min_free_mib).",
                _REMEDY,
            )


@contextmanager
def full_disk_told() -> Iterator[None]:
    """A small file that finds no room is told as a full store is.

    Raises:
        StoreError: the disk, or what this user may have of it, is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        where = f" to {error.filename}" if error.filename else ""
        raise StoreError(f"Nothing can be written{where}: {error.strerror}.", _REMEDY) from error
