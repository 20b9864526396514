from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.analysis.background import Background
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import QueryError
from hybridsearch.labels.classifying import ClassSettings, class_shares, classified
from hybridsearch.labels.evidence import (
    GRANTED,
    Evidence,
    Yardstick,
    log_odds,
    probabilities,
    shares_of,
    usual_share,
)
from hybridsearch.labels.label import Label
from hybridsearch.labels.tagging import Tagger, TagSettings
from hybridsearch.ports import Matrix

RNG = np.random.default_rng(5)
CARD = EncoderCard("test", 8, "test")
FINITE = st.floats(-50, 50)


def unit(rows: Matrix) -> Matrix:
    long: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return long


PICTURES = unit(RNG.normal(size=(200, 8)).astype(np.float32))
LABELS = unit(RNG.normal(size=(5, 8)).astype(np.float32))
BACKGROUND = Background(PICTURES, spread=0.35)


def test_the_yardstick_is_the_backgrounds_own_scale() -> None:
    yardstick = Yardstick.of(LABELS, BACKGROUND)
    for at, label in enumerate(LABELS):
        scale = BACKGROUND.scale(label)
        assert yardstick.means[at] == pytest.approx(scale.mean, abs=1e-6)
        assert yardstick.spreads[at] == pytest.approx(scale.spread, abs=1e-6)
    z = yardstick.z(PICTURES @ LABELS.T)
    assert z.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-5)


def test_pictures_that_are_all_alike_give_no_evidence() -> None:
    same = np.tile(PICTURES[:1], (10, 1))
    z = Yardstick.of(LABELS, Background(same)).z(same @ LABELS.T)
    assert z == pytest.approx(np.zeros(z.shape), abs=1e-6)


@given(FINITE)
def test_probabilities_undo_log_odds_and_never_overflow(odds: float) -> None:
    p = float(probabilities(np.array([odds]))[0])
    assert 0 <= p <= 1
    if abs(odds) < 30:
        assert log_odds([p])[0] == pytest.approx(odds, abs=1e-3)


def test_extreme_odds_are_certain() -> None:
    assert probabilities(np.array([-1e308, 1e308])).tolist() == [0.0, 1.0]


def test_a_long_list_has_rarer_labels() -> None:
    assert usual_share(1) == usual_share(40) == 0.05
    assert usual_share(80) == 0.025
    assert usual_share(5000) == pytest.approx(0.0004)


def test_a_tag_is_bayes_by_hand() -> None:
    evidence = Evidence(1.5, -1.125, 50, 500)
    yardstick = Yardstick(np.array([0.1, 0.2]), np.array([0.05, 0.1]))
    labels = [Label("dog"), Label("person", share=0.6)]
    basis: Matrix = np.eye(2, dtype=np.float32)
    tagger = Tagger(labels, basis, yardstick, evidence, TagSettings(share=0.02, least=0.0))
    picture = np.array([[0.3, 0.2]], np.float32)
    [(first, second)] = tagger.tags(picture)
    # The dog stands 4 spreads above: odds 0.02/0.98 times exp(1.5 x 4 - 1.125); the person stands
    # at the mean, so its share of 0.6 shrinks by exp(-1.125).
    dog = 0.02 / 0.98 * math.exp(1.5 * 4 - 1.125)
    person = 0.6 / 0.4 * math.exp(-1.125)
    assert first.label == "dog"
    assert first.probability == pytest.approx(dog / (1 + dog), rel=1e-4)
    assert first.z == pytest.approx(4.0, abs=1e-5)
    assert second.probability == pytest.approx(person / (1 + person), rel=1e-4)
    assert second.cosine == pytest.approx(0.2)


def test_unlikely_tags_are_left_out_and_ties_keep_their_order() -> None:
    yardstick = Yardstick(np.zeros(3), np.ones(3))
    labels = [Label("b"), Label("a"), Label("c")]
    vectors: Matrix = np.array([[1, 0], [1, 0], [-1, 0]], np.float32)
    tagger = Tagger(labels, vectors, yardstick, GRANTED, TagSettings(share=0.5, least=0.6))
    [tags] = tagger.tags(np.array([[1, 0]], np.float32))
    assert [each.label for each in tags] == ["b", "a"]


@given(st.lists(FINITE, min_size=1, max_size=8), st.floats(0.01, 0.99))
def test_classes_add_up_with_and_without_none(z: list[float], none: float) -> None:
    labels = [Label(f"label {number}") for number in range(len(z))]
    stands = np.array(z)
    alone = class_shares(labels, stands, GRANTED)
    assert alone.sum() == pytest.approx(1.0)
    with_none = class_shares(labels, stands, GRANTED, none)
    assert with_none.sum() == pytest.approx(1.0)
    assert len(with_none) == len(z) + 1
    if with_none[-1] < 0.999:
        assert with_none[:-1] / with_none[:-1].sum() == pytest.approx(alone, abs=1e-6)


def test_without_evidence_a_class_is_its_share() -> None:
    blind = Evidence(0.0, 0.0, 12, 100)
    labels = [Label("day", share=0.7), Label("night"), Label("dusk")]
    assert class_shares(labels, np.array([3.0, -1.0, 0.0]), blind, 0.2) == pytest.approx(
        [0.56, 0.12, 0.12, 0.2]
    )


def test_shares_that_say_too_much_still_add_up() -> None:
    labels = [Label("a", share=0.9), Label("b", share=0.6), Label("c")]
    shares = class_shares(labels, np.zeros(3), GRANTED)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[2] < 1e-5


def test_a_scale_takes_the_softmax_of_cosines_as_trained() -> None:
    cosines = np.array([0.31, 0.28], np.float32)
    yardstick = Yardstick(np.zeros(2), np.ones(2))
    labels = [Label("dog"), Label("cat")]
    found = classified(labels, cosines, yardstick, GRANTED, ClassSettings(scale=100.0), CARD)
    assert found.labels[0].probability == pytest.approx(1 / (1 + math.exp(-3.0)), abs=1e-4)
    assert found.evidence is None and found.none is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: TagSettings(share=0.0), "share of 0"),
        (lambda: TagSettings(share=1.5), "share of 1.5"),
        (lambda: TagSettings(least=1.1), "1.1 is no probability"),
        (lambda: TagSettings(least=math.nan), "nan is no probability"),
        (lambda: ClassSettings(none=1.0), "A share of 1"),
        (lambda: ClassSettings(scale=0.0), "A scale of 0"),
        (lambda: ClassSettings(scale=math.inf), "A scale of inf"),
        (lambda: ClassSettings(none=0.5, scale=100.0), "knows no 'none of these'"),
    ],
)
def test_settings_that_cannot_be_are_refused(make: object, told: str) -> None:
    assert callable(make)
    with pytest.raises(QueryError) as error:
        make()
    assert told in error.value.message and error.value.remedy


def test_the_evidence_says_what_it_rests_on() -> None:
    assert "too few captions" in GRANTED.told()
    assert "40 words in the captions of 512 pictures" in Evidence(1.0, -0.5, 40, 512).told()
    assert "2.7 times" in Evidence(1.0, -0.5, 40, 512).told()


def test_a_softmax_of_large_numbers_is_finite() -> None:
    assert shares_of(np.array([1e4, 0.0])).tolist() == [1.0, 0.0]
