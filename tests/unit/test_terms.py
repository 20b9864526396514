from __future__ import annotations

import pytest

from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.bm25f import FieldWeight
from hybridsearch.analysis.stems import LANGUAGES, stemmer_of
from hybridsearch.analysis.terms import Form, terms_of_word
from hybridsearch.domain.asset import Asset
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


@pytest.mark.parametrize(
    ("language", "inflected", "base"),
    [
        ("en", "women's", "woman"),
        ("en", "firemen", "fireman"),
        ("en", "children", "child"),
        ("en", "wolves", "wolf"),
        ("fr", "travaux", "travail"),
        ("fr", "yeux", "œil"),
        ("it", "uomini", "uomo"),
        ("it", "laghi", "lago"),
        ("de", "annas", "anna"),
        ("de", "kölns", "köln"),
        ("de", "bundestages", "bundestag"),
    ],
)
def test_plurals_and_genitives_that_stemmers_leave(
    language: str, inflected: str, base: str
) -> None:
    stem = stemmer_of(language)
    assert stem(inflected) == stem(base)


def test_a_language_without_a_stemmer_is_told_with_the_choice() -> None:
    with pytest.raises(ConfigError, match="'xx'") as told:
        stemmer_of("xx")
    assert "sl" in told.value.remedy


@pytest.mark.parametrize("language", ["sl", "hr"])
def test_a_dictionary_says_nothing_of_words_it_does_not_have(language: str) -> None:
    assert stemmer_of(language)("electronic") is None
    texts = {term.text for term in terms_of_word("farms", ("en", language))}
    assert texts == {"farms", "~farm"}


def test_a_caption_is_found_by_the_stem_of_a_form_without_accents() -> None:
    written = {term.id for term in terms_of_word("l'Assemblée", ("fr",))}
    typed = {term.id for term in terms_of_word("assemblee", ("fr",)) if term.form == Form.STEM}
    assert typed & written


def test_archives_that_need_it_have_a_kin_form_for_what_names_may_be() -> None:
    def kin(text: str, languages: tuple[str, ...]) -> list[str]:
        analyzer = Analyzer(AnalyzerSettings(languages=languages))
        return [each.term.text for each in analyzer.query(text) if each.term.form == Form.KIN]

    assert kin("v Melaminu", ("en", "sl")) == ["^melamin"]
    assert kin("Melaminu", ("en", "de")) == []


def test_an_asset_of_another_language_has_the_archives_kin_forms() -> None:
    asset = Asset("1", caption="An explosion at Melamin", language="en")
    [caption] = Analyzer(AnalyzerSettings(languages=("sl",))).document(asset).values()
    assert {"^melamin", "^eksplozij"} & {term.text for term in caption.frequencies} == {"^melamin"}
    assert "^at" not in {term.text for term in caption.frequencies}


def test_the_kin_weight_is_the_querys_and_leaves_the_index_as_it_is() -> None:
    settings = [AnalyzerSettings(("sl",), kin_weight=weight) for weight in (0.0, 0.5)]
    assert len({Analyzer(each).version for each in settings}) == 1
    weights = [
        [each.weight for each in Analyzer(each).query("melamin") if each.term.form == Form.KIN]
        for each in settings
    ]
    assert weights == [[], [0.5]]


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
