"""Batches whose files are read by others while one is embedded and written.

In: what starts reading a batch, and the batches of a source. Out: started batches, in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from hybridsearch.errors import HybridSearchError

Entries = TypeVar("Entries")
Started = TypeVar("Started")


class ReadingAhead(Generic[Entries, Started]):
    """Iterates over started batches; ``count`` of them wait while the one in hand is embedded.

    ``start_one`` is for the moment when the one in hand is embedded and about to be written: the
    cores are idle until it is on the disk, which takes about as long as reading a batch.

    Raises:
        HybridSearchError, OSError: what the source or the start raised, when the next batch is
            asked for: not before the one in hand could be written.
    """

    def __init__(
        self, batches: Iterator[Entries], start: Callable[[Entries], Started], count: int
    ) -> None:
        self._batches = batches
        self._start = start
        self._count = count
        self._waiting: deque[Started] = deque()
        self._fault: HybridSearchError | OSError | None = None

    def start_one(self) -> None:
        """Begin with one more batch, unless as many wait already."""
        if self._fault is not None or len(self._waiting) > self._count:
            return
        try:
            for entries in self._batches:
                self._waiting.append(self._start(entries))
                return
        except (HybridSearchError, OSError) as fault:
            self._fault = fault

    def __iter__(self) -> Iterator[Started]:
        while True:
            for _ in range(self._count + 1 - len(self._waiting)):
                self.start_one()
            if self._fault is not None:
                raise self._fault
            if not self._waiting:
                return
            yield self._waiting.popleft()
