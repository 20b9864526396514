"""Figures of probabilities and of rankings, over pictures and labels.

In: scores or probabilities (pictures, labels) and what is shown. Out: areas, precision, errors of
calibration with intervals from resampling pictures, since the labels of one picture hang together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.evaluation import Interval
from eval.labels.truth import Flags
from hybridsearch.labels.evidence import Floats

BINS = 15
RESAMPLES = 500
CONFIDENCE = 0.95
CERTAINTY = 1e-6
"""No probability is judged as surer than this: one sure mistake would be infinitely bad."""


@dataclass(frozen=True, slots=True)
class Believed:
    """How far probabilities can be believed.

    ``ece`` is the expected calibration error over bins of equal mass; ``log_loss`` the mean
    negative log probability of what is true; ``mean`` that of the probabilities, ``rate`` what
    it should be.
    """

    ece: Interval
    log_loss: float
    mean: float
    rate: float


def believed(predicted: Floats, shown: Flags, bins: int = BINS, seed: int = 0) -> Believed:
    """Judge probabilities (pictures, labels)."""
    kept = np.clip(predicted, CERTAINTY, 1 - CERTAINTY)
    loss = -np.where(shown, np.log(kept), np.log1p(-kept))
    return Believed(
        _ece(predicted, shown, bins, seed),
        float(loss.mean()),
        float(predicted.mean()),
        float(shown.mean()),
    )


def _ece(predicted: Floats, shown: Flags, bins: int, seed: int) -> Interval:
    """Mean distance of predicted and true rate over bins of equal mass (Nixon et al. 2019).

    The interval is that of the basic bootstrap over pictures (Davison and Hinkley 1997, 5.2).
    """
    _, place = np.unique(predicted.ravel(), return_inverse=True)
    mass = np.bincount(place)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    bin_of = np.minimum((middle * bins).astype(np.int64), bins - 1)[place].reshape(predicted.shape)
    gaps = np.stack(
        [np.where(bin_of == number, predicted - shown, 0.0).sum(axis=1) for number in range(bins)]
    )

    def error(counts: Floats) -> Floats:
        total: Floats = np.abs(counts @ gaps.T).sum(axis=1) / (
            counts.sum(axis=1) * predicted.shape[1]
        )
        return total

    pictures = len(predicted)
    mean = float(error(np.ones((1, pictures)))[0])
    draws = np.random.default_rng(seed).multinomial(
        pictures, np.full(pictures, 1 / pictures), RESAMPLES
    )
    low, high = map(
        float,
        np.quantile(error(draws.astype(np.float64)), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]),
    )
    return Interval(mean, min(mean, max(0.0, 2 * mean - high)), max(mean, 2 * mean - low))


def area_under_roc(scores: npt.NDArray[np.floating], shown: Flags) -> float:
    """The chance that what is shown outscores what is not; a tie counts half."""
    _, place = np.unique(scores, return_inverse=True)
    good = np.bincount(place, shown)
    bad = np.bincount(place, ~shown)
    won = float(good @ (np.cumsum(bad) - bad / 2))
    return won / float(good.sum() * bad.sum())


def average_precision(scores: npt.NDArray[np.floating], shown: Flags) -> float:
    """The mean over what is shown of the precision down to it; ties in the order given."""
    hits = shown[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def macro(scores: npt.NDArray[np.floating], shown: Flags, least: int) -> tuple[float, float, int]:
    """Mean area under the ROC curve and mean average precision over the labels that at least
    ``least`` pictures show and one does not, and how many labels these are."""
    columns = [at for at in range(shown.shape[1]) if least <= shown[:, at].sum() < len(shown)]
    areas = [area_under_roc(scores[:, at], shown[:, at]) for at in columns]
    precisions = [average_precision(scores[:, at], shown[:, at]) for at in columns]
    return float(np.mean(areas)), float(np.mean(precisions)), len(columns)


@dataclass(frozen=True, slots=True)
class Hits:
    """What a cut-off lets through: ``precision``, ``recall`` and their harmonic mean."""

    precision: float
    recall: float
    f1: float


def hits(kept: Flags, shown: Flags) -> Hits:
    """Over all pairs of a picture and a label; no precision is 1 where nothing is kept."""
    right = float((kept & shown).sum())
    precision = right / float(kept.sum()) if kept.any() else 0.0
    recall = right / float(shown.sum()) if shown.any() else 0.0
    both = precision + recall
    return Hits(precision, recall, 2 * precision * recall / both if both else 0.0)
