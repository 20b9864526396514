"""Timing on a shared machine: calls take turns, and the median speaks.

In: calls and what to call them with. Out: milliseconds. A machine that is busy slows all calls
alike when they are interleaved, so their ratio holds where absolute times do not.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")

_EVERY = 10.0
"""Seconds between two signs of life."""


def interleaved(
    calls: Mapping[str, Callable[[Item], object]], items: Sequence[Item], label: str
) -> dict[str, list[float]]:
    """Milliseconds of every call for every item, in an order drawn anew for each item (seeded).

    In a fixed order, also a rotated one, a call that comes after another on the same data
    would always find it in the processor's caches.
    """
    names = list(calls)
    taken: dict[str, list[float]] = {name: [] for name in names}
    order = random.Random(0)
    for item in counted(items, label, len(items)):
        for name in order.sample(names, len(names)):
            call = calls[name]
            started = time.perf_counter()
            call(item)
            taken[name].append((time.perf_counter() - started) * 1000)
    return taken


def middle(milliseconds: Sequence[float]) -> float:
    """The median."""
    return float(median(milliseconds))


def high(milliseconds: Sequence[float], share: float = 0.95) -> float:
    """The time that ``share`` of the calls stay below."""
    ordered = sorted(milliseconds)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def counted(items: Iterable[Item], label: str, total: int) -> Iterator[Item]:
    """Pass the items on, telling on standard error every few seconds how far it is."""
    last = time.monotonic()
    for place, item in enumerate(items):
        now = time.monotonic()
        if now - last > _EVERY:
            print(f"{label}: {place:,} of {total:,}", file=sys.stderr, flush=True)
            last = now
        yield item


def say(text: str) -> None:
    """Tell on standard error what takes its time now."""
    print(text, file=sys.stderr, flush=True)
