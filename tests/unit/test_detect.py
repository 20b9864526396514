from __future__ import annotations

import pytest

from eval.names.languages import written_captions
from hybridsearch.analysis import detect
from hybridsearch.analysis.detect import LanguageDetector, with_language
from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.errors import ConfigError

SIX = ("sl", "hr", "de", "fr", "it", "en")


def test_captions_are_told_or_left_in_doubt_but_hardly_ever_told_wrong() -> None:
    detector = LanguageDetector(SIX)
    told = [(language, detector.detect(text)) for language, text in written_captions()]
    right = sum(language == found for language, found in told)
    doubt = sum(found is None for _, found in told)
    assert len(told) == 120
    assert len(told) - right - doubt <= 1
    assert right >= 85


@pytest.mark.parametrize("text", ["", "1942", "Sarah Bernhardt"])
def test_a_name_or_nothing_is_in_doubt(text: str) -> None:
    assert LanguageDetector(SIX).detect(text) is None


def test_with_one_language_there_is_no_choice() -> None:
    assert LanguageDetector(("sl-SI",)).detect("The house is on fire") == "sl"


def test_an_asset_gets_its_language_and_tells_where_from() -> None:
    asset = Asset("1", caption="Gasilci gasijo požar v tovarni pri Mariboru.")
    told = with_language(asset, LanguageDetector(("sl", "en")))
    assert told.language == "sl"
    assert told.provenance["language"] is Provenance.DETECTED


def test_a_language_that_is_named_is_kept() -> None:
    asset = Asset("1", caption="Gasilci gasijo požar v tovarni.", language="hr")
    assert with_language(asset, LanguageDetector(("sl", "hr"))) is asset


def test_an_asset_in_doubt_stays_without() -> None:
    asset = Asset("1", caption="Ana Novak")
    assert with_language(asset, LanguageDetector(("sl", "en"))) is asset


def test_a_missing_package_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="py3langid") as told:
        LanguageDetector(("sl", "en"))
    assert "hybridsearch[languages]" in told.value.remedy
