"""Names inside queries, recognised with a small real lexicon."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import Evidence, Name
from hybridsearch.search.names import lexicon_note, recognise
from tests.lexicons import MemoryLexicon, lexicon_of

ENGLISH = [
    *(Asset(f"r{n}", caption="A man is reading a book about rose gardens") for n in range(8)),
    *(
        Asset(f"p{n}", caption="Crowds wait in Reading for Rose Smith", city="Reading")
        for n in (1, 2)
    ),
    *(
        Asset(f"w{n}", caption="Snow falls on the White House near the white house door")
        for n in (1, 2)
    ),
    Asset("c", caption="The astronaut waves", people=("Eileen Collins",), country="United States"),
    Asset("d", caption="Guards stand at the gate", city="Washington (DC)", event="March"),
    Asset("e", caption="Farmers talk with Evanoff and his son"),
    Asset("f", caption="Later they saw Evanoff again"),
    *(Asset(f"x{n}", caption="Some bridge, some street, some light") for n in range(200)),
]
SLOVENE = [
    Asset("1", caption="Gasilci v tovarni Melamin", organisations=("Melamin",), city="Kočevje"),
    Asset("2", caption="Pogled na most v mestu", city="Novo mesto"),
    Asset("3", caption="Predsednik in gostja", people=("Melanija Trump", "Luka Dončić")),
    Asset("4", caption="Na poti proti mestu Ljubljana je most", city="Ljubljana"),
]
EN, SL = ("en",), ("sl", "en")


@pytest.fixture(scope="module")
def english() -> MemoryLexicon:
    return lexicon_of(ENGLISH, EN)


@pytest.fixture(scope="module")
def slovene() -> MemoryLexicon:
    return lexicon_of(SLOVENE, SL)


def told(names: tuple[Name, ...]) -> list[tuple[str, str, Evidence]]:
    return [(name.typed, name.display, name.evidence) for name in names]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("eileen collins waves", ["Eileen Collins"]),
        ("photos of EILEEN COLLINS'S suit", ["Eileen Collins"]),
        ("astronaut Collins in Washington", ["Collins", "Washington (DC)"]),
        ("man reading newspaper", []),
        ("Reading newspaper", []),
        ("crowds in Reading", ["Reading"]),
        ("rose garden", []),
        ("white house at night", ["white house"]),
        ("Mr. Evanoff on his farm", ["Mr. Evanoff"]),
        ("evanoff farm", ["evanoff"]),
        ("a meeting with Kowalczyk van der Berg today", ["Kowalczyk van der Berg"]),
        ("parade in March in united states", ["United States"]),
        ("parade on Monday", []),
        ("Kowalczyk", []),
        ("Anna Kowalczyk", ["Anna Kowalczyk"]),
        ("FIRE IN THE NIGHT", []),
        ("at the Blue Bridge tonight", ["Blue Bridge"]),
        ("fog at the Street Bridge tonight", ["Street Bridge"]),
        ("fog at the Bridge tonight", []),
        ("Street Bridge in fog", []),
        ("1942 and 7", []),
        ("", []),
    ],
)
def test_english_names(english: MemoryLexicon, query: str, names: list[str]) -> None:
    assert [name.display for name in recognise(query, (), english, EN)] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("eksplozija v Melaminu", ["Melamin"]),
        ("eksplozija v melaminu", ["Melamin"]),
        ("v Novem mestu", ["Novo mesto"]),
        ("v novem mestu", ["Novo mesto"]),
        ("Melanijo Trump na mostu", ["Melanija Trump"]),
        ("koš luke doncica", ["Luka Dončić"]),
        ("v kocevju", ["Kočevje"]),
        ("most v mestu", []),
    ],
)
def test_slovene_names_in_other_cases(slovene: MemoryLexicon, query: str, names: list[str]) -> None:
    assert [name.display for name in recognise(query, (), slovene, SL)] == names


def test_the_longest_name_wins_and_no_two_overlap(english: MemoryLexicon) -> None:
    found = recognise("the United States flag of Eileen Collins in Reading", (), english, EN)
    assert [name.typed for name in found] == ["United States", "Eileen Collins", "Reading"]


def test_a_known_name_tells_field_value_and_count(english: MemoryLexicon) -> None:
    [name] = recognise("the crowds of Reading", (), english, EN)
    assert (name.fields, name.count, name.known[0].folded) == (("city",), 2, "reading")
    assert (name.start, name.end, name.words) == (14, 21, ("Reading",))
    assert name.evidence is Evidence.KNOWN


def test_an_exact_name_is_surer_than_an_inflected_one(slovene: MemoryLexicon) -> None:
    [exact] = recognise("tovarna Melamin", (), slovene, SL)
    [inflected] = recognise("tovarna Melaminu", (), slovene, SL)
    assert exact.confidence > inflected.confidence > 0.5


def test_quotes_make_a_name_of_anything(english: MemoryLexicon) -> None:
    found = recognise("a man reading in the rose garden", [("rose", "garden")], english, EN)
    assert told(found) == [("rose garden", "rose garden", Evidence.QUOTED)]
    assert found[0].confidence == 1.0


def test_a_quoted_known_name_tells_what_it_is(english: MemoryLexicon) -> None:
    [name] = recognise("fire in reading", [("reading",)], english, EN)
    assert (name.evidence, name.display, name.fields) == (Evidence.QUOTED, "Reading", ("city",))


def test_a_phrase_beside_the_text_has_no_place(english: MemoryLexicon) -> None:
    [name] = recognise("fire", [("old", "bridge")], english, EN)
    assert (name.typed, name.start, name.end) == ("old bridge", -1, -1)


def test_without_a_lexicon_quotes_and_capitals_speak() -> None:
    found = recognise("a visit of Kremenšek in the old town", [("old", "town")], None, SL)
    assert told(found) == [
        ("Kremenšek", "Kremenšek", Evidence.CAPITALS),
        ("old town", "old town", Evidence.QUOTED),
    ]


def test_german_capitals_make_no_names() -> None:
    german = lexicon_of([Asset("1", caption="Ein Brand", city="Köln")], ("de",))
    found = recognise("Explosion in der Fabrik in Köln", (), german, ("de",))
    assert [name.display for name in found] == ["Köln"]


def test_punctuation_divides_names_that_are_not_known(english: MemoryLexicon) -> None:
    found = recognise("near Kowalczyk, Brzezinski", (), english, EN)
    assert [name.typed for name in found] == ["Kowalczyk", "Brzezinski"]


SMALL = lexicon_of([Asset("1", caption="a fire in Reading", people=("A B",))], SL)


@given(st.text(max_size=60))
def test_names_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = recognise(text, (), SMALL, SL)
    places = [(name.start, name.end) for name in found]
    assert all(text[name.start : name.end] == name.typed for name in found)
    assert all(left[1] <= right[0] for left, right in pairwise(places))
    assert all(0 < name.confidence <= 1 for name in found)


def test_a_missing_or_stale_lexicon_is_told(english: MemoryLexicon) -> None:
    version, assets = english.info.analyzer_version, english.info.assets
    assert "not gathered" in str(lexicon_note(None, version, assets))
    assert "gathers them anew" in str(lexicon_note(english, version, assets * 2))
    assert "gathers them anew" in str(lexicon_note(english, "other", assets))
    assert lexicon_note(english, version, assets + 1) is None
