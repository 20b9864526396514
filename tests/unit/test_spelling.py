from __future__ import annotations

import pytest

from hybridsearch.domain.asset import Asset
from hybridsearch.search.spelling import suggest
from tests.lexicons import MemoryLexicon, lexicon_of

ASSETS = [
    *(Asset(f"m{n}", caption="Fire at the Melamin factory") for n in range(3)),
    *(Asset(f"b{n}", caption="The bridge at night in newspapers") for n in range(40)),
    Asset("c", caption="A fridge and the Kremenšek family, new york"),
]


@pytest.fixture(scope="module")
def lexicon() -> MemoryLexicon:
    return lexicon_of(ASSETS)


def suggested(lexicon: MemoryLexicon, *words: str) -> list[str]:
    return [each.text for each in suggest(words, set(words), lexicon)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Melamim", "Melamin"),
        ("melamn", "Melamin"),
        ("Melmain", "Melamin"),
        ("factroy", "factory"),
        ("kremensk", "Kremenšek"),
        ("newspaeprs", "newspapers"),
        ("newspprs", "newspapers"),  # two edits in a long word
    ],
)
def test_a_word_with_an_edit_is_put_right(lexicon: MemoryLexicon, typed: str, meant: str) -> None:
    assert suggested(lexicon, typed) == [meant]


def test_the_first_letter_counts_unless_the_other_word_is_far_more_frequent() -> None:
    def closest(bridges: int) -> str:
        assets = [
            *(Asset(f"b{n}", caption="bridge") for n in range(bridges)),
            Asset("f", caption="fridge"),
        ]
        [found] = suggest(["fidge"], {"fidge"}, lexicon_of(assets))
        return found.text

    assert (closest(5), closest(50)) == ("fridge", "fridge")
    [other] = suggest(["xridge"], {"xridge"}, lexicon_of([Asset("b", caption="bridge")]))
    assert other.text == "bridge"


@pytest.mark.parametrize("typed", ["fir", "1943", "b2b2", "zzzzzz", "brgg"])
def test_short_words_numbers_and_words_like_none_are_let_be(
    lexicon: MemoryLexicon, typed: str
) -> None:
    assert suggested(lexicon, typed) == []


def test_only_missing_words_are_put_right(lexicon: MemoryLexicon) -> None:
    found = suggest(["Melamim", "fridge"], {"Melamim"}, lexicon)
    assert [(each.typed, each.text) for each in found] == [("Melamim", "Melamin")]


def test_a_suggestion_tells_distance_frequency_and_how_sure_it_is(lexicon: MemoryLexicon) -> None:
    [found] = suggest(["Melamim"], {"Melamim"}, lexicon)
    assert (found.distance, found.documents, found.sure) == (1, 3, True)
    [far] = suggest(["newspprs"], {"newspprs"}, lexicon)
    assert (far.distance, far.sure) == (2, False)


def test_two_words_close_alike_are_not_sure() -> None:
    lexicon = lexicon_of([Asset("1", caption="marten"), Asset("2", caption="martin")])
    [found] = suggest(["martyn"], {"martyn"}, lexicon)
    assert (found.text, found.sure) == ("marten", False)


def test_words_written_apart_are_joined(lexicon: MemoryLexicon) -> None:
    found = suggest(["news", "papers", "bridge"], {"news", "papers"}, lexicon)
    assert [(each.typed, each.text, each.distance) for each in found] == [
        ("news papers", "newspapers", 1)
    ]


def test_words_written_together_are_divided(lexicon: MemoryLexicon) -> None:
    [found] = suggest(["newyork"], {"newyork"}, lexicon)
    assert (found.words, found.sure) == (("new", "york"), False)


def test_a_word_asked_twice_is_put_right_once(lexicon: MemoryLexicon) -> None:
    assert suggested(lexicon, "Melamim", "Melamim") == ["Melamin"]


def test_without_a_lexicon_nothing_is_suggested() -> None:
    assert suggest(["Melamim"], {"Melamim"}, None) == ()
