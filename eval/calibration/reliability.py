"""Reliability: do candidates that were given a probability of p turn out relevant in p of cases?

In: predictions for queries that were not fitted on. Out: the reliability diagram's bins and the
expected calibration error, with intervals from resampling queries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.calibration.fit import log_loss
from eval.calibration.observations import Flags, Floats, Integers, Observations
from eval.evaluation import Interval

BINS = 15
RESAMPLES = 1000
CONFIDENCE = 0.95
RULE_OF_THREE = 3.0
"""Where none of n was relevant, the rate is below 3 / n at 95 % (Hanley, Lippman-Hand 1983)."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Candidates whose predictions lie together; ``low`` and ``high`` are their range."""

    low: float
    high: float
    predicted: float
    observed: Interval
    candidates: float
    relevant: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far a set of probabilities can be believed.

    ``ece`` is the expected calibration error over bins of equal mass, which follow the
    predictions (adaptive calibration error; Nixon et al. 2019); ``ece_equal_width`` that over
    bins of equal width (Guo et al. 2017). ``brier_skill`` is what the predictions save of the
    Brier score of always saying ``base_rate``: 0 saves nothing, 1 is perfect.
    """

    bins: tuple[Bin, ...]
    ece: Interval
    ece_equal_width: Interval
    brier: float
    brier_skill: float
    log_loss: float
    base_rate: float
    candidates: int
    relevant: int
    queries: int


def reliability(
    predicted: Floats, observations: Observations, bins: int = BINS, seed: int = 0
) -> Reliability:
    """Judge predictions; rows without one (NaN) are left out.

    Raises:
        ValueError: no row has a prediction.
    """
    known = np.isfinite(predicted)
    if not known.any():
        raise ValueError("there is no prediction to judge")
    seen, predicted = observations.rows(known), predicted[known]
    outcome = seen.relevant.astype(np.float64)
    rate = float(np.average(outcome, weights=seen.weight))
    brier = float(np.average((predicted - outcome) ** 2, weights=seen.weight))
    mass = _Sums.of(_equal_mass(predicted, seen.weight, bins), predicted, seen)
    width = _Sums.of(_equal_width(predicted, bins), predicted, seen)
    draws = _draws(mass.queries, seed)
    return Reliability(
        _bins(mass, predicted, seen, draws),
        _ece(mass, draws),
        _ece(width, draws),
        brier,
        1 - brier / (rate * (1 - rate)) if 0 < rate < 1 else 0.0,
        log_loss(predicted, seen.relevant, seen.weight),
        rate,
        len(seen),
        int(seen.relevant.sum()),
        mass.queries,
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """By query and bin: weight, weighted predictions, weighted outcomes.

    A resample of the queries is a vector of counts; its sums are one product with these.
    """

    bin_of: Integers
    weight: Floats
    predicted: Floats
    relevant: Floats

    @classmethod
    def of(cls, bin_of: Integers, predicted: Floats, seen: Observations) -> _Sums:
        names, row = np.unique(seen.query, return_inverse=True)
        shape = (len(names), int(bin_of.max()) + 1)

        def summed(values: Floats) -> Floats:
            cells = np.bincount(row * shape[1] + bin_of, values, shape[0] * shape[1])
            return cells.astype(np.float64).reshape(shape)

        return cls(
            bin_of,
            summed(seen.weight),
            summed(seen.weight * predicted),
            summed(seen.weight * seen.relevant.astype(np.float64)),
        )

    @property
    def queries(self) -> int:
        return len(self.weight)


def _equal_mass(predicted: Floats, weight: Floats, bins: int) -> Integers:
    """Bins of about equal weight; equal predictions stay together."""
    _, place = np.unique(predicted, return_inverse=True)
    mass = np.bincount(place, weight)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    return _numbered(np.minimum((middle * bins).astype(np.int64), bins - 1)[place])


def _equal_width(predicted: Floats, bins: int) -> Integers:
    return _numbered(np.minimum((predicted * bins).astype(np.int64), bins - 1))


def _numbered(bin_of: Integers) -> Integers:
    """The bins that have candidates, from 0."""
    numbers: npt.NDArray[np.int64] = np.unique(bin_of, return_inverse=True)[1].astype(np.int64)
    return numbers


def _draws(queries: int, seed: int) -> Floats:
    """How often each query is in each resample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(queries, np.full(queries, 1 / queries), RESAMPLES).astype(np.float64)


def _ece(sums: _Sums, draws: Floats) -> Interval:
    """Weighted mean distance of predicted and observed rate over the bins.

    Its bootstrap is the basic one (Davison and Hinkley 1997): a resample's error is larger than
    the sample's for the same reason that the sample's is larger than the truth, so the
    distribution is mirrored at the sample's. The interval is widened to hold the sample's error.
    """

    def error(counts: Floats) -> Floats:
        gap = np.abs(counts @ sums.predicted - counts @ sums.relevant)
        found: Floats = gap.sum(axis=1) / (counts @ sums.weight).sum(axis=1)
        return found

    mean = float(error(np.ones((1, sums.queries)))[0])
    low, high = map(float, np.quantile(error(draws), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
    return Interval(mean, min(mean, max(0.0, 2 * mean - high)), max(mean, 2 * mean - low))


def _bins(sums: _Sums, predicted: Floats, seen: Observations, draws: Floats) -> tuple[Bin, ...]:
    weight = draws @ sums.weight
    with np.errstate(invalid="ignore"):
        rates = np.where(weight > 0, draws @ sums.relevant / weight, np.nan)
    made = []
    for number in range(sums.weight.shape[1]):
        rows: Flags = sums.bin_of == number
        mass = float(sums.weight[:, number].sum())
        relevant = int(seen.relevant[rows].sum())
        rate = float(sums.relevant[:, number].sum()) / mass
        low, high = np.nanquantile(rates[:, number], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        if relevant == 0:
            high = min(1.0, RULE_OF_THREE / mass)
        own = predicted[rows]
        mean = float(sums.predicted[:, number].sum()) / mass
        made.append(
            Bin(
                float(own.min()),
                float(own.max()),
                mean,
                Interval(rate, float(low), float(high)),
                mass,
                relevant,
            )
        )
    return tuple(made)
