"""A copy of an embedded index, also of one that another process has open.

In: the folder of a store, while nobody writes to it (``turns.Turns.alone``). Out: a folder like
it, which a store opens by itself. What the engine has acknowledged is in its files or in its log,
as after a kill, so the copy holds all of it.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from hybridsearch.adapters.stores.folder_lock import LOCK_FILE, FolderLock
from hybridsearch.adapters.stores.slots import LIVE, SHARD, copy_file
from hybridsearch.errors import StoreError

_ATTEMPTS = 5
_PAUSE = 0.2
"""Seconds between attempts: an index that was built beside may be taking its place."""


def copy_index(folder: Path, into: Path) -> None:
    """Copy the index that counts in ``folder`` to ``into``, which is replaced.

    Raises:
        StoreLocked: another process has the former copy open.
        StoreError: there is no index, or no room for a copy.
    """
    if (into / LOCK_FILE).exists():
        FolderLock(into).release()  # waits for an engine that a killed process left behind
    failed: OSError | None = None
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        shutil.rmtree(into, ignore_errors=True)
        try:
            into.mkdir(parents=True)
            place = _shard(folder)
            shutil.copytree(place, into / SHARD, copy_function=copy_file)
            if place == _shard(folder):
                return
        except FileNotFoundError as error:
            failed = error
        except (OSError, shutil.Error) as error:
            shutil.rmtree(into, ignore_errors=True)
            raise StoreError(
                f"The index in {folder} cannot be copied: {error}.",
                "Make room on that disk: a rebuild needs as much as the index takes, twice.",
            ) from error
    shutil.rmtree(into, ignore_errors=True)
    raise StoreError(
        f"There is no index to be copied in {folder} ({failed}).",
        "Run it again; if it stays, ingest the archive again.",
    )


def _shard(folder: Path) -> Path:
    """Where the index lies: in a slot while a service has it open."""
    named = folder / LIVE
    if named.exists():
        slot = folder / named.read_text(encoding="ascii").strip()
        if (slot / SHARD).exists():
            return slot / SHARD
    return folder / SHARD
