from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.analysis.words import folded, without_accents, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Explosion at Melamin factory", ["Explosion", "at", "Melamin", "factory"]),
        ("O\u2019Neill's Wi-Fi", ["O'Neill's", "Wi", "Fi"]),
        ("U.S. 3.14 5,000", ["U.S", "3.14", "5,000"]),
        ("\ufb01re", ["fire"]),  # the ligature is composed of two letters
        ("東京タワー", ["東", "京", "タワー"]),
        ("... !", []),
    ],
)
def test_words_follow_unicode_segmentation(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("written", "bare"),
    [("Kremenšek", "kremensek"), ("Đoković", "dokovic"), ("GROẞ", "gross"), ("Łódź", "lodz")],
)
def test_accents_fold_away(written: str, bare: str) -> None:
    assert without_accents(written) == bare


def test_folding_a_value_joins_its_spaces() -> None:
    assert folded("  Eileen \n COLLINS ") == "eileen collins"


@given(st.text())
def test_composed_and_decomposed_text_have_the_same_words(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert words_of(composed) == words_of(decomposed)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
