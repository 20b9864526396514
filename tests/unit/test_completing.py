"""Completion of what is typed, over a real lexicon file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybridsearch.adapters.lexicon import FolderLexicons
from hybridsearch.domain.names import TEXT, ArchiveWord, KnownName, LexiconInfo
from hybridsearch.ports import Lexicon, LexiconContents
from hybridsearch.search.completing import complete


def word(folded: str, display: str, documents: int) -> ArchiveWord:
    return ArchiveWord(folded, display, documents, 0, 0, documents)


VALUES = [
    (KnownName("people", "grace hopper", "Grace Hopper", 5), ("grace hopper",)),
    (KnownName(TEXT, "grace hopper", "Grace Hopper", 9), ("grace hopper",)),
    (KnownName("people", "grace kelly", "Grace Kelly", 7), ("grace kelly",)),
    (KnownName("city", "novo mesto", "Novo mesto", 3), ("novo mesto",)),
    (KnownName("city", "maribor", "Maribor", 30), ("maribor",)),
    (KnownName("creator", "lee, russell", "Lee, Russell", 20), ()),
    (KnownName("credit", "reuters", "Reuters", 50), ()),
]
WORDS = [
    word("explosion", "explosion", 4),
    word("kocevje", "Kočevje", 6),
    word("grass", "grass", 2),
]


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lexicon]:
    kept = FolderLexicons(tmp_path_factory.mktemp("lexicon"))
    info = LexiconInfo("v", 10, 0, 0, "now")
    kept.write(LexiconContents(info, VALUES, WORDS))
    opened = kept.open()
    assert opened is not None
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hop", ["Grace Hopper"]),
        ("gra", ["Grace Hopper", "Grace Kelly", "grass"]),
        ("grace k", ["Grace Kelly"]),
        ('by:"lee, r', ["Lee, Russell"]),
        ("smoke over m", []),
        ("grace ke", ["Grace Kelly"]),
        ("GRACE Ke", ["Grace Kelly"]),
        ("expl", ["explosion"]),
        ("koč", ["Kočevje"]),
        ("KOC", ["Kočevje"]),
        ("smoke over mar", ["Maribor"]),
        ("smoke over novo me", ["Novo mesto"]),
        ("by:russ", ["Lee, Russell"]),
        ("by:hop", []),
        ("in:no", ["Novo mesto"]),
        ("-credit:reu", ["Reuters"]),
        ('fire by:"lee, ru', ["Lee, Russell"]),
        ("date:19", []),
        ("colour:re", []),
        ("g", []),
        ("", []),
        ("grace ", []),
        ("...", []),
    ],
)
def test_what_may_be_meant(lexicon: Lexicon, typed: str, expected: list[str]) -> None:
    assert [each.text for each in complete(typed, lexicon, 8)] == expected


def test_each_tells_its_field_and_the_query_that_it_makes(lexicon: Lexicon) -> None:
    (name,) = complete("a portrait of grace ho", lexicon, 8)
    assert (name.field, name.query) == ("people", "a portrait of Grace Hopper")
    (place,) = complete("fire in:nov", lexicon, 8)
    assert (place.field, place.query) == ("city", 'fire in:"Novo mesto"')
    (common,) = complete("an expl", lexicon, 8)
    assert (common.field, common.count, common.query) == (None, 4, "an explosion")


def test_the_limit_holds_and_the_most_frequent_come_first(lexicon: Lexicon) -> None:
    assert [each.text for each in complete("gra", lexicon, 1)] == ["Grace Hopper"]


def test_without_a_lexicon_there_is_nothing_to_say() -> None:
    assert complete("gra", None, 8) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=40))
def test_anything_may_be_typed(lexicon: Lexicon, typed: str) -> None:
    for each in complete(typed, lexicon, 5):
        assert each.text
        assert each.query.endswith((each.text, f'"{each.text}"'))
