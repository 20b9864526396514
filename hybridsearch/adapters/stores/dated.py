"""Listing by a number in the payload instead of ranking: the newest or oldest that pass a filter.

In: ways to ask an engine for points ordered by a key, and for those without it. Out: one answer,
ties settled by point id, points without a value at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hybridsearch.adapters.stores.answers import Answer, Entry, asked_for, settle
from hybridsearch.domain.filters import Filter, Present

LEG = "date"

WITHOUT = -4_000_000.0
"""The score of a point without a value: below every day there is (9999-12-31 is 3,652,059)."""

Ordered = Callable[[int], list[Entry]]
"""The first so many points that have a value."""


def dated(limit: int, ordered: Ordered, without: Callable[[int], Sequence[int]]) -> Answer:
    """The first ``limit`` points; ``without`` gives those that have no value."""
    if limit < 1:
        return Answer(LEG, [])
    entries = settle(limit, ordered(asked_for(limit)), ordered)
    left = limit - len(entries)
    if left > 0:
        entries += [(-WITHOUT, each) for each in sorted(without(left))[:left]]
    return Answer(LEG, entries)


def lacking(key: str, filter: Filter) -> Filter:
    """What passes the filter and has no value at the key."""
    must = (filter,) if filter else ()
    return Filter(must=must, must_not=(Present(key),))


def score_of(value: float, newest: bool) -> float:
    """Higher is better: the later day, or the earlier one."""
    return float(value) if newest else -float(value)
