"""Descriptions judged: how much of the captions shown for a picture is true of it.

In: pictures with captions of their own, which the judged rules may not see. Out: one row a rule:
the share of the shown captions' words that its own captions have, and how far the pictures that
the captions come from show the same things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.comparison import intervals
from eval.evaluation import Interval
from eval.labels.truth import Truth
from hybridsearch.analysis.background import Background
from hybridsearch.analysis.function_words import content_words
from hybridsearch.analysis.words import folded, words_of
from hybridsearch.labels.describing import LOOKED_AT, text_weight
from hybridsearch.labels.evidence import Floats, Yardstick
from hybridsearch.ports import Matrix

SHOWN = 5
RECALLS = (1, 5, 10)
WEIGHTS = (0.25, 0.5, 1.0)

_AWAY = -1e9


@dataclass(frozen=True, slots=True)
class CaptionRow:
    """``words`` is the share of the first five captions' content words that stand in the
    picture's own captions, ``things`` the overlap (Jaccard) of what both pictures show; the
    differences are against the nearest pictures' captions as they come."""

    system: str
    words: float
    things: float
    words_gained: Interval
    things_gained: Interval


@dataclass(frozen=True, slots=True)
class CaptionStudy:
    """``own`` is the share of pictures whose own caption the texts' cosines put among the first
    1, 5, 10 of all ``captions``; ``text_weight`` is what the product gives texts here."""

    pictures: int
    captions: int
    own: Mapping[int, float]
    rows: tuple[CaptionRow, ...]
    distance: float
    text_weight: float


def caption_study(truth: Truth, texts: Matrix, background: Background) -> CaptionStudy:
    """``texts`` are the vectors of the pictures' first captions; no picture is shown its own."""
    looks = truth.vectors @ truth.vectors.T
    read = truth.vectors @ texts.T
    written = np.array([bool(each[0]) for each in truth.captions])
    near = Yardstick.of(truth.vectors, background).z(looks.T).T
    fits = Yardstick.of(texts, background).z(read)
    nearest = _nearest(near, written, SHOWN * LOOKED_AT)
    scores = {
        "nearest pictures": near,
        "nearest, ordered by text (cosine)": np.where(nearest, read, _AWAY),
        "nearest, ordered by text (z)": np.where(nearest, fits, _AWAY),
        **{
            f"picture + {weight:g} x text": np.where(nearest, near + weight * fits, _AWAY)
            for weight in WEIGHTS
        },
        "the product": np.where(nearest, near + text_weight(background) * fits, _AWAY),
        "all captions by text (z)": fits,
    }
    true = {name: _judged(truth, score, written) for name, score in scores.items()}
    base = true["nearest pictures"]
    return CaptionStudy(
        len(truth.captions),
        int(written.sum()),
        _own(read, written),
        tuple(_row(name, found, base) for name, found in true.items()),
        background.distance,
        text_weight(background),
    )


def _nearest(near: Floats, written: np.ndarray, count: int) -> np.ndarray:
    """The nearest other pictures that have a caption."""
    among = _others(near, written)
    order = np.argsort(-among, axis=1, kind="stable")[:, :count]
    kept = np.zeros(near.shape, dtype=bool)
    np.put_along_axis(kept, order, values=True, axis=1)
    return kept


def _others(scores: Floats, written: np.ndarray) -> Floats:
    among = np.where(written[None, :], scores, _AWAY).astype(np.float64)
    np.fill_diagonal(among, _AWAY)
    return among


def _judged(truth: Truth, scores: Floats, written: np.ndarray) -> Floats:
    """(pictures, 2): words and things of the first captions; NaN where a picture has neither."""
    own = [_words(texts) for texts in truth.captions]
    first = [_words(texts[:1]) for texts in truth.captions]
    order = np.argsort(-_others(scores, written), axis=1, kind="stable")[:, :SHOWN]
    found = np.full((len(order), 2), np.nan)
    for at, shown in enumerate(order):
        if own[at]:
            found[at, 0] = np.mean([_share(first[each], own[at]) for each in shown])
        things = truth.shown[at]
        either = (truth.shown[shown] | things).sum(axis=1)
        both = (truth.shown[shown] & things).sum(axis=1)
        if things.any():
            found[at, 1] = np.mean(both / either)
    return found


def _row(system: str, found: Floats, base: Floats) -> CaptionRow:
    gained = []
    for column in (0, 1):
        known = ~np.isnan(base[:, column])
        difference = (found - base)[known, column]
        gained += intervals(difference[:, None])
    means = np.nanmean(found, axis=0)
    return CaptionRow(system, float(means[0]), float(means[1]), *gained)


def _own(read: Matrix, written: np.ndarray) -> dict[int, float]:
    among = read[np.ix_(written, written)]
    rank = 1 + (among > np.diag(among)[:, None]).sum(axis=1)
    return {cut: float((rank <= cut).mean()) for cut in RECALLS}


def _words(texts: Sequence[str]) -> frozenset[str]:
    found = [folded(word) for text in texts for word in words_of(text)]
    return frozenset(content_words(found, ("en",))) if found else frozenset()


def _share(shown: frozenset[str], own: frozenset[str]) -> float:
    return len(shown & own) / len(shown) if shown else 0.0
