from __future__ import annotations

import pytest

from hybridsearch.analysis.function_words import content_words


@pytest.mark.parametrize(
    ("query", "languages", "kept"),
    [
        ("explosion at Melamin factory", ["en"], ["explosion", "Melamin", "factory"]),
        ("The fire at home", ["en"], ["fire", "home"]),
        ("Will Smith", ["en"], ["Will", "Smith"]),
        ("will smith", ["en"], ["smith"]),
        ("to be or not to be", ["en"], ["to", "be", "or", "not", "to", "be"]),
        ("eksplozija v tovarni", ["en", "sl"], ["eksplozija", "tovarni"]),
        ("Brand in der Fabrik", ["de"], ["Brand", "Fabrik"]),
        ("l'usine en feu", ["fr"], ["l'usine", "feu"]),
        ("the fire", ["xx"], ["the", "fire"]),
    ],
)
def test_queries_keep_what_they_mean(query: str, languages: list[str], kept: list[str]) -> None:
    assert content_words(query.split(), languages) == kept
