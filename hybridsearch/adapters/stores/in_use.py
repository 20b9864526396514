"""Something that many use and that may be replaced: who began with the old one ends with it.

In: a value. Out: the value of now, for as long as somebody uses it; and the moment at which nobody
uses the old one any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Generic, TypeVar

Value = TypeVar("Value")


class _Held(Generic[Value]):
    def __init__(self, value: Value) -> None:
        self.value = value
        self.users = 0


class InUse(Generic[Value]):
    """Safe to use from many threads; nobody ever waits to use it."""

    def __init__(self, value: Value) -> None:
        self._now = _Held(value)
        self._changed = Condition()

    @property
    def value(self) -> Value:
        """The value of now."""
        return self._now.value

    @contextmanager
    def used(self) -> Iterator[Value]:
        """Use the value of now, which stays whole until the end."""
        with self._changed:
            held = self._now
            held.users += 1
        try:
            yield held.value
        finally:
            with self._changed:
                held.users -= 1
                if not held.users:
                    self._changed.notify_all()

    def replace(self, value: Value) -> Callable[[float], bool]:
        """Put another value in its place.

        Returns:
            what waits for the last user of the old one: it takes the seconds to wait at most,
            and tells whether all have left.
        """
        with self._changed:
            old, self._now = self._now, _Held(value)

        def drained(patience: float) -> bool:
            with self._changed:
                return self._changed.wait_for(lambda: not old.users, patience)

        return drained
