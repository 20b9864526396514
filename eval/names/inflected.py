"""Inflected names among real captions: is the caption found that has the base form?

In: the Slovene pairs, and a collection whose captions are the noise. Every base form becomes one
caption more, with words of real captions after it; the query is another form of it with two
common words of the captions. Out: reciprocal rank and recall, with and without the kin form.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain

from eval.bench.report import Cell, Report, Table
from eval.collections import Collection, JudgedQuery
from eval.measures import mean, measure
from eval.names.forms import as_typed
from eval.names.pairs import Pair, pairs_of
from eval.names.weights import DEPTH, by_rule, with_kin
from eval.rescoring import Asked, LexicalSetting, Rescoring
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.domain.asset import Asset

SCENE = "photo of people"
LANGUAGES = ("en", "sl")
MEASURES = ("RR", "R@10", "R@100")
WORDS = 8
"""Words of a real caption after the name: about a caption's length in all."""


def measure_inflected(collection: Collection, seed: int) -> Report:
    """One row for each half of the pairs, way of typing and way of weighing."""
    pairs = [pair for pair in pairs_of("sl") if not is_noun(pair)]
    assets = list(collection.assets())
    captions = [asset.caption for asset in assets if asset.caption]
    drawn = random.Random(seed)
    named = [
        Asset(base, caption=f"{base} {' '.join(drawn.choice(captions).split()[:WORDS])}")
        for base in sorted({pair.base for pair in pairs})
    ]
    queries = [
        JudgedQuery(
            f"{way}|{pair.base}|{number}", f"{typed} {SCENE}", _class(pair, way), {pair.base: 1}
        )
        for number, pair in enumerate(pairs)
        for way, typed in (("written", pair.other), ("small, no accents", as_typed(pair.other)))
    ]
    analyzer = Analyzer(AnalyzerSettings(languages=LANGUAGES))
    rescoring = Rescoring(chain(assets, named), analyzer, queries)
    return Report(
        f"Inflected names among the captions of {collection.name}",
        {"captions": len(assets), "names": len(named), "queries": len(queries)},
        [Table(f"Queries: a name's other form and “{SCENE}”", _rows(rescoring, analyzer, queries))],
    )


def is_noun(pair: Pair) -> bool:
    """Common nouns are in the captions already."""
    return pair.kind == "noun"


def _class(pair: Pair, way: str) -> str:
    return f"{'dev' if pair.is_dev else 'held out'}, {way}"


def _rows(
    rescoring: Rescoring, analyzer: Analyzer, queries: Sequence[JudgedQuery]
) -> list[dict[str, Cell]]:
    settings = analyzer.settings
    ways: dict[str, Callable[[Asked], Asked]] = {
        "without the kin form": with_kin(0.0),
        "kin form mixed in": tuple,
        "by the rule, without the kin form": by_rule(rescoring, 0.0),
        "by the rule": by_rule(rescoring, 1.0),
    }
    rows: list[dict[str, Cell]] = []
    for name, way in ways.items():
        run = rescoring.run(LexicalSetting(name, settings.k1, settings.fields), DEPTH, way)
        scores = measure(run, queries, MEASURES)
        for kind in dict.fromkeys(query.kind for query in queries):
            ids = [query.id for query in queries if query.kind == kind]
            means = {each: mean(scores, ids, each) for each in MEASURES}
            rows.append({"names": kind, "words leg": name, **means})
    return rows
