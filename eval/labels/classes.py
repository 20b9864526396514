"""Classification judged: pictures that show exactly one of the labels.

In: what pictures show, cosines, evidence. Out: one row of figures a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.comparison import intervals
from eval.evaluation import Interval
from eval.labels.figures import area_under_roc, believed
from eval.labels.truth import Truth
from hybridsearch.labels.classifying import CLIP_SCALE, class_shares
from hybridsearch.labels.evidence import Evidence, Floats, Yardstick, shares_of
from hybridsearch.labels.label import Label
from hybridsearch.ports import Matrix

COMMONEST = 20
"""Labels that a picture is told apart by: those that most pictures show alone."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One rule: how often the likeliest label is right, how sure it is of it on average, and the
    error of that sureness."""

    system: str
    accuracy: Interval
    sureness: float
    ece: Interval
    log_loss: float


@dataclass(frozen=True, slots=True)
class Classes:
    """The rules on ``pictures`` that show exactly one of ``labels``; ``none_auc`` is how well
    the probability of "none of these" tells the ``others``, which show none, from these."""

    labels: int
    pictures: int
    others: int
    rows: tuple[ClassRow, ...]
    none_auc: float | None


def classes(truth: Truth, cosines: Matrix, yardstick: Yardstick, found: Evidence) -> Classes:
    """Every rule on the collection's commonest labels; all pictures show one of them equally
    often as far as the rules know."""
    columns = _commonest(truth)
    shown = truth.shown[:, columns]
    count = shown.sum(axis=1)
    one, nothing = count == 1, count == 0
    labels = [Label(truth.labels[at]) for at in columns]
    z = yardstick.z(cosines)[:, columns]
    near = cosines[:, columns].astype(np.float64)
    systems = {
        "softmax of 100 x cosine": shares_of(CLIP_SCALE * near[one]),
        "measured (the product)": np.stack([class_shares(labels, row, found) for row in z[one]]),
    }
    none = np.array([class_shares(labels, row, found, 0.5)[-1] for row in z])
    both = one | nothing
    return Classes(
        len(columns),
        int(one.sum()),
        int(nothing.sum()),
        tuple(_row(name, shares, shown[one]) for name, shares in systems.items()),
        area_under_roc(none[both], nothing[both]) if nothing.any() else None,
    )


def _commonest(truth: Truth) -> list[int]:
    alone = truth.shown[truth.shown.sum(axis=1) == 1].sum(axis=0)
    order = np.argsort(-alone, kind="stable")
    return [int(at) for at in order[:COMMONEST] if alone[at] > 0]


def _row(system: str, shares: Floats, shown: np.ndarray) -> ClassRow:
    best = shares.argmax(axis=1)
    right = shown[np.arange(len(shown)), best]
    sure = shares.max(axis=1)
    [accuracy] = intervals(right[:, None].astype(np.float64))
    told = np.clip(shares[shown], 1e-6, 1.0)
    return ClassRow(
        system,
        accuracy,
        float(sure.mean()),
        believed(sure[:, None], right[:, None], bins=10).ece,
        float(-np.log(told).mean()),
    )
