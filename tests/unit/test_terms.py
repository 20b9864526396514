from __future__ import annotations

import pytest

from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.bm25f import FieldWeight
from hybridsearch.analysis.stems import LANGUAGES, stemmer_of
from hybridsearch.analysis.terms import Form, terms_of_word
from hybridsearch.errors import ConfigError


@pytest.mark.parametrize(
    ("language", "inflected", "other"),
    [
        ("en", "factories", "factory"),
        ("sl", "tovarni", "tovarna"),
        ("hr", "gradovi", "grad"),
        ("de", "häuser", "hauser"),
        ("fr", "l'usine", "usines"),
        ("it", "dell'opera", "opere"),
    ],
)
def test_inflected_words_share_a_stem(language: str, inflected: str, other: str) -> None:
    stem = stemmer_of(language)
    assert stem(inflected) == stem(other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_stems(language: str) -> None:
    assert stemmer_of(language)("radio")


def test_a_word_with_accents_has_both_spellings_and_a_stem() -> None:
    forms = {term.form: term.text for term in terms_of_word("Kremenšek", ("en",))}
    assert forms == {
        Form.WRITTEN: "kremenšek",
        Form.FOLDED: "kremensek",
        Form.STEM: "~kremensek",
    }


def test_a_query_word_weighs_the_same_with_and_without_accents() -> None:
    analyzer = Analyzer()

    def spelling_weight(text: str) -> float:
        return sum(each.weight for each in analyzer.query(text) if each.term.form != Form.STEM)

    assert spelling_weight("Kremenšek") == spelling_weight("kremensek") == 1.0


def test_repeated_query_words_count_once() -> None:
    analyzer = Analyzer()
    once = [(each.term, each.weight) for each in analyzer.query("fire")]
    thrice = [(each.term, each.weight) for each in analyzer.query("fire Fire FIRE")]
    assert thrice == once


def test_the_version_tells_settings_apart() -> None:
    settings = [
        AnalyzerSettings(),
        AnalyzerSettings(languages=("en", "sl")),
        AnalyzerSettings(k1=0.9),
        AnalyzerSettings(fields={"caption": FieldWeight(1.0)}),
    ]
    assert len({Analyzer(each).version for each in settings}) == len(settings)


def test_the_stem_weight_is_the_querys_and_leaves_the_index_as_it_is() -> None:
    assert Analyzer(AnalyzerSettings(stem_weight=0.1)).version == Analyzer().version


@pytest.mark.parametrize(
    "settings", [{"languages": ("xx",)}, {"fields": {"headlines": FieldWeight()}}]
)
def test_unknown_settings_are_told_with_the_choice(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as told:
        AnalyzerSettings(**settings)  # type: ignore[arg-type]
    assert told.value.remedy
