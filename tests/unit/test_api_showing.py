"""What a page needs to show hits: words to mark, near duplicates."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="the service needs hybridsearch[serve]")

from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.results import Explanation, Hit, MatchedTerm
from services.api.showing import duplicates_of, words_to_mark


def hit(asset: Asset, *terms: str) -> Hit:
    matched = tuple(MatchedTerm("", term, "", 1.0, 1.0, {}, 1.0) for term in terms)
    return Hit(1, 1.0, asset, Explanation("", (), matched))


def terms_of(analyzer: Analyzer, text: str) -> list[str]:
    return [each.term.text for each in analyzer.query(text)]


def test_inflected_names_and_words_are_marked_as_they_stand() -> None:
    analyzer = Analyzer(AnalyzerSettings(languages=("sl",)))
    asset = Asset("a", headline="Požar v Melaminu", caption="V Mariboru gori tovarna. MELAMIN!")
    marked = words_to_mark(hit(asset, *terms_of(analyzer, "Melamin Maribor tovarne")), analyzer)
    assert marked == ["Melaminu", "Mariboru", "tovarna", "MELAMIN"]


def test_only_what_matched_is_marked() -> None:
    analyzer = Analyzer()
    asset = Asset("a", caption="Ships at the harbour", people=("Grace Hopper",), city="Koper")
    assert words_to_mark(hit(asset, *terms_of(analyzer, "ship hopper")), analyzer) == [
        "Ships",
        "Hopper",
    ]
    assert words_to_mark(hit(asset), analyzer) == []


def test_near_duplicates_are_those_of_the_asset_alone() -> None:
    hashes = {"same": "00000000000000ff", "near": "00000000000000fe", "far": "ffffffffffffffff"}
    hits = [hit(Asset(key, perceptual_hash=value)) for key, value in hashes.items()]
    hits.append(hit(Asset("far too", perceptual_hash="ffffffffffffffff")))
    hits.append(hit(Asset("words")))
    asset = Asset("a", perceptual_hash="00000000000000ff")
    assert duplicates_of(asset, hits) == ["same", "near"]
    assert duplicates_of(Asset("b"), hits) == []
