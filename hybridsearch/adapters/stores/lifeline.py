"""A line between two processes: when the parent ends in any way, the kernel ends the child.

In: a pipe, whose writing end the parent keeps to itself, and whose reading end its child inherits.
Out: nothing, ever. A child that waits for its input notices the parent's end by itself; one that
is deep in the engine does not for as long as that takes, half an hour perhaps, and writes to an
index that others have opened since. The kernel asks nobody: it sends SIGIO, which nothing
handles. (Linux' ``PR_SET_PDEATHSIG`` would tell of the end of the parent's *thread*.)
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress


class Lifeline:
    """The parent's end. Where the system has no such signal, ``handed`` is empty."""

    def __init__(self) -> None:
        self._ends: tuple[int, ...] = os.pipe() if os.name == "posix" else ()

    @property
    def handed(self) -> tuple[int, ...]:
        """The file descriptor to be inherited by the child."""
        return self._ends[:1]

    def given(self) -> None:
        """The child has its end; keep only ours."""
        _close(self.handed)
        self._ends = self._ends[1:]

    def close(self) -> None:
        """Let go, which ends a child that still holds on. Twice is no error."""
        _close(self._ends)
        self._ends = ()


def hold_on(descriptor: int) -> None:
    """End this process, whatever it is doing, as soon as the other end is closed."""
    import fcntl  # on this side only: it is there wherever a descriptor is handed over

    with suppress(OSError):  # a system that has no such signal for pipes
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
    poll = select.poll()
    poll.register(descriptor, select.POLLHUP)
    if poll.poll(0):  # it was closed before the signal was asked for
        sys.exit()


def _close(descriptors: tuple[int, ...]) -> None:
    for each in descriptors:
        os.close(each)
