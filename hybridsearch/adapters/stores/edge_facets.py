"""Counting values in the embedded engine, exactly and yet fast.

In: an open shard and a keyword key. Out: every value with its count. As measured on 0.9.0, at
100,000 points with as many values:

- ``exact=True`` counts the points of each value one by one: 2.7 s, and 73 ms for 90 values
  under a filter that passes half. It is always right.
- Otherwise all values are counted in one pass: 0.3 s, and 11 ms. That is right too, if it may
  name every value there is (asked for fewer than there are, it guesses which are frequent) and
  no point lies in two segments. A kill between two flushes leaves points in two segments, which
  the numbers of points give away: the estimate counts both, the exact count does not.
"""

from __future__ import annotations

import qdrant_edge as qe

_EVERY_VALUE = 2**31 - 1


def value_counts(
    shard: qe.EdgeShard, key: str, filter: qe.Filter | None, points: int
) -> list[tuple[str, int]]:
    """Every value of the key among the points that pass, with how many have it; in any order.

    ``points`` is the exact number of all points.
    """
    twice = shard.count(qe.CountRequest(exact=False)) != points
    request = qe.FacetRequest(key=key, limit=_EVERY_VALUE, exact=twice, filter=filter)
    return [(str(hit.value), hit.count) for hit in shard.facet(request).hits]
