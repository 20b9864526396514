from __future__ import annotations

from pathlib import Path

import pytest

from hybridsearch.domain.explain import ordinal, sentence_of
from hybridsearch.domain.filters import EVERYTHING
from hybridsearch.domain.fusion import Contribution
from hybridsearch.domain.listing import listed
from hybridsearch.domain.plan import Leg, LegKind, Method, Plan
from hybridsearch.domain.results import MatchedTerm


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")],
)
def test_ordinals(number: int, told: str) -> None:
    assert ordinal(number) == told


@pytest.mark.parametrize(
    ("items", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_lists(items: list[str], told: str) -> None:
    assert listed(items) == told


def term(word: str, score: float, **fields: float) -> MatchedTerm:
    return MatchedTerm(word, word.lower(), "written", 1.0, 1.0, fields, score)


def planned(legs: list[Leg], method: Method = Method.RRF) -> Plan:
    return Plan(tuple(legs), EVERYTHING, 10, method)


def test_the_leg_that_gave_most_comes_first_and_the_strongest_words() -> None:
    legs = [
        Leg("looks", LegKind.LOOKS, 1.0, 10, text="Melamin fire"),
        Leg("words", LegKind.WORDS, 1.0, 10),
    ]
    contributions = [
        Contribution("looks", 4, 0.213, 1.0, 1 / 64),
        Contribution("words", 1, 9.0, 1.0, 1 / 61),
    ]
    terms = [term("Melamin", 6.0, caption=1.0, headline=2.0), term("fire", 3.0, caption=1.0)]
    assert sentence_of(contributions, terms, planned(legs)) == (
        "“Melamin” in the headline and the caption; “fire” in the caption (1st by words); "
        "4th by looks (cosine 0.21)."
    )


def test_a_query_picture_and_an_asset_are_named() -> None:
    legs = [
        Leg("picture", LegKind.LOOKS, 1.0, 10, picture=Path("x.jpg")),
        Leg("like", LegKind.LOOKS, 1.0, 10, like="IMG 7"),
    ]
    contributions = [
        Contribution("picture", 1, 0.9, 1.0, 1 / 61),
        Contribution("like", 2, 0.8, 1.0, 1 / 62),
    ]
    assert sentence_of(contributions, [], planned(legs)) == (
        "1st by likeness to the query picture (cosine 0.90); "
        "2nd by likeness to IMG 7 (cosine 0.80)."
    )


def test_evidence_tells_what_a_cosine_is_worth_and_how_deep_it_was_found() -> None:
    legs = [
        Leg("looks", LegKind.LOOKS, 0.5, 200, text="Melamin fire", scene="fire"),
        Leg("picture", LegKind.LOOKS, 0.5, 200, picture=Path("x.jpg")),
        Leg("words", LegKind.WORDS, 1.0, 200),
        Leg("inflected", LegKind.WORDS, 1.0, 200),
    ]
    contributions = [
        Contribution("picture", None, 0.213, 0.5, -0.6),
        Contribution("looks", 3, 0.31, 0.5, 1.1),
        Contribution("words", 1, 9.0, 1.0, 9.0),
        Contribution("inflected", 2, 1.0, 1.0, 1.0),
    ]
    terms = [term("Melamin", 6.0, caption=1.0)]
    assert sentence_of(contributions, terms, planned(legs, Method.EVIDENCE)) == (
        "“Melamin” in the caption (1st by words); "
        "3rd by looks, “fire” above all (cosine 0.31, 2.2 spreads above the background); "
        "2nd by inflected words; beyond the first 200 by likeness to the query picture "
        "(cosine 0.21, 1.2 spreads below the background)."
    )


def test_a_picture_less_a_word_says_so() -> None:
    legs = [Leg("picture", LegKind.LOOKS, 1.0, 10, picture=Path("x.jpg"), minus="person")]
    [part] = [Contribution("picture", 1, 0.9, 1.0, 1 / 61)]
    assert sentence_of([part], [], planned(legs)) == (
        "1st by likeness to the query picture without “person” (cosine 0.90)."
    )
