"""Fitting: from judged candidates to the model that searches apply.

Each leg gets a monotone map from its score to the probability of relevance, isotonic or
logistic, whichever predicts queries it has not seen better; the legs of a search are then
blended by a logistic model of their log odds. scikit-learn fits; searches do not need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from eval.calibration.observations import Flags, Floats, Integers, Observations
from hybridsearch.domain.calibration import (
    CERTAINTY,
    Blend,
    Calibration,
    RelevanceModel,
)

FOLDS = 5
LOGISTIC_KNOTS = 65
WEAK = 1e4
"""Inverse strength of the penalty on a slope (scikit-learn's C): there to keep separable data
finite, not to shrink."""

FLAT = 1e-9
"""A column that spreads less is constant, whatever rounding makes of it; it says nothing."""

METHODS = ("isotonic", "logistic")


def fit_model(
    observations: Observations,
    fingerprints: Mapping[str, str],
    seed: int = 0,
    by_class: bool = True,
) -> RelevanceModel:
    """Maps for all legs and blends for all sets of legs, over all queries and by class.

    ``fingerprints`` names, by leg, what made its scores.
    """
    groups: list[tuple[str | None, Observations]] = [(None, observations)]
    if by_class and len(set(observations.classes)) > 1:
        of_class = observations.by_class()
        groups += [(name, observations.rows(rows)) for name, rows in of_class.items()]
    calibrations: list[Calibration] = []
    blends: list[Blend] = []
    for name, group in groups:
        fitted = [
            fit_leg(leg, fingerprints[leg], group, name, seed)
            for leg in group.legs
            if group.exact[leg].any()
        ]
        calibrations += fitted
        blends += fit_blends(fitted, group, name)
    return RelevanceModel(tuple(calibrations), tuple(blends), _notes(observations))


def fit_leg(
    leg: str,
    fingerprint: str,
    observations: Observations,
    query_class: str | None = None,
    seed: int = 0,
) -> Calibration:
    """The leg's map, by the method that has the lower log loss on queries left out.

    Only candidates whose own score is known count. The others were found by another leg, and so
    are likelier relevant than their bound would say: with them, a leg that ranks well and is
    read to a finite depth looks worse than chance.
    """
    seen = observations.rows(observations.exact[leg])
    method = _better_method(seen.scores[leg], seen, seed)
    knots, probabilities = _fitted(method, seen.scores[leg], seen.relevant, seen.weight)
    return Calibration(
        leg,
        fingerprint,
        method,
        tuple(knots.tolist()),
        tuple(probabilities.tolist()),
        len(seen),
        int(seen.relevant.sum()),
        len(np.unique(seen.query)),
        query_class,
    )


def fit_blends(
    calibrations: Sequence[Calibration], observations: Observations, query_class: str | None = None
) -> list[Blend]:
    """One blend for each set of two or more legs that candidates were seen by.

    A leg whose weight would be negative is left out of the sum: it may repeat what the others
    say, but a better score of any leg must not make a candidate less relevant.
    """
    columns = {each.leg: evidence(each, observations.scores[each.leg]) for each in calibrations}
    seen = {leg: np.isfinite(column) for leg, column in columns.items()}
    blends = []
    for legs, rows in _sets_of_legs(seen):
        relevant = observations.relevant[rows]
        if len(legs) < 2 or not relevant.any() or relevant.all():
            continue
        table = np.column_stack([columns[leg][rows] for leg in legs])
        weights, bias = _non_negative_logistic(table, relevant, observations.weight[rows])
        blends.append(Blend(legs, tuple(weights), bias, query_class))
    return blends


def evidence(calibration: Calibration, scores: Floats) -> Floats:
    """The log odds of the calibrated scores; NaN stays NaN."""
    kept = np.clip(probabilities_of(calibration, scores), CERTAINTY, 1 - CERTAINTY)
    found: Floats = np.log(kept / (1 - kept))
    return found


def probabilities_of(calibration: Calibration, scores: Floats) -> Floats:
    """``Calibration.probability`` for a whole column; NaN stays NaN."""
    found: Floats = np.interp(scores, calibration.scores, calibration.probabilities)
    return np.where(np.isfinite(scores), found, np.nan)


def folds(query: Integers, seed: int, count: int = FOLDS) -> Iterator[tuple[Integers, Integers]]:
    """Rows to fit on and rows to judge, such that no query is on both sides."""
    number = min(count, len(np.unique(query)))
    if number < 2:
        return
    split = GroupKFold(number, shuffle=True, random_state=seed)
    yield from split.split(query, groups=query)


def log_loss(predicted: Floats, relevant: Flags, weight: Floats) -> float:
    """Mean negative log likelihood, weighted."""
    kept = np.clip(predicted, CERTAINTY, 1 - CERTAINTY)
    loss = -np.where(relevant, np.log(kept), np.log1p(-kept))
    return float(np.average(loss, weights=weight))


def _better_method(scores: Floats, observations: Observations, seed: int) -> str:
    predicted = {method: np.full(len(observations), np.nan) for method in METHODS}
    for fit_on, judge_on in folds(observations.query, seed):
        part = observations.rows(fit_on)
        for method, column in predicted.items():
            knots = _fitted(method, scores[fit_on], part.relevant, part.weight)
            column[judge_on] = np.interp(scores[judge_on], *knots)
    if any(np.isnan(column).any() for column in predicted.values()):
        return "logistic"  # a single query: nothing to choose by
    losses = {
        method: log_loss(column, observations.relevant, observations.weight)
        for method, column in predicted.items()
    }
    return min(METHODS, key=lambda method: losses[method])


def _fitted(method: str, scores: Floats, relevant: Flags, weight: Floats) -> tuple[Floats, Floats]:
    """Knots and probabilities; kept off 0 and 1 by as much as the counts leave open.

    The rule of succession (Laplace): n candidates of which none was relevant do not show that
    the next will not be, so no probability is below 1 / (n + 2), nor above its mirror image.
    """
    if relevant.all() or not relevant.any() or scores.max() - scores.min() <= FLAT:
        rate = (np.sum(weight * relevant) + 1) / (np.sum(weight) + 2)
        return np.array([scores.min()]), np.array([rate])
    if method == "isotonic":
        knots, probabilities = _isotonic(scores, relevant, weight)
    else:
        knots, probabilities = _logistic(scores, relevant, weight)
    low = 1 / (np.sum(weight) + 2)
    high = 1 - 1 / (np.sum(weight[relevant]) + 2)
    return knots, np.clip(probabilities, low, high)


def _isotonic(scores: Floats, relevant: Flags, weight: Floats) -> tuple[Floats, Floats]:
    """Pool adjacent violators (Zadrozny and Elkan, KDD 2002)."""
    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    model.fit(scores, relevant.astype(np.float64), sample_weight=weight)
    knots: Floats = np.asarray(model.X_thresholds_, dtype=np.float64)
    probabilities: Floats = np.asarray(model.y_thresholds_, dtype=np.float64)
    return knots, np.maximum.accumulate(probabilities)


def _logistic(scores: Floats, relevant: Flags, weight: Floats) -> tuple[Floats, Floats]:
    """Platt's sigmoid (1999), laid down on knots; a falling one becomes the base rate."""
    (slope,), bias = _non_negative_logistic(scores[:, None], relevant, weight)
    knots: Floats = np.linspace(scores.min(), scores.max(), LOGISTIC_KNOTS)
    probabilities: Floats = 1 / (1 + np.exp(-(bias + slope * knots)))
    return knots, np.maximum.accumulate(probabilities)


def _non_negative_logistic(
    table: Floats, relevant: Flags, weight: Floats
) -> tuple[list[float], float]:
    """Logistic regression whose negative weights are set to 0 and the rest fitted again."""
    mean, scale = table.mean(axis=0), table.std(axis=0)
    used = scale > FLAT
    weights = np.zeros(table.shape[1])
    bias = _log_odds_of_rate(relevant, weight)
    while used.any():
        standard = (table[:, used] - mean[used]) / scale[used]
        model = LogisticRegression(C=WEAK, max_iter=1000)
        model.fit(standard, relevant, sample_weight=weight)
        found = model.coef_[0] / scale[used]
        if (found >= 0).all():
            weights[used] = found
            bias = float(model.intercept_[0] - found @ mean[used])
            break
        worst = np.flatnonzero(used)[int(np.argmin(found * scale[used]))]
        used[worst] = False
    return [float(each) for each in weights], bias


def _log_odds_of_rate(relevant: Flags, weight: Floats) -> float:
    positive = float(np.sum(weight[relevant])) + 1
    return float(np.log(positive / (float(np.sum(weight[~relevant])) + 1)))


def _sets_of_legs(seen: Mapping[str, Flags]) -> list[tuple[tuple[str, ...], Flags]]:
    """Every combination of legs that some candidate has scores of, with the rows that do."""
    names = tuple(seen)
    if not names:
        return []
    table = np.column_stack([seen[leg] for leg in names])
    return [
        (
            tuple(leg for leg, has in zip(names, pattern, strict=True) if has),
            (table == pattern).all(axis=1),
        )
        for pattern in np.unique(table, axis=0)
    ]


def _notes(observations: Observations) -> tuple[str, ...]:
    total = float(observations.weight.sum())
    rate = float(observations.weight[observations.relevant].sum()) / total
    return (
        f"Fitted on {len(np.unique(observations.query)):,} judged queries; {rate:.2%} of their "
        "candidates are relevant. What the judgements do not list counts as not relevant.",
    )
