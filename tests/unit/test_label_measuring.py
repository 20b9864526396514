from __future__ import annotations

import numpy as np
import pytest

from hybridsearch.labels.evidence import GRANTED, Floats, log_odds, probabilities
from hybridsearch.labels.measuring import (
    LEAST_PICTURES,
    Flags,
    Worded,
    fitted,
    telling_terms,
)
from hybridsearch.ports import Vector

NOWHERE: Vector = np.array([1.0, 0.0], np.float32)


def drawn(
    slope: float, seen: int, blind: int, pictures: int = 500, seed: int = 1
) -> tuple[Floats, Flags]:
    """Words written of a twentieth of the pictures; where a ``seen`` one is written, z is drawn
    ``slope`` higher, where a ``blind`` one is, it is not."""
    rng = np.random.default_rng(seed)
    written = rng.random((pictures, seen + blind)) < 0.05
    higher = np.where(np.arange(seen + blind) < seen, slope, 0.0)
    return rng.normal(size=written.shape) + higher * written, written


def worded(*terms: str, keywords: tuple[str, ...] = ()) -> Worded:
    return Worded(NOWHERE, frozenset((*terms, *keywords)), frozenset(keywords))


@pytest.mark.parametrize("slope", [0.7, 1.5, 2.5])
def test_the_slope_is_found_whatever_words_are_blind(slope: float) -> None:
    z, written = drawn(slope, seen=60, blind=60)
    found = fitted(z, written)
    assert found.slope == pytest.approx(slope, rel=0.15)
    assert found.offset == pytest.approx(-(slope**2) / 2, rel=0.25, abs=0.1)
    assert found.seen[:60].mean() > 0.8 > 0.3 > found.seen[60:].mean()
    together = fitted(z, written, all_seen=True)
    assert together.slope < 0.8 * slope


def test_where_the_pictures_tell_nothing_hardly_anything_is_claimed() -> None:
    z, written = drawn(0.0, seen=0, blind=120)
    found = fitted(z, written)
    few = found.seen.sum() < 10
    assert found.slope < 0.3 or few
    assert fitted(z, written, all_seen=True).slope < 0.1


def test_a_slope_is_never_negative() -> None:
    z, written = drawn(1.5, seen=60, blind=0)
    found = fitted(-z, written, all_seen=True)
    assert (found.slope, found.offset) == (0.0, 0.0)


def test_all_seen_is_logistic_regression() -> None:
    linear_model = pytest.importorskip(
        "sklearn.linear_model", reason="the oracle needs hybridsearch[eval]"
    )
    rng = np.random.default_rng(3)
    z = rng.normal(size=(400, 1))
    written = rng.random(z.shape) < probabilities(1.2 * z - 2.0)
    found = fitted(z, written, all_seen=True)
    oracle = linear_model.LogisticRegression(C=1e8).fit(z, written.ravel())
    assert found.slope == pytest.approx(float(oracle.coef_[0, 0]), abs=1e-3)
    usual = log_odds([float(written.mean())])[0]
    assert found.offset + usual == pytest.approx(float(oracle.intercept_[0]), abs=1e-3)


def test_perfect_separation_ends() -> None:
    z = np.concatenate([np.full((50, 12), -3.0), np.full((5, 12), 3.0)])
    found = fitted(z, z > 0)
    assert np.isfinite(found.slope) and found.slope > GRANTED.slope


def test_keywords_come_first_then_the_most_frequent() -> None:
    pictures = [
        *[worded("harbour", keywords=("ship",)) for _ in range(4)],
        *[worded("fire", "harbour") for _ in range(5)],
        *[worded("rare") for _ in range(2)],
        *[worded("the") for _ in range(39)],
    ]
    assert telling_terms(pictures) == ["ship", "harbour", "fire"]
    assert telling_terms(pictures, most=1) == ["ship"]
    assert len(pictures) > LEAST_PICTURES
