"""Curves over whole rankings: precision at eleven levels of recall, and recall by depth.

In: runs and judged queries. Out: mean curves by system. Manning, Raghavan, Schütze 2008,
section 8.4: the interpolated precision at recall r is the highest at any recall of r or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.collections import JudgedQuery
from eval.runs import RankedAsset, Run

LEVELS = tuple(level / 10 for level in range(11))
DEPTHS = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Curves:
    """Means over one class of queries, by system."""

    depths: Sequence[int]
    precision: Mapping[str, Sequence[float]]
    """At each of ``LEVELS`` of recall."""
    recall: Mapping[str, Sequence[float]]
    """After each of ``depths`` results."""


def curves(runs: Sequence[Run], queries: Sequence[JudgedQuery]) -> Curves:
    """The curves of every run; depths go no deeper than the deepest ranking."""
    deepest = max((len(found) for run in runs for found in run.rankings.values()), default=1)
    depths = tuple(depth for depth in DEPTHS if depth <= max(1, deepest))
    precision, recall = {}, {}
    for run in runs:
        hits = [_hits(run.rankings.get(query.id, ()), query) for query in queries]
        totals = [sum(grade > 0 for grade in query.relevant.values()) for query in queries]
        pairs = list(zip(hits, totals, strict=True))
        precision[run.system] = _mean([_precisions(found, total) for found, total in pairs])
        recall[run.system] = _mean([_recalls(found, total, depths) for found, total in pairs])
    return Curves(depths, precision, recall)


def _hits(ranking: Sequence[RankedAsset], query: JudgedQuery) -> NDArray[np.int64]:
    """How many relevant assets stand at or above each rank."""
    relevant = [query.relevant.get(entry.asset_id, 0) > 0 for entry in ranking]
    return np.cumsum(np.array(relevant, dtype=np.int64))


def _precisions(hits: NDArray[np.int64], total: int) -> list[float]:
    if not total or not len(hits):
        return [0.0] * len(LEVELS)
    precision = hits / np.arange(1, len(hits) + 1)
    recall = hits / total
    # A level is reached when its share of the relevant assets is, rounding errors aside.
    return [float(precision[recall >= level - 1e-9].max(initial=0.0)) for level in LEVELS]


def _recalls(hits: NDArray[np.int64], total: int, depths: Sequence[int]) -> list[float]:
    if not total or not len(hits):
        return [0.0] * len(depths)
    return [float(hits[min(depth, len(hits)) - 1]) / total for depth in depths]


def _mean(rows: Sequence[Sequence[float]]) -> list[float]:
    return [float(value) for value in np.mean(np.array(rows, dtype=np.float64), axis=0)]
