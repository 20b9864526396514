"""Validation: every probability that is judged comes from a model that has not seen its query.

In: judged candidates. Out: predictions for all of them, by leg and blended, fold by fold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eval.calibration.fit import evidence, fit_model, folds, probabilities_of
from eval.calibration.observations import Flags, Floats, Observations
from hybridsearch.domain.calibration import Blend, Calibration, RelevanceModel


@dataclass(frozen=True, slots=True)
class Predictions:
    """Probabilities row by row; NaN where a leg did not see the candidate."""

    by_leg: Mapping[str, Floats]
    blended: Floats


def out_of_fold(observations: Observations, by_class: bool = False, seed: int = 0) -> Predictions:
    """Predictions by models fitted on other queries.

    ``by_class`` lets each query be judged by the maps of its class, where there are such.
    """
    nowhere = np.full(len(observations), np.nan)
    by_leg = {leg: nowhere.copy() for leg in observations.legs}
    blended = nowhere.copy()
    made_by = dict.fromkeys(observations.legs, "")
    for fit_on, judge_on in folds(observations.query, seed):
        model = fit_model(observations.rows(fit_on), made_by, seed, by_class)
        part = predictions(model, observations.rows(judge_on), by_class)
        blended[judge_on] = part.blended
        for leg, column in part.by_leg.items():
            by_leg[leg][judge_on] = column
    return Predictions(by_leg, blended)


def predictions(
    model: RelevanceModel, observations: Observations, by_class: bool = False
) -> Predictions:
    """What ``RelevanceModel.judge`` says of every row, column by column."""
    nowhere = np.full(len(observations), np.nan)
    by_leg = {leg: nowhere.copy() for leg in observations.legs}
    blended = nowhere.copy()
    classes = sorted(set(observations.classes)) if by_class else [None]
    of_row = np.array(observations.classes, dtype=object)[observations.query]
    for name in classes:
        rows = np.flatnonzero(of_row == name) if name is not None else np.arange(len(observations))
        part = _of_class(model, observations.rows(rows), name)
        blended[rows] = part.blended
        for leg, column in part.by_leg.items():
            by_leg[leg][rows] = column
    return Predictions(by_leg, blended)


def _of_class(
    model: RelevanceModel, observations: Observations, query_class: str | None
) -> Predictions:
    maps = {leg: model.calibration(leg, query_class) for leg in observations.legs}
    by_leg = {
        leg: probabilities_of(known, observations.scores[leg])
        if known is not None
        else np.full(len(observations), np.nan)
        for leg, known in maps.items()
    }
    blended = np.full(len(observations), np.nan)
    table = np.column_stack([np.isfinite(column) for column in by_leg.values()])
    for pattern in np.unique(table, axis=0):
        rows: Flags = (table == pattern).all(axis=1)
        legs = [leg for leg, has in zip(by_leg, pattern, strict=True) if has]
        if legs:
            blend = model.blend(frozenset(legs), query_class)
            blended[rows] = _blended(blend, legs, maps, observations.rows(rows), by_leg, rows)
    return Predictions(by_leg, blended)


def _blended(
    blend: Blend | None,
    legs: list[str],
    maps: Mapping[str, Calibration | None],
    observations: Observations,
    by_leg: Mapping[str, Floats],
    rows: Flags,
) -> Floats:
    if blend is None:
        best: Floats = np.max([by_leg[leg][rows] for leg in legs], axis=0)
        return best
    total = np.full(len(observations), blend.bias)
    for leg, weight in zip(blend.legs, blend.weights, strict=True):
        known = maps[leg]
        if known is not None:
            total += weight * evidence(known, observations.scores[leg])
    found: Floats = 1 / (1 + np.exp(-total))
    return found
