"""What a file that never changes said about keys, kept for those asked before.

In: keys. Out: what the file has of them. The words of queries come again and again; asking a
database anew takes longer than all else that recognises the names of a query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST = 50_000
"""Keys that are kept; with the next ones all are forgotten. A word takes some 300 bytes."""


class Remembered(Generic[Value]):
    """Threads may share it.

    Args:
        read: what the file has of keys, each given once; it leaves out those that it lacks.
        most: keys that are kept at most.
    """

    def __init__(
        self, read: Callable[[Sequence[str]], Mapping[str, Value]], most: int = MOST
    ) -> None:
        self._read = read
        self._most = most
        self._known: dict[str, Value | None] = {}

    def of(self, keys: Sequence[str]) -> dict[str, Value]:
        """What there is of the keys, by key."""
        known = self._known
        new = [key for key in dict.fromkeys(keys) if key not in known]
        if new and len(known) + len(new) > self._most:
            known = self._known = {}
            new = list(dict.fromkeys(keys))
        if new:
            found = self._read(new)
            known.update((key, found.get(key)) for key in new)
        told = {key: known[key] for key in keys}
        return {key: value for key, value in told.items() if value is not None}
