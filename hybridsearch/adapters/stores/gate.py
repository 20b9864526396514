"""A gate that many pass at once, or one alone.

In: threads that use something together. Out: a moment in which nobody uses it, so that it can be
exchanged. Who wants to be alone holds up those who come, and waits for those who are inside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """Not fair among threads: a moment alone is rare and short."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._shut = False

    @contextmanager
    def through(self) -> Iterator[None]:
        """Be inside with others; waits while one is alone."""
        with self._changed:
            while self._shut:
                self._changed.wait()
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, patience: float) -> Iterator[None]:
        """Be inside alone.

        Raises:
            TimeoutError: somebody stayed inside for longer than ``patience`` seconds.
        """
        deadline = time.monotonic() + patience
        with self._changed:
            while self._shut:
                self._changed.wait()
            self._shut = True
            try:
                while self._inside:
                    left = deadline - time.monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        raise TimeoutError("somebody stays inside")
            except BaseException:
                self._open()
                raise
        try:
            yield
        finally:
            with self._changed:
                self._open()

    def _open(self) -> None:
        self._shut = False
        self._changed.notify_all()
