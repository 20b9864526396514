"""Means of measures over each class of queries, with intervals.

In: an evaluation's scores. Out: a mean with its bootstrap interval for every system, class and
measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.collections import JudgedQuery
from eval.comparison import intervals
from eval.evaluation import Evaluation, Interval, Scores, classes_of

RESAMPLES = 2000
"""A fifth of what a comparison takes: these intervals are looked at, not decided by."""


@dataclass(frozen=True, slots=True)
class Mean:
    """How good a system is on one measure over one class of queries."""

    system: str
    query_class: str
    measure: str
    queries: int
    interval: Interval


def measures_of(evaluation: Evaluation) -> list[str]:
    """The measures in the order they were taken."""
    names: dict[str, None] = {}
    for scores in evaluation.scores:
        for per_query in scores.per_query.values():
            names.update(dict.fromkeys(per_query))
    return list(names)


def primary_measure(evaluation: Evaluation) -> str:
    """The measure that the page opens with: that of the regrets, else of the comparisons."""
    told = [each.measure for each in evaluation.regrets]
    told += [each.measure for each in evaluation.comparisons]
    if told:
        return told[0]
    measures = measures_of(evaluation)
    return "nDCG@10" if "nDCG@10" in measures or not measures else measures[0]


def means(evaluation: Evaluation) -> list[Mean]:
    """By class, then system, then measure; equal input gives equal intervals."""
    measures = measures_of(evaluation)
    columns = [(scores.system, measure) for scores in evaluation.scores for measure in measures]
    found: list[Mean] = []
    for name, queries in classes_of(evaluation.queries).items():
        # One draw of queries serves every system and measure: they are paired by query.
        table = np.hstack([_table(scores, queries, measures) for scores in evaluation.scores])
        drawn = intervals(table, rounds=RESAMPLES, bounds=(0.0, 1.0))
        found += [
            Mean(system, name, measure, len(queries), interval)
            for (system, measure), interval in zip(columns, drawn, strict=True)
        ]
    return found


def _table(
    scores: Scores, queries: Sequence[JudgedQuery], measures: Sequence[str]
) -> NDArray[np.float64]:
    rows = [[scores.per_query[query.id].get(each, 0.0) for each in measures] for query in queries]
    return np.array(rows, dtype=np.float64)
