from __future__ import annotations

import numpy as np
import pytest

from hybridsearch.analysis.background import (
    PRIOR_DISTANCE,
    PRIOR_PAIRS,
    Background,
    measured_background,
)
from hybridsearch.ports import Matrix

RNG = np.random.default_rng(3)


def unit(rows: Matrix) -> Matrix:
    long: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return long


PICTURES = unit(RNG.normal(size=(400, 64)).astype(np.float32))


def captions_of(pictures: Matrix, share: float) -> Matrix:
    """Captions that lie ``share`` of the way towards their own pictures."""
    noise = unit(RNG.normal(size=pictures.shape).astype(np.float32))
    return unit(share * pictures + (1 - share) * noise)


def test_mean_and_spread_are_those_of_the_cosines() -> None:
    query = PICTURES[0]
    cosines = PICTURES @ query
    scale = Background(PICTURES).scale(query)
    assert scale.mean == pytest.approx(float(cosines.mean()))
    assert scale.spread == pytest.approx(float(cosines.std()))


def test_flat_scores_are_not_blown_up() -> None:
    flat = np.zeros(64, np.float32)
    flat[0] = 1.0
    scale = Background(np.tile(flat, (10, 1)), spread=0.07).scale(flat)
    assert scale.spread == 0.07


def test_a_better_encoder_stands_further_above_the_background() -> None:
    own = PICTURES[:200]
    blind, weak, good = (
        measured_background(PICTURES, list(captions_of(own, share)), list(own))
        for share in (0.0, 0.3, 0.7)
    )
    assert blind.distance == pytest.approx(0.0, abs=0.3)
    assert blind.distance < weak.distance < good.distance
    # By hand: the good captions' cosine with their own is 0.92; all others spread by 1/8, and
    # the one right picture among the 400 adds its share to that.
    reach = (1 / 64 + 0.92**2 / 400) ** 0.5
    shrunk = (200 * 0.92 / reach + PRIOR_PAIRS * PRIOR_DISTANCE) / (200 + PRIOR_PAIRS)
    assert good.distance == pytest.approx(shrunk, rel=0.05)


def test_few_captions_prove_little() -> None:
    own = PICTURES[:1]
    found = measured_background(PICTURES, [own[0]], [own[0]])
    alone = 1 / float((PICTURES @ own[0]).std())
    mixed = (alone + PRIOR_PAIRS * PRIOR_DISTANCE) / (1 + PRIOR_PAIRS)
    assert found.distance == pytest.approx(mixed, rel=0.02)
    assert found.pairs == 1


def test_captions_that_mislead_leave_looks_without_weight() -> None:
    own = PICTURES[:300]
    found = measured_background(PICTURES, list(-own), list(own))
    assert found.distance == 0.0


def test_without_captions_the_prior_stands() -> None:
    found = measured_background(PICTURES, [], [])
    assert (found.distance, found.pairs) == (PRIOR_DISTANCE, 0)
