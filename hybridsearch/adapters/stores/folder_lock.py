"""One process per index folder, and a message that says which one it is.

In: a folder. Out: a lock on it, held until released or until the process ends in any way.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import IO

import portalocker

from hybridsearch.errors import StoreError, StoreLocked

LOCK_FILE = "lock"
HOLDER_FILE = "holder.json"

_AT_ONCE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


def command_line() -> str:
    """This process's command as a person would type it: program name and arguments."""
    return " ".join([Path(sys.argv[0]).name or "python", *sys.argv[1:]])


class FolderLock:
    """An exclusive lock on a folder; the operating system drops it when the process dies.

    The holder's description lies in a file of its own, because some systems do not let
    others read a locked file.

    Raises:
        StoreLocked: another process (or another store of this one) holds the folder.
        StoreError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, holder: str | None = None, pid: int | None = None) -> None:
        self._holder_file = folder / HOLDER_FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = (folder / LOCK_FILE).open("a")
        except OSError as fault:
            raise _unwritable(folder, fault) from fault
        try:
            portalocker.lock(handle, _AT_ONCE)
        except portalocker.LockException as fault:
            handle.close()
            raise _locked(folder, self._holder_file) from fault
        self._handle: IO[str] | None = handle
        try:
            self._describe(holder or command_line(), pid or os.getpid())
        except OSError as fault:
            self.release()
            raise _unwritable(folder, fault) from fault

    def release(self) -> None:
        """Let others open the folder. Releasing twice is no error."""
        if self._handle is not None:
            self._holder_file.unlink(missing_ok=True)
            portalocker.unlock(self._handle)
            self._handle.close()
            self._handle = None

    def _describe(self, command: str, pid: int) -> None:
        text = json.dumps({"pid": pid, "command": command, "since": time.time()})
        # Written beside and moved, so that a second opener never reads half a description.
        beside = self._holder_file.with_suffix(f".{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._holder_file)


def _locked(folder: Path, holder_file: Path) -> StoreLocked:
    remedy = "Wait until it ends or stop it, then try again; or ask its service instead."
    try:
        holder = json.loads(holder_file.read_text(encoding="utf-8"))
        since = _clock(float(holder["since"]))
        who = f"process {int(holder['pid'])} ({str(holder['command'])[:200]}, since {since})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return StoreLocked(f"The index in {folder} is open in {who}.", remedy)


def _clock(moment: float) -> str:
    """Hours and minutes; with the date where it is not today's."""
    then = time.localtime(moment)
    same_day = time.strftime("%x", then) == time.strftime("%x")
    return time.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M", then)


def _unwritable(folder: Path, fault: OSError) -> StoreError:
    return StoreError(
        f"The index folder {folder} cannot be written: {fault.strerror or fault}.",
        "Choose a folder that this user may write, on a disk with space left.",
    )
