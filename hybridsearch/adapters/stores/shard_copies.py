"""The files of an embedded index while a better build of it is made beside it.

In: the folder of an ``EdgeStore``. Out: a copy to build in, and the exchange of the two, which a
crash at any moment leaves whole: what was live before, or what is live after.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SHARD = "shard"
BESIDE = "next"
"""Holds the copy, as a store's folder of its own."""

_BEFORE = "shard.before"


def copy_beside(folder: Path) -> Path:
    """Copy the index and answer the copy's folder; the index must not be written meanwhile.

    Raises:
        OSError: there is no room, or no permission.
    """
    beside = folder / BESIDE
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    shutil.copytree(folder / SHARD, beside / SHARD)
    return beside


def has_room(folder: Path) -> bool:
    """Whether the disk has room for the copy and for the build in it."""
    size = sum(each.stat().st_blocks * 512 for each in (folder / SHARD).rglob("*"))
    return shutil.disk_usage(folder).free > 3 * size


def exchange(folder: Path) -> None:
    """Put the copy in the place of the index; neither may be open. ``clear`` comes later.

    Raises:
        OSError: a folder cannot be renamed; the index is where it was.
    """
    try:
        (folder / SHARD).rename(folder / _BEFORE)
        (folder / BESIDE / SHARD).rename(folder / SHARD)
        _to_disk(folder)
    finally:
        _restore(folder)


def clear(folder: Path) -> None:
    """Remove what is left of a copy and of what was exchanged."""
    for name in (BESIDE, _BEFORE):
        shutil.rmtree(folder / name, ignore_errors=True)


def mend(folder: Path) -> None:
    """After a crash: undo half an exchange. To be called before the index is opened."""
    if (folder / _BEFORE).exists() or (folder / BESIDE).exists():
        _restore(folder)
        clear(folder)


def _restore(folder: Path) -> None:
    before, live = folder / _BEFORE, folder / SHARD
    if before.exists() and not live.exists():
        before.rename(live)


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
