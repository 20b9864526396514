"""Sweeps with cross-validation by query: nothing is chosen and reported on the same queries.

In: one run for each setting. Out: every setting's mean, the setting each fold chose on the other
folds, and what the choices scored on the queries they had not seen.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.collections import JudgedQuery
from eval.evaluation import Scores
from eval.measures import measure
from eval.runs import Run

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found, on one measure.

    ``means`` are over all queries and say how flat the ground is; ``chosen`` counts how often
    each setting won on the training folds; ``held_out`` holds each query's measure under the
    setting that was chosen without it.
    """

    measure: str
    means: Mapping[str, float]
    chosen: Mapping[str, int]
    held_out: Scores

    @property
    def held_out_mean(self) -> float:
        """The figure to report: mean over queries of the held-out measures."""
        values = [each[self.measure] for each in self.held_out.per_query.values()]
        return sum(values) / len(values)


def fold_of(query_id: str, folds: int = FOLDS) -> int:
    """The fold of a query, decided by its id alone, so that it never moves."""
    return int.from_bytes(hashlib.sha256(query_id.encode()).digest()[:4], "big") % folds


def sweep(
    runs: Sequence[Run], queries: Sequence[JudgedQuery], by: str, folds: int = FOLDS
) -> Sweep:
    """Choose among runs (one for each setting) by cross-validation over the queries.

    Ties are decided for the setting that comes first: put the plainest first.

    Raises:
        ValueError: there are no runs, or two have the same name.
    """
    if not runs or len({run.system for run in runs}) != len(runs):
        raise ValueError("a sweep needs runs with names of their own")
    scores = {run.system: measure(run, queries) for run in runs}
    ids = [query.id for query in queries]
    chosen: Counter[str] = Counter()
    held_out: dict[str, Mapping[str, float]] = {}
    for fold in range(folds):
        test = [each for each in ids if fold_of(each, folds) == fold]
        train = [each for each in ids if fold_of(each, folds) != fold]
        if not test:
            continue
        best = max(scores, key=lambda name: _mean(scores[name], train, by))
        chosen[best] += 1
        held_out.update({each: scores[best].per_query[each] for each in test})
    means = {name: _mean(each, ids, by) for name, each in scores.items()}
    return Sweep(by, means, dict(chosen), Scores("chosen by cross-validation", held_out))


def _mean(scores: Scores, ids: Sequence[str], by: str) -> float:
    return sum(scores.per_query[each][by] for each in ids) / len(ids) if ids else 0.0
