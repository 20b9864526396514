from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.domain.fusion import (
    Fusion,
    Scale,
    convex_combination,
    evidence_sum,
    reciprocal_rank_fusion,
)
from hybridsearch.domain.ranking import Ranked, Ranking, in_rank_order

ids = st.text("abcdef", min_size=1, max_size=3)
scores = st.floats(-10, 10, allow_nan=False)


@st.composite
def rankings(draw: st.DrawFn) -> list[Ranking]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        entries = draw(st.dictionaries(ids, scores, max_size=12))
        ranked = [Ranked(key, value) for key, value in entries.items()]
        found.append(Ranking.of(f"leg{number}", in_rank_order(ranked)))
    return found


def order(fused: Fusion) -> list[str]:
    return [each.point_id for each in fused.entries]


def test_hand_computed_scores() -> None:
    words = Ranking.of("words", (Ranked("a", 9.0), Ranked("b", 5.0)))
    looks = Ranking.of("looks", (Ranked("b", 0.9), Ranked("c", 0.8), Ranked("a", 0.1)))
    fused = reciprocal_rank_fusion([words, looks], [2.0, 1.0], k=60)
    assert dict(fused.entries) == pytest.approx(
        {"a": 2 / 61 + 1 / 63, "b": 2 / 62 + 1 / 61, "c": 1 / 62}
    )
    assert order(fused) == ["a", "b", "c"]


@given(rankings(), st.integers(0, 100))
def test_contributions_add_up_to_the_score(legs: list[Ranking], k: int) -> None:
    fused = reciprocal_rank_fusion(legs, [1.0] * len(legs), k)
    for each in fused.entries:
        parts = fused.contributions(each.point_id)
        assert math.isclose(sum(part.value for part in parts), each.score)
        assert all(part.rank and part.value == part.weight / (k + part.rank) for part in parts)


@given(st.dictionaries(ids, st.sampled_from([0.0, 1.0])), st.randoms(use_true_random=False))
def test_ties_are_settled_by_id_whatever_the_order_they_came_in(
    scores: dict[str, float], random: Random
) -> None:
    entries = [Ranked(*each) for each in scores.items()]
    random.shuffle(entries)
    ordered = in_rank_order(entries)
    assert list(ordered) == sorted(entries, key=lambda each: (-each.score, each.point_id))


@given(rankings())
def test_the_order_of_the_legs_does_not_matter(legs: list[Ranking]) -> None:
    fused = reciprocal_rank_fusion(legs, [1.0] * len(legs))
    turned = reciprocal_rank_fusion(legs[::-1], [1.0] * len(legs))
    assert dict(turned.entries) == pytest.approx(dict(fused.entries))


@given(rankings())
def test_one_leg_keeps_its_own_order(legs: list[Ranking]) -> None:
    for leg in legs:
        alone = order(reciprocal_rank_fusion([leg], [1.0]))
        by_score = sorted(leg.entries, key=lambda entry: (-entry.score, entry.point_id))
        assert alone == [entry.point_id for entry in by_score]


@given(rankings())
def test_a_leg_of_no_weight_says_nothing(legs: list[Ranking]) -> None:
    silent = Ranking.of("silent", (Ranked("zzz", 1.0),))
    weights = [1.0] * len(legs)
    assert reciprocal_rank_fusion([*legs, silent], [*weights, 0.0]) == reciprocal_rank_fusion(
        legs, weights
    )


@given(rankings(), st.floats(0.1, 10))
def test_scaling_all_weights_changes_no_order(legs: list[Ranking], factor: float) -> None:
    plain = reciprocal_rank_fusion(legs, [1.0] * len(legs))
    scaled = reciprocal_rank_fusion(legs, [factor] * len(legs))
    for one, other in zip(plain.entries, scaled.entries, strict=True):
        assert math.isclose(one.score * factor, other.score)


@given(st.lists(ids, min_size=2, max_size=12, unique=True), st.data())
def test_a_better_rank_in_one_leg_never_lowers_a_point(
    names: list[str], data: st.DataObject
) -> None:
    before = Ranking.of("a", tuple(Ranked(name, -float(i)) for i, name in enumerate(names)))
    chosen = data.draw(st.integers(1, len(names) - 1))
    swapped = list(names)
    swapped[chosen - 1], swapped[chosen] = swapped[chosen], swapped[chosen - 1]
    after = Ranking.of("a", tuple(Ranked(name, -float(i)) for i, name in enumerate(swapped)))

    def score(ranking: Ranking) -> float:
        return dict(reciprocal_rank_fusion([ranking], [1.0]).entries)[names[chosen]]

    assert score(after) > score(before)


@pytest.mark.parametrize(("weights", "k"), [([], 60), ([-1.0], 60), ([1.0], -1)])
def test_weights_that_make_no_sense_are_refused(weights: list[float], k: int) -> None:
    with pytest.raises(ValueError, match=r"weights|k"):
        reciprocal_rank_fusion([Ranking.of("a", ())], weights, k)


def test_convex_scores_by_hand() -> None:
    words = Ranking.of("words", (Ranked("a", 8.0), Ranked("b", 2.0)))
    looks = Ranking.of("looks", (Ranked("b", 0.5), Ranked("c", 0.2)))
    fused = convex_combination([words, looks], [0.7, 0.3], floors=[0.0, -1.0])
    assert dict(fused.entries) == pytest.approx(
        {"a": 0.7, "b": 0.7 * 2 / 8 + 0.3, "c": 0.3 * 1.2 / 1.5}
    )
    assert order(fused) == ["a", "b", "c"]


@given(rankings())
def test_convex_contributions_lie_between_nothing_and_the_weight(legs: list[Ranking]) -> None:
    fused = convex_combination(legs, [0.5] * len(legs), [-10.0] * len(legs))
    for each in fused.entries:
        parts = fused.contributions(each.point_id)
        assert math.isclose(sum(part.value for part in parts), each.score)
        assert all(0 <= part.value <= 0.5 for part in parts)


def test_convex_floors_must_fit() -> None:
    with pytest.raises(ValueError, match="floors"):
        convex_combination([Ranking.of("a", ())], [1.0], [])


def test_evidence_by_hand() -> None:
    words = Ranking.of("words", (Ranked("a", 9.0), Ranked("b", 5.0)))
    looks = Ranking.of("looks", (Ranked("b", 0.9), Ranked("c", 0.8)), (Ranked("a", 0.3),))
    fused = evidence_sum([words, looks], [1.0, 2.0], [Scale(), Scale(0.5, 0.1)])
    assert dict(fused.entries) == pytest.approx({"a": 9 - 4, "b": 5 + 8, "c": 6})
    assert order(fused) == ["b", "c", "a"]
    by_words, by_looks = fused.contributions("a")
    assert (by_words.rank, by_words.value) == (1, 9.0)
    assert by_looks.rank is None
    assert by_looks.score == 0.3
    assert by_looks.value == pytest.approx(-4.0)


@given(rankings(), st.floats(0.1, 10), st.floats(-1, 1))
def test_evidence_adds_up_to_the_score(legs: list[Ranking], spread: float, mean: float) -> None:
    scales = [Scale(mean, spread)] * len(legs)
    fused = evidence_sum(legs, [1.5] * len(legs), scales)
    for each in fused.entries:
        parts = fused.contributions(each.point_id)
        assert math.isclose(sum(part.value for part in parts), each.score, abs_tol=1e-9)
        for part in parts:
            assert part.value == pytest.approx(1.5 * (part.score - mean) / spread)


@given(rankings(), st.floats(0.1, 10))
def test_evidence_does_not_ask_how_far_a_list_was_read(legs: list[Ranking], spread: float) -> None:
    """What a leg scored counts the same as what it listed."""
    scales = [Scale(0.0, spread)] * len(legs)
    cut = [replace(leg, entries=leg.entries[:2], scored=leg.entries[2:]) for leg in legs]
    whole = evidence_sum(legs, [1.0] * len(legs), scales)
    assert evidence_sum(cut, [1.0] * len(legs), scales).entries == whole.entries


def test_a_leg_without_spread_says_nothing() -> None:
    flat = Ranking.of("looks", (Ranked("b", 0.5), Ranked("a", 0.5)))
    words = Ranking.of("words", (Ranked("a", 1.0),))
    fused = evidence_sum([words, flat], [1.0, 3.0], [Scale(), Scale(0.5, 0.0)])
    assert dict(fused.entries) == {"a": 1.0, "b": 0.0}


def test_ranks_know_nothing_of_what_was_only_scored() -> None:
    words = Ranking.of("words", (Ranked("a", 9.0),), (Ranked("b", 1.0),))
    assert [each.point_id for each in reciprocal_rank_fusion([words], [1.0]).entries] == ["a"]


@pytest.mark.parametrize(("weights", "scales"), [([1.0], []), ([-1.0], [Scale()]), ([], [])])
def test_evidence_refuses_what_does_not_fit(weights: list[float], scales: list[Scale]) -> None:
    with pytest.raises(ValueError, match=r"scales|weights|negative"):
        evidence_sum([Ranking.of("a", ())], weights, scales)
