"""What every lexicon must do, whatever it is kept in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from hybridsearch.adapters.deletions import TWO_EDITS_FROM, deletion_keys
from hybridsearch.adapters.lexicon import FILE_NAME, FolderLexicons
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.name_keys import name_keys
from hybridsearch.analysis.words import words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import SAID, TEXT, ArchiveWord, LexiconInfo
from hybridsearch.ingest.lexicon import Gathering
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
    assert (info.assets, info.names) == (4, 6)
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


CITIES = st.sampled_from(
    [None, "Koper", "KOPER", "Novo mesto", "Nova Gorica", "Kočevje", "Kocevje"]
)
PEOPLE = st.lists(st.sampled_from(["Ana Novak", "Bor Koper", "Cene"]), max_size=2).map(tuple)
TEXTS = st.sampled_from(
    [None, "Most", "gasilci in Bela Hiša", "na mostu je Bela Hiša in Ana Novak", "most v mestu"]
)
DRAWN = st.builds(Asset, st.just("1"), caption=TEXTS, city=CITIES, people=PEOPLE)


CHANGE = st.tuples(st.none() | DRAWN, DRAWN)


@settings(max_examples=60, deadline=None)
@given(st.lists(DRAWN, max_size=6), st.lists(st.lists(CHANGE, max_size=4), max_size=3))
def test_what_is_taken_in_bit_by_bit_is_as_if_all_were_read(
    first: list[Asset], later: list[list[tuple[Asset | None, Asset]]]
) -> None:
    there = list(first)
    with TemporaryDirectory() as folder:
        lexicons = FolderLexicons(Path(folder))
        lexicons.write(contents_of(first, LANGUAGES))
        for changes in later:
            gathered = Gathering(Analyzer(AnalyzerSettings(languages=LANGUAGES)))
            for gone, come in changes:
                if gone in there:
                    there.remove(gone)
                    gathered.remove(gone)
                if gone is None or len(there) < 4:
                    there.append(come)
                    gathered.add(come)
            lexicons.write(gathered.contents(addition=True), add=True)
        whole = contents_of(there, LANGUAGES)
        kept, truth = rows_of(Path(folder) / FILE_NAME), rows_in(whole)
    assert kept.info.assets == len(there)
    assert kept.values == truth.values
    assert kept.words == truth.words
    assert kept.keys == truth.keys
    assert kept.parts == truth.parts
    assert kept.typed >= truth.typed
    assert kept.loose == 0


@dataclass(frozen=True)
class Rows:
    """What a lexicon counts; ``loose`` are rows that lead to nothing."""

    info: LexiconInfo
    values: dict[tuple[str, str], tuple[int, str]]
    words: dict[str, ArchiveWord]
    keys: set[tuple[str, str, str]]
    parts: set[tuple[str, str, str]]
    typed: set[tuple[str, int]]
    loose: int = 0


def rows_in(contents: LexiconContents) -> Rows:
    return Rows(
        contents.info,
        {(each.field, each.folded): (each.count, each.display) for each, _ in contents.values},
        {each.folded: each for each in contents.words},
        {(each.field, each.folded, key) for each, keys in contents.values for key in keys},
        {
            (each.field, each.folded, word)
            for each, _ in contents.values
            if each.field != TEXT or each.count >= SAID
            for word in words_of(each.folded)
        },
        {
            (each.folded, key)
            for each in contents.words
            for key in deletion_keys(each.folded, 2 if each.documents > 1 else 1)
        },
    )


def rows_of(file: Path) -> Rows:
    lexicon = FolderLexicons(file.parent).open()
    assert lexicon is not None
    with closing(lexicon), closing(sqlite3.connect(file)) as rows:
        loose = sum(
            rows.execute(f"SELECT count(*) FROM {table} NOT IN (SELECT id FROM {of})").fetchone()[0]
            for table, of in (
                ("name WHERE value", "value"),
                ("part WHERE value", "value"),
                ("deletion WHERE word", "word"),
                ("spelled WHERE kind = 'value' AND number", "value"),
                ("spelled WHERE kind = 'word' AND number", "word"),
            )
        )
        values = rows.execute("SELECT field, folded, count, display FROM value").fetchall()
        words = rows.execute(
            "SELECT folded, display, documents, named, capital, small FROM word"
        ).fetchall()
        keys = rows.execute("SELECT field, folded, key FROM name JOIN value ON value = value.id")
        parts = rows.execute("SELECT field, folded, word FROM part JOIN value ON value = value.id")
        typed = rows.execute("SELECT folded, key FROM deletion JOIN word ON word = word.id")
        return Rows(
            lexicon.info,
            {(field, folded): (count, display) for field, folded, count, display in values},
            {row[0]: ArchiveWord(*row) for row in words},
            set(keys.fetchall()),
            set(parts.fetchall()),
            set(typed.fetchall()),
            loose,
        )


WORDS = st.text(alphabet="abcčd", min_size=2, max_size=12)


@given(WORDS, WORDS)
def test_words_within_the_forgiven_edits_share_a_deletion(one: str, two: str) -> None:
    distance = DamerauLevenshtein.distance(one, two)
    most = 2 if min(len(one), len(two)) > TWO_EDITS_FROM else 1
    if distance <= most:
        assert deletion_keys(one) & deletion_keys(two)
    if distance <= 1:
        assert deletion_keys(one) & deletion_keys(two, most=1)
