"""Token buckets: how many requests a key may make.

In: whose request it is. Out: how long it must wait, 0 where it may go on. A bucket holds ``burst``
tokens and gains ``rate`` a second; a request takes one (the leaky bucket as a meter, ITU-T I.371
annex A). The state is two numbers for each key, in this process, for only one process serves an
archive.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

_MOST = 10_000
"""Buckets kept; the one that was not used for longest goes first, and it is full by then."""


class Buckets:
    """One bucket for each name. Safe to share among threads."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._state: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str, wanted: float = 1.0) -> float:
        """Take a token, or a part of one; 0, or the seconds until it is there (none is taken)."""
        with self._lock:
            now = self._clock()
            tokens, since = self._state.get(name, (self._burst, now))
            tokens = min(self._burst, tokens + (now - since) * self._rate)
            wait = 0.0 if tokens >= wanted else (wanted - tokens) / self._rate
            self._state[name] = (tokens - wanted if wait == 0 else tokens, now)
            self._state.move_to_end(name)
            while len(self._state) > _MOST:
                self._state.popitem(last=False)
            return wait
