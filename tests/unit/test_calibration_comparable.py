"""Scores that mean the same from query to query."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.domain.comparable import comparable_scores, words_ceiling
from hybridsearch.domain.filters import EVERYTHING
from hybridsearch.domain.plan import Leg, LegKind, Method, Plan, PlannedTerm
from hybridsearch.domain.ranking import Ranked, Ranking

K1 = 1.2


def term(word: str, idf: float | None, weight: float = 1.0, form: str = "written") -> PlannedTerm:
    return PlannedTerm(hash((word, form)), f"{form}{word}", form, word, weight, idf)


def words(*terms: PlannedTerm, depth: int = 3) -> Leg:
    return Leg("words", LegKind.WORDS, 1.0, depth, "text", terms=terms)


def looks(depth: int = 3) -> Leg:
    return Leg("looks", LegKind.LOOKS, 1.0, depth, "text")


def ranking(leg: str, **scores: float) -> Ranking:
    return Ranking.of(leg, tuple(Ranked(key, score) for key, score in scores.items()))


def test_the_ceiling_by_hand() -> None:
    leg = words(term("melamin", 3.0), term("melamin", 2.0, 0.5, "stem"))
    assert words_ceiling(leg, K1, points=10) == pytest.approx((3.0 + 0.5 * 2.0) * 2.2)


def test_a_word_that_nobody_wrote_counts_as_the_rarest() -> None:
    known, unknown = term("melamin", 3.0), term("kyiv", None)
    rarest = math.log(1 + 10.5 / 0.5)
    assert words_ceiling(words(known, unknown), K1, 10) == pytest.approx((3.0 + rarest) * 2.2)


def test_a_form_that_nobody_wrote_of_a_known_word_counts_nothing() -> None:
    leg = words(term("factories", None), term("factories", 2.0, 0.5, "stem"))
    assert words_ceiling(leg, K1, 10) == pytest.approx(1.0 * 2.2)


@given(
    st.lists(st.tuples(st.floats(0.01, 12), st.floats(0.1, 2), st.floats(0, 50)), min_size=1),
    st.integers(1, 10**6),
)
def test_no_document_passes_the_ceiling(
    asked: list[tuple[float, float, float]], points: int
) -> None:
    leg = words(*(term(f"w{n}", idf, weight) for n, (idf, weight, _) in enumerate(asked)))
    score = sum(idf * weight * tf * (K1 + 1) / (K1 + tf) for idf, weight, tf in asked)
    assert 0 <= score <= words_ceiling(leg, K1, points) * (1 + 1e-9)


def scores(plan: Plan, *rankings: Ranking) -> dict[str, dict[str, float]]:
    found = comparable_scores(plan, rankings, K1, points=10)
    return {key: dict(value) for key, value in found.items()}


def test_what_a_leg_was_asked_to_score_counts_as_what_it_listed() -> None:
    plan = Plan((looks(1), words(term("a", 1.0), depth=1)), EVERYTHING, 10)
    found = scores(
        plan,
        Ranking.of("looks", (Ranked("p", 0.9),), (Ranked("r", 0.1),)),
        Ranking.of("words", (Ranked("r", 2.2),)),
    )
    assert found == {"p": {"looks": 0.9, "words": 0.0}, "r": {"looks": 0.1, "words": 1.0}}


def test_a_full_list_bounds_what_it_left_out() -> None:
    legs = (looks(2), words(term("a", 1.0), depth=2))
    plan = Plan(legs, EVERYTHING, 10, Method.RRF)
    found = scores(plan, ranking("looks", p=0.9, q=0.4), ranking("words", r=2.2, q=1.1))
    assert found == {
        "p": {"looks": 0.9, "words": 0.5},
        "q": {"looks": 0.4, "words": 0.5},
        "r": {"looks": 0.4, "words": 1.0},
    }


def test_a_list_that_ended_left_out_what_it_cannot_see() -> None:
    plan = Plan((looks(9), words(term("a", 1.0), depth=9)), EVERYTHING, 10)
    found = scores(plan, ranking("looks", p=0.9), ranking("words", r=2.2))
    assert found == {"p": {"looks": 0.9, "words": 0.0}, "r": {"words": 1.0}}


def test_a_search_without_legs_has_no_candidates() -> None:
    assert scores(Plan((), EVERYTHING, 10)) == {}


def test_words_without_weight_score_nothing() -> None:
    plan = Plan((words(term("a", 1.0, weight=0.0)),), EVERYTHING, 10)
    assert scores(plan, ranking("words", p=0.0)) == {"p": {"words": 0.0}}
