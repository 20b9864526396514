"""Scores into probabilities: what the maps promise, whatever they were fitted on."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.domain.calibration import Blend, Calibration, RelevanceModel, log_odds

numbers = st.floats(-1e6, 1e6, allow_nan=False)
shares = st.floats(0, 1)


def calibration(
    knots: list[tuple[float, float]], leg: str = "looks", query_class: str | None = None
) -> Calibration:
    scores, probabilities = zip(*knots, strict=True)
    return Calibration(leg, "f", "isotonic", scores, probabilities, 9, 3, 2, query_class)


@st.composite
def calibrations(draw: st.DrawFn, leg: str = "looks") -> Calibration:
    scores = sorted(draw(st.lists(numbers, min_size=1, max_size=8, unique=True)))
    heights = sorted(draw(st.lists(shares, min_size=len(scores), max_size=len(scores))))
    return calibration(list(zip(scores, heights, strict=True)), leg)


@given(calibrations(), numbers, numbers)
def test_a_better_score_is_never_less_probable(known: Calibration, one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert 0 <= known.probability(low) <= known.probability(high) <= 1


@given(calibrations())
def test_the_map_goes_through_its_knots_and_is_flat_beyond(known: Calibration) -> None:
    for score, probability in zip(known.scores, known.probabilities, strict=True):
        assert known.probability(score) == pytest.approx(probability, abs=1e-9)
    assert known.probability(-1e9) == known.probabilities[0]
    assert known.probability(1e9) == known.probabilities[-1]


def test_between_knots_it_is_linear() -> None:
    assert calibration([(0.0, 0.1), (2.0, 0.5)]).probability(0.5) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "knots",
    [
        [(0.0, 0.5), (0.0, 0.6)],
        [(1.0, 0.5), (0.0, 0.6)],
        [(0.0, 0.5), (1.0, 0.4)],
        [(0.0, -0.1)],
        [(0.0, 1.1)],
        [(math.nan, 0.1)],
        [(math.inf, 0.1)],
        [(0.0, math.nan)],
    ],
)
def test_what_is_no_monotone_map_is_refused(knots: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="calibration"):
        calibration(knots)


def test_a_map_without_knots_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Calibration("looks", "f", "isotonic", (), (), 0, 0, 0)


@given(shares, shares, st.floats(0, 10), st.floats(0, 10), st.floats(-20, 20))
def test_more_of_any_leg_never_means_less(
    one: float, two: float, first: float, second: float, bias: float
) -> None:
    blend = Blend(("looks", "words"), (first, second), bias)
    low, high = sorted((one, two))
    for other in (0.0, 0.5, 1.0):
        below = blend.probability({"looks": low, "words": other})
        above = blend.probability({"looks": high, "words": other})
        assert 0 <= below <= above <= 1


def test_a_blend_of_weight_one_adds_evidence() -> None:
    blend = Blend(("looks", "words"), (1.0, 1.0), 0.0)
    assert blend.probability({"looks": 0.8, "words": 0.5}) == pytest.approx(0.8)
    assert blend.probability({"looks": 0.8, "words": 0.8}) == pytest.approx(16 / 17)


@pytest.mark.parametrize(
    ("legs", "weights", "bias"),
    [((), (), 0.0), (("a",), (-1.0,), 0.0), (("a",), (1.0, 1.0), 0.0), (("a",), (1.0,), math.nan)],
)
def test_a_blend_that_makes_no_sense_is_refused(
    legs: tuple[str, ...], weights: tuple[float, ...], bias: float
) -> None:
    with pytest.raises(ValueError, match="blend"):
        Blend(legs, weights, bias)


def test_log_odds_stay_finite() -> None:
    assert log_odds(0.5) == 0
    assert math.isfinite(log_odds(0.0))
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))


LOOKS = calibration([(0.0, 0.1), (1.0, 0.9)], "looks")
WORDS = calibration([(0.0, 0.0), (1.0, 0.8)], "words")
BOTH = Blend(("looks", "words"), (1.0, 1.0), 0.5)


def test_a_model_blends_the_legs_that_saw_the_candidate() -> None:
    model = RelevanceModel((LOOKS, WORDS), (BOTH,))
    judged = model.judge({"looks": 0.5, "words": 0.5})
    assert judged is not None
    assert judged.by_leg == pytest.approx({"looks": 0.5, "words": 0.4})
    assert judged.relevance == pytest.approx(BOTH.probability(judged.by_leg))


def test_one_leg_alone_needs_no_blend() -> None:
    judged = RelevanceModel((LOOKS, WORDS), (BOTH,)).judge({"words": 0.5})
    assert judged is not None
    assert judged.relevance == pytest.approx(0.4)


def test_a_leg_that_was_not_calibrated_says_nothing() -> None:
    model = RelevanceModel((LOOKS,), ())
    assert model.judge({"picture": 0.9}) is None
    judged = model.judge({"picture": 0.9, "looks": 1.0})
    assert judged is not None
    assert judged.by_leg == {"looks": 0.9}


def test_without_a_blend_the_leg_that_thinks_most_of_it_decides() -> None:
    judged = RelevanceModel((LOOKS, WORDS)).judge({"looks": 0.0, "words": 1.0})
    assert judged is not None
    assert judged.relevance == 0.8


def test_the_blend_that_knows_most_legs_decides() -> None:
    picture = calibration([(0.0, 0.2), (1.0, 0.4)], "picture")
    judged = RelevanceModel((LOOKS, WORDS, picture), (BOTH,)).judge(
        {"looks": 0.5, "words": 0.5, "picture": 1.0}
    )
    assert judged is not None
    assert judged.relevance == pytest.approx(BOTH.probability({"looks": 0.5, "words": 0.4}))


def test_a_class_of_its_own_goes_first() -> None:
    names = calibration([(0.0, 0.3)], "words", "names")
    of_names = Blend(("looks", "words"), (0.0, 0.0), 0.0, "names")
    model = RelevanceModel((LOOKS, WORDS, names), (BOTH, of_names))
    assert model.calibration("words", "names") == names
    assert model.calibration("words", "scenes") == WORDS
    judged = model.judge({"looks": 0.5, "words": 0.5}, "names")
    assert judged is not None
    assert judged.by_leg["words"] == 0.3
    assert judged.relevance == pytest.approx(0.5)
