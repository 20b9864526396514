"""Which calls a search makes of its store, so that they can be made again without the search.

In: a store. Out: the same store, and after each search the calls that it made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hybridsearch.ports import Store

READING = ("rank", "retrieve", "idf", "count", "dated", "facet")


class Recorder:
    """Passes every call on, and remembers those that read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calls: list[Callable[[], object]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in READING:
            return method

        def recorded(*arguments: Any, **named: Any) -> Any:
            self._calls.append(lambda: method(*arguments, **named))
            return method(*arguments, **named)

        return recorded

    def taken(self) -> list[Callable[[], object]]:
        """The calls since the last time, to be made again."""
        calls, self._calls = self._calls, []
        return calls
