"""The measurements of names: their files, their draws, their figures."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from eval.names import pairs as module
from eval.names.conflation import conflation, judgements
from eval.names.forms import ALL, EXACT, STEMS, as_typed, measure, meets
from eval.names.pairs import FILES, pairs_of
from eval.names.spelling import Misspelt, edited, misspellings, spelling_figures
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import ArchiveWord
from hybridsearch.errors import SourceError
from tests.lexicons import lexicon_of


def word(folded: str, documents: int = 1) -> ArchiveWord:
    return ArchiveWord(folded, folded, documents, 0, 0, 0)


def test_there_are_enough_pairs_and_none_twice() -> None:
    slovene = pairs_of("sl")
    assert len(slovene) >= 150
    assert all(len(pairs_of(language)) >= 30 for language in FILES)
    assert all(len({(p.base, p.other) for p in ps}) == len(ps) for ps in map(pairs_of, FILES))
    assert {"dat.du", "gen.pl", "loc.pl", "ins.sg"} <= {pair.form for pair in slovene}


def test_all_forms_of_a_word_are_in_one_half() -> None:
    halves = {pair.base: pair.is_dev for pair in pairs_of("sl")}
    assert all(pair.is_dev is halves[pair.base] for pair in pairs_of("sl"))
    assert 0.4 < sum(halves.values()) / len(halves) < 0.6


def test_a_broken_line_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILES["sl"]).write_text("# pairs\nKoper\tKopra\tgen.sg\n", encoding="utf-8")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(SourceError, match="line 2"):
        pairs_of("sl")


@pytest.mark.parametrize(
    ("base", "other", "met_by"),
    [
        ("Kremenšek", "kremensek", EXACT),
        ("Ljubljana", "Ljubljane", STEMS),
        ("Kremenšek", "kremenska", ALL),
        ("prometna nesreča", "prometne nesreče", STEMS),
        ("Ravne na Koroškem", "Ravnah na Koroškem", ALL),
    ],
)
def test_pairs_meet_by_the_nearest_form_that_can(
    base: str, other: str, met_by: frozenset[str]
) -> None:
    found = [forms for forms in (EXACT, STEMS, ALL) if meets(base, other, "sl", forms)]
    assert found[0] == met_by


def test_pairs_of_other_words_do_not_meet() -> None:
    assert not meets("Maribor", "Marina", "sl", ALL)
    assert not meets("Nova Gorica", "Nova", "sl", ALL)


def test_forms_are_typed_small_and_without_accents() -> None:
    assert as_typed("Škofja Loka") == "skofja loka"


def test_what_is_measured_is_what_the_readers_are_told() -> None:
    report = measure()
    rows = {(row["language"], row["half"]): row for row in report.tables[0].rows}
    for half in ("dev", "held out"):
        assert float(rows["sl", half]["typed: kin"]) >= 0.98
        assert float(rows["hr", half]["typed: kin"]) >= 0.98


def test_conflation_counts_words_of_other_stems() -> None:
    found = conflation([word("cola", 6), word("cole", 2), word("farm", 5), word("farms", 5)])
    assert (found.words, found.classes) == (4, 3)
    assert found.others == pytest.approx(2 / 4)
    assert found.occurrences == pytest.approx((6 * 2 / 8 + 2 * 6 / 8) / 18)
    assert found.largest[0] == ("cola", "cole")


def test_every_pair_of_the_sample_was_judged() -> None:
    judged = judgements()
    assert len(judged) == 100
    assert set(judged.values()) <= {"kin", "near", "other"}


@given(st.text(alphabet="abcdefgh", min_size=5, max_size=12), st.integers(0, 1000))
def test_a_misspelling_is_one_edit_away(meant: str, seed: int) -> None:
    assert DamerauLevenshtein.distance(meant, edited(meant, random.Random(seed))) == 1


def test_frequent_words_are_misspelt_more_often_and_none_twice() -> None:
    words = [word("bridge", 1000), *(word(f"house{letter}") for letter in "abcdefgh"), word("abc")]
    drawn = list(misspellings(words, 3, seed=1))
    assert len({each.meant for each in drawn}) == 3
    assert "bridge" in {each.meant for each in drawn}
    assert "abc" not in {each.meant for each in misspellings(words, 99, seed=1)}


def test_suggestions_are_counted_right_wrong_and_none() -> None:
    lexicon = lexicon_of([Asset("1", caption="bridge marten martin"), Asset("2", caption="marten")])
    asked = [
        Misspelt("bridge", "bridg"),
        Misspelt("martin", "martyn"),
        Misspelt("qqqqq", "xxxxx"),
        Misspelt("marten", "martin"),
    ]
    found = spelling_figures(lexicon, asked)
    assert (found.asked, found.a_word) == (3, 1)
    assert (found.right, found.wrong, found.none) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert (found.sure, found.sure_right) == (0.5, 1.0)
