"""Tagging judged: templates, probabilities, and cut-offs chosen on other labels.

In: what pictures show, an encoder, evidence. Out: one row of figures a system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from eval.labels.figures import (
    Believed,
    Hits,
    area_under_roc,
    average_precision,
    believed,
    hits,
    macro,
)
from eval.labels.truth import Truth
from hybridsearch.analysis.background import Background
from hybridsearch.labels.classifying import CLIP_SCALE
from hybridsearch.labels.evidence import (
    GRANTED,
    Evidence,
    Floats,
    Yardstick,
    log_odds,
    probabilities,
    shares_of,
    usual_share,
)
from hybridsearch.labels.tagging import LEAST
from hybridsearch.labels.templates import TEMPLATES, filled
from hybridsearch.ports import Matrix

LEAST_SHOWN = 3
"""A label that fewer pictures show has no area of its own worth averaging."""

FOLDS = 5
SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
CUTS = tuple(np.round(np.arange(0.05, 0.85, 0.05), 2))
SEED = 0

SEVEN = (
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
)
"""The seven that CLIP's authors found best on ImageNet among their eighty."""

TEMPLATE_SETS: Mapping[str, tuple[str, ...]] = {
    "bare word": ("{}",),
    "one sentence": TEMPLATES["en"][:1],
    "ours": TEMPLATES["en"],
    "CLIP's seven": SEVEN,
}


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """Labels' own rankings of the pictures under one set of templates, averaged over labels."""

    templates: str
    auc: float
    map: float
    labels: int


@dataclass(frozen=True, slots=True)
class TagRow:
    """One way to make probabilities; ``auc`` and ``ap`` are over all pairs, labels mixed.

    ``at_rate`` judges the same rule where it is told the true share of an average label: what is
    left is the fault of its slope. NaN where the rule knows no share.
    """

    system: str
    believed: Believed
    at_rate: float
    auc: float
    ap: float


@dataclass(frozen=True, slots=True)
class CutRow:
    """What tags pass a cut-off; ``chosen`` says how it came about."""

    system: str
    chosen: str
    hits: Hits
    ece: float


def template_rows(
    truth: Truth, embed: Callable[[Sequence[Sequence[str]]], Matrix]
) -> list[TemplateRow]:
    """``embed`` gives the mean vector of each group of texts."""
    rows = []
    for name, templates in TEMPLATE_SETS.items():
        groups = [[filled(each, label) for each in templates] for label in truth.labels]
        scores = truth.vectors @ embed(groups).T
        rows.append(TemplateRow(name, *macro(scores, truth.shown, LEAST_SHOWN)))
    return rows


def tag_rows(
    truth: Truth, cosines: Matrix, yardstick: Yardstick, background: Background, found: Evidence
) -> list[TagRow]:
    """Probabilities by every rule, all under the share that the product takes for granted."""
    z = yardstick.z(cosines)
    taken, true = log_odds([usual_share(len(truth.labels)), truth.rate])
    ratios = {
        "d' of whole captions": _equal_variance(background.distance).log_ratio(z),
        "granted (d' = 1)": GRANTED.log_ratio(z),
        "measured (the product)": found.log_ratio(z),
    }
    return [
        _row(truth, "softmax of 100 x cosine", shares_of(CLIP_SCALE * cosines.astype(np.float64))),
        *(
            _row(truth, name, probabilities(ratio + taken), probabilities(ratio + true))
            for name, ratio in ratios.items()
        ),
        _row(truth, "fitted on other labels' truth", _fitted_elsewhere(z, truth)),
    ]


def cut_rows(truth: Truth, cosines: Matrix, yardstick: Yardstick, found: Evidence) -> list[CutRow]:
    """The product's cut-off as it is, and shares and cut-offs that other labels chose."""
    ratio = found.log_ratio(yardstick.z(cosines))
    usual = log_odds([usual_share(len(truth.labels))])[0]
    product = probabilities(ratio + usual)
    told = f"share {usual_share(len(truth.labels)):.3f}, from {LEAST:g}"
    kept = hits(product >= LEAST, truth.shown)
    rows = [CutRow("the product", told, kept, believed(product, truth.shown).ece.mean)]

    chosen, kept_by_cv, by_cv = [], np.zeros_like(truth.shown), np.zeros_like(ratio)
    by_cosine = np.zeros_like(truth.shown)
    for rest, held in _folds(truth):
        share = min(
            SHARES, key=lambda each: _loss(truth, probabilities(ratio + log_odds([each])[0]), rest)
        )
        predicted = probabilities(ratio + log_odds([share])[0])
        cut = max(CUTS, key=lambda each: _f1(truth, predicted >= each, rest))
        kept_by_cv[:, held], by_cv[:, held] = predicted[:, held] >= cut, predicted[:, held]
        chosen.append(f"{share:g} from {cut:g}")
        steps = np.quantile(cosines[:, rest], np.linspace(0.5, 0.999, 200))
        best = max(steps, key=lambda each: _f1(truth, cosines >= each, rest))
        by_cosine[:, held] = cosines[:, held] >= best
    rows.append(
        CutRow(
            "share and cut-off chosen on other labels",
            "; ".join(chosen),
            hits(kept_by_cv, truth.shown),
            believed(by_cv, truth.shown).ece.mean,
        )
    )
    rows.append(
        CutRow("cosine cut-off chosen on other labels", "", hits(by_cosine, truth.shown), np.nan)
    )
    return rows


def known_share_row(truth: Truth, cosines: Matrix, yardstick: Yardstick, found: Evidence) -> TagRow:
    """Each label's true share on one half of the pictures, applied to the other half."""
    predicted = np.zeros(truth.shown.shape)
    half = np.random.default_rng(SEED).permutation(len(truth.shown)) % 2
    for side in (0, 1):
        other, own = half != side, half == side
        count = truth.shown[other].sum(axis=0)
        shares = (count + truth.rate) / (other.sum() + 1)
        ratio = found.log_ratio(yardstick.z(cosines[own]))
        predicted[own] = probabilities(ratio + log_odds(shares))
    return _row(truth, "measured, each label's share known", predicted)


def _folds(truth: Truth) -> Iterator[tuple[list[int], list[int]]]:
    """Columns to choose on, and columns to judge: no label judges its own choice."""
    fold = np.random.default_rng(SEED).permutation(len(truth.labels)) % FOLDS
    for number in range(FOLDS):
        yield list(np.flatnonzero(fold != number)), list(np.flatnonzero(fold == number))


def _fitted_elsewhere(z: Floats, truth: Truth) -> Floats:
    """What one slope and one offset could do at best, had labels been given."""
    predicted = np.zeros_like(z)
    for rest, held in _folds(truth):
        model = LogisticRegression(C=1e6).fit(
            z[:, rest].reshape(-1, 1), truth.shown[:, rest].ravel()
        )
        odds = model.decision_function(z[:, held].reshape(-1, 1))
        predicted[:, held] = probabilities(odds.reshape(-1, len(held)))
    return predicted


def _row(truth: Truth, system: str, predicted: Floats, at_rate: Floats | None = None) -> TagRow:
    everything = range(len(truth.labels))
    return TagRow(
        system,
        believed(predicted, truth.shown),
        np.nan if at_rate is None else _loss(truth, at_rate, everything),
        area_under_roc(predicted.ravel(), truth.shown.ravel()),
        average_precision(predicted.ravel(), truth.shown.ravel()),
    )


def _equal_variance(distance: float) -> Evidence:
    """What a distance means where both kinds of cosines are normal and of one spread."""
    return Evidence(distance, -(distance**2) / 2)


def _loss(truth: Truth, predicted: Floats, columns: Sequence[int]) -> float:
    shown = truth.shown[:, columns]
    kept = np.clip(predicted[:, columns], 1e-6, 1 - 1e-6)
    return float(-np.where(shown, np.log(kept), np.log1p(-kept)).mean())


def _f1(truth: Truth, kept: np.ndarray, columns: Sequence[int]) -> float:
    return hits(kept[:, columns], truth.shown[:, columns]).f1
