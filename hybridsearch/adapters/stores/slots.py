"""Where the files of an embedded index lie while a service has it: in one of two slots.

In: the folder of an ``EdgeStore``, which holds ``shard``. Out: the same index in a slot, a folder
like a store's own, so that a better build of it can be opened in the other slot before it takes
over. The file ``live`` names the slot that counts; without it ``shard`` counts. Whoever holds the
folder's lock may call these; a crash at any moment leaves one index that counts, and whole.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SHARD = "shard"
LIVE = "live"
SLOTS = ("slot-1", "slot-2")

_PART = 2**18
_ZEROS = bytes(_PART)


def into_slot(folder: Path) -> Path:
    """Move the index into a slot, to be opened there; there may be none yet.

    Raises:
        OSError: the folder cannot be written.
    """
    mend(folder)
    slot = folder / SLOTS[0]
    slot.mkdir()
    # Named first: until the move, the slot that is named is empty, and so does not count.
    make_live(folder, slot)
    if (folder / SHARD).exists():
        (folder / SHARD).rename(slot / SHARD)
    return slot


def copied(folder: Path, slot: Path) -> Path:
    """A copy of a slot's index in the other slot; the index must not be written meanwhile.

    Raises:
        OSError: there is no room, or no permission.
    """
    (name,) = set(SLOTS) - {slot.name}
    other = folder / name
    shutil.rmtree(other, ignore_errors=True)
    other.mkdir()
    shutil.copytree(slot / SHARD, other / SHARD, copy_function=copy_file)
    return other


def copy_file(source: str, target: str) -> None:
    """Without its empty parts: engines set aside hundreds of megabytes that hold nothing yet."""
    with Path(source).open("rb") as read, Path(target).open("wb") as written:
        while part := read.read(_PART):
            if part == _ZEROS:
                written.seek(len(part), os.SEEK_CUR)
            else:
                written.write(part)
        written.truncate(written.tell())


def make_live(folder: Path, slot: Path) -> None:
    """From now on this slot counts, also after a loss of power.

    Raises:
        OSError: the folder cannot be written.
    """
    beside = folder / f"{LIVE}.new"
    with beside.open("w", encoding="ascii") as stream:
        stream.write(slot.name)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(folder / LIVE)
    _to_disk(folder)


def mend(folder: Path) -> None:
    """Put the index that counts back to where a store opens it, after an end of any kind.

    Raises:
        OSError: the folder cannot be written.
    """
    named = folder / LIVE
    if named.exists():
        live = folder / named.read_text(encoding="ascii").strip() / SHARD
        if live.exists():
            shutil.rmtree(folder / SHARD, ignore_errors=True)
            live.rename(folder / SHARD)
            _to_disk(folder)
        named.unlink()
    for name in SLOTS:
        discard(folder / name)


def discard(slot: Path) -> None:
    """Remove a slot that does not count."""
    shutil.rmtree(slot, ignore_errors=True)


def has_room(folder: Path, slot: Path) -> bool:
    """Whether the disk has room for a copy of the index and for the build in it."""
    size = sum(each.stat().st_blocks * 512 for each in (slot / SHARD).rglob("*"))
    return shutil.disk_usage(folder).free > 3 * size


def _to_disk(folder: Path) -> None:
    if os.name != "posix":  # a folder cannot be opened elsewhere
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
