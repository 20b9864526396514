"""Files that harm whoever reads them: a reader of pictures that obeys what a file says.

Real decoders are harmed by files that cannot be kept in a repository, and are mended one by one;
these do the same to any process that reads them. Importable, for it travels to reader processes.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import numpy as np

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.ports import Picture

MARK = b"harm:"


class ObedientMediaReader(FileMediaReader):
    """Reads pictures as always, but does what stands in the file's last bytes after ``MARK``."""

    def decode(self, data: bytes) -> Picture:
        _, mark, harm = data.rpartition(MARK)
        if mark:
            _HARMS[harm.decode()]()
        return super().decode(data)


def _eat() -> None:
    """Asks for memory until there is none; filling it would take a busy machine seconds."""
    hoard = []
    while True:
        hoard.append(np.empty(64 * 2**20, np.uint8))


def _spin() -> None:
    while True:
        pass


def _fail() -> None:
    raise ZeroDivisionError("nobody expected this")


def _shout() -> None:
    os.write(2, b"noise " * 100_000)
    print("more noise")  # noqa: T201


_HARMS: dict[str, Callable[[], object]] = {
    "hang": lambda: time.sleep(3600),
    "spin": _spin,
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "out of memory": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "leave": lambda: os._exit(3),
    "eat": _eat,
    "fail": _fail,
    "shout": _shout,
}
"""What stands in a file, and what it does; the kernel ends with SIGKILL who takes all memory."""


def harmful(picture: bytes, harm: str) -> bytes:
    """The picture's file with the harm behind its end, where decoders do not look."""
    return picture + MARK + harm.encode()
