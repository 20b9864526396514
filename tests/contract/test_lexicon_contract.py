"""What every lexicon must do, whatever it is kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from hybridsearch.adapters.deletions import TWO_EDITS_FROM, deletion_keys
from hybridsearch.adapters.lexicon import FolderLexicons
from hybridsearch.analysis.name_keys import name_keys
from hybridsearch.domain.asset import Asset
from hybridsearch.ports import Lexicon, LexiconContents
from tests.lexicons import MemoryLexicon, contents_of

LANGUAGES = ("en", "sl")
ASSETS = [
    Asset("1", caption="Eksplozija v tovarni Melamin", city="Kočevje", credit="Agencija"),
    Asset("2", people=("Eileen Collins", "Ana Novak"), city="Kočevje", country="Slovenija"),
    Asset("3", people=("Ana Novak",), city="Novo mesto", creator="Ana Novak"),
    Asset("4", people=("ANA NOVAK",), city="Novo Mesto"),
]

Opener = Callable[[LexiconContents], Lexicon]


@pytest.fixture(params=["memory", "sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lexicon]:
    contents = contents_of(ASSETS, LANGUAGES)
    if request.param == "memory":
        yield MemoryLexicon(contents)
        return
    lexicons = FolderLexicons(tmp_path)
    lexicons.write(contents)
    lexicon = lexicons.open()
    assert lexicon is not None
    with closing(lexicon):
        yield lexicon


def test_it_tells_what_it_was_built_from(opened: Lexicon) -> None:
    info = opened.info
    assert (info.assets, info.again, info.names) == (4, 0, 6)
    assert info.words == 12
    assert info.analyzer_version == contents_of([], LANGUAGES).info.analyzer_version


def test_names_are_found_by_their_keys_the_most_frequent_first(opened: Lexicon) -> None:
    [key, *_] = name_keys(["Ana", "Novak"], LANGUAGES)
    found = opened.names([key, "nobody"])
    assert [(each.field, each.count) for each in found[key]] == [("people", 3), ("creator", 1)]
    assert set(found) == {key}


def test_inflected_names_are_found_by_their_looser_keys(opened: Lexicon) -> None:
    found = opened.names(name_keys(["Novem", "mestu"], LANGUAGES))
    assert {each.folded for values in found.values() for each in values} == {"novo mesto"}


def test_first_words_tell_how_long_a_name_may_be(opened: Lexicon) -> None:
    assert opened.starts(["ana", "novak", "kocevje"]) == {"ana": 2, "kocevje": 1}


def test_words_are_told_by_their_form_without_accents(opened: Lexicon) -> None:
    found = opened.words(["kocevje", "tovarni", "missing"])
    assert set(found) == {"kocevje", "tovarni"}
    assert (found["kocevje"].display, found["kocevje"].documents, found["kocevje"].named) == (
        "Kočevje",
        2,
        2,
    )


def test_words_one_edit_away_are_alike(opened: Lexicon) -> None:
    for typed in ("melamim", "melamn", "melaminn", "emlamin"):
        assert "melamin" in {each.folded for each in opened.alike(typed)}


def test_values_are_shown_as_they_are_mostly_spelt(opened: Lexicon) -> None:
    assert opened.display("people", "ana novak") == "Ana Novak"
    assert opened.display("credit", "agencija") == "Agencija"
    assert opened.display("city", "nowhere") == "nowhere"


def test_values_are_completed_from_the_beginning_of_a_word(opened: Lexicon) -> None:
    found = opened.complete(["ana"], "nov", 5)
    assert [(each.field, each.folded) for each in found] == [
        ("people", "ana novak"),
        ("creator", "ana novak"),
    ]
    assert [each.folded for each in opened.complete([], "nov", 5, ["city"])] == ["novo mesto"]


def test_words_are_completed_the_most_frequent_first(opened: Lexicon) -> None:
    assert [each.folded for each in opened.words_from("nov", 5)] == ["novak", "novo"]


def test_nothing_asked_is_nothing_found(opened: Lexicon) -> None:
    assert (opened.names([]), opened.words([]), opened.starts([])) == ({}, {}, {})


def test_quotes_and_other_signs_are_no_syntax(opened: Lexicon) -> None:
    odd = ["o'neill", 'say "hi"', "100%", "a;b", "\\", "\u0000", "ž"]
    assert (opened.names(odd), opened.words(odd)) == ({}, {})


def test_closing_twice_is_no_error(opened: Lexicon) -> None:
    opened.close()
    opened.close()


WORDS = st.text(alphabet="abcčd", min_size=2, max_size=12)


@given(WORDS, WORDS)
def test_words_within_the_forgiven_edits_share_a_deletion(one: str, two: str) -> None:
    distance = DamerauLevenshtein.distance(one, two)
    most = 2 if min(len(one), len(two)) > TWO_EDITS_FROM else 1
    if distance <= most:
        assert deletion_keys(one) & deletion_keys(two)
    if distance <= 1:
        assert deletion_keys(one) & deletion_keys(two, most=1)
