"""What a cut-off does: what it keeps of the answers, and how often it is rightly silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.calibration.observations import Flags, Floats, Observations
from eval.calibration.separation import area_under_roc

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class Cut:
    """One least relevance, tried on every query with its answers and without them.

    ``precision`` is the share of relevant hits among those that pass, ``recall`` the share of
    the relevant candidates that pass, both pooled over the queries with answers. ``answered``
    is the share of those queries with a hit that passes; ``silent`` the share of queries whose
    answers were withheld for which nothing passes. None where there was nothing to count.
    """

    min_relevance: float
    precision: float | None
    recall: float | None
    answered: float | None
    silent: float | None


@dataclass(frozen=True, slots=True)
class CutOffs:
    """The cuts, and how well the best hit's relevance tells answered queries from others.

    ``detection`` is the area under the ROC curve: 0.5 is chance, 1 is perfect.
    """

    cuts: tuple[Cut, ...]
    detection: float | None


def cut_offs(
    predicted: Floats, observations: Observations, thresholds: Sequence[float] = THRESHOLDS
) -> CutOffs:
    """Try least relevances on predictions for queries that were not fitted on."""
    known = np.isfinite(predicted)
    seen, predicted = observations.rows(known), predicted[known]
    answered = np.unique(seen.query[seen.relevant])
    with_answer = _best(predicted, seen, ~seen.withheld)[answered]
    without = _best(predicted, seen, seen.withheld)[answered]
    without = without[np.isfinite(without)]
    cuts = tuple(_cut(each, predicted, seen, with_answer, without) for each in thresholds)
    if not len(with_answer) or not len(without):
        return CutOffs(cuts, None)
    best = np.concatenate([with_answer, without])
    has_answer = np.arange(len(best)) < len(with_answer)
    return CutOffs(cuts, area_under_roc(best, has_answer, np.ones(len(best))))


def _cut(
    least: float, predicted: Floats, seen: Observations, with_answer: Floats, without: Floats
) -> Cut:
    asked = ~seen.withheld
    passed = asked & (predicted >= least)
    good = float(seen.weight[passed & seen.relevant].sum())
    return Cut(
        least,
        _share(good, float(seen.weight[passed].sum())),
        _share(good, float(seen.weight[asked & seen.relevant].sum())),
        _share(float((with_answer >= least).sum()), len(with_answer)),
        _share(float((without < least).sum()), len(without)),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _best(predicted: Floats, seen: Observations, rows: Flags) -> Floats:
    """The highest prediction of each query among the rows; minus infinity without any."""
    best = np.full(len(seen.query_ids), -np.inf)
    np.maximum.at(best, seen.query[rows], predicted[rows])
    return best
