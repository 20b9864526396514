"""One process per index folder, and a message that says which one it is.

In: a folder. Out: a lock on it, held until released or until the process ends in any way, and with
it the children that inherited the lock.
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

ENDING = 10.0
"""Seconds to wait for what a process left behind that was killed: its engine is about to end."""

_EVERY = 0.02
"""Seconds between two looks at the lock meanwhile."""

_AT_ONCE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


def command_line() -> str:
    """This process's command as a person would type it: program name and arguments."""
    return " ".join([Path(sys.argv[0]).name or "python", *sys.argv[1:]])


class FolderLock:
    """An exclusive lock on a folder; the operating system drops it when the process dies.

    Waits for the children of a holder that is dead already, and for nobody else.

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
            _take(handle, self._holder_file)
        except portalocker.LockException as fault:
            handle.close()
            raise _locked(folder, self._holder_file) from fault
        self._handle: IO[str] | None = handle
        try:
            self._describe(holder or command_line(), pid or os.getpid())
        except OSError as fault:
            self.release()
            raise _unwritable(folder, fault) from fault

    @property
    def descriptor(self) -> int:
        """The open file that holds the lock, for children that are to hold it too."""
        if self._handle is None:
            raise ValueError("the lock was released")
        return self._handle.fileno()

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


def _take(handle: IO[str], holder_file: Path) -> None:
    deadline = time.monotonic() + ENDING
    while True:
        try:
            return portalocker.lock(handle, _AT_ONCE)
        except portalocker.LockException:
            if time.monotonic() > deadline or _holder_lives(holder_file):
                raise
        time.sleep(_EVERY)


def _holder_lives(holder_file: Path) -> bool:
    """As far as can be known: it may run elsewhere, on a disk that is shared."""
    try:
        pid = int(json.loads(holder_file.read_text(encoding="utf-8"))["pid"])
        if os.name != "posix":  # there is no harmless signal elsewhere
            return True
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError, ValueError, KeyError, TypeError):
        return True
    return True


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
