"""What the page's script draws from: every query with the top of every system.

In: an evaluation and its thumbnails. Out: plain values for JSON, each asset told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eval.collections import JudgedQuery
from eval.evaluation import Evaluation, ShownAsset, classes_of
from eval.report.means import measures_of, primary_measure
from eval.report.systems import ShownSystem
from eval.report.words import marked, shortened

DEPTH = 10
TITLE = 200
CAPTION = 500


class _Assets:
    """Assets by the number under which the queries name them."""

    def __init__(self, evaluation: Evaluation, pictures: Sequence[str]) -> None:
        self._known = evaluation.assets
        self._pictures = {asset_id: index for index, asset_id in enumerate(pictures)}
        self._numbers: dict[str, int] = {}
        self.rows: list[list[Any]] = []

    def number(self, asset_id: str) -> int:
        if asset_id not in self._numbers:
            self._numbers[asset_id] = len(self.rows)
            picture = self._pictures.get(asset_id, -1)
            self.rows.append([asset_id, *self.text(asset_id), picture])
        return self._numbers[asset_id]

    def text(self, asset_id: str) -> tuple[str, str]:
        asset = self._known.get(asset_id) or ShownAsset(asset_id, asset_id)
        caption = "" if asset.caption == asset.title else asset.caption
        return shortened(asset.title, TITLE), shortened(caption, CAPTION)


def details(
    evaluation: Evaluation,
    systems: Sequence[ShownSystem],
    pair: tuple[str, str] | None,
    pictures: Sequence[str],
) -> dict[str, Any]:
    """``pictures`` are the asset ids that have a thumbnail, in the order of the thumbnails."""
    names = [system.name for system in systems]
    measures = measures_of(evaluation)
    assets = _Assets(evaluation, pictures)
    queries = [_query(evaluation, query, names, measures, assets) for query in evaluation.queries]
    return {
        "systems": [[system.name, system.mark] for system in systems],
        "measures": measures,
        "measure": primary_measure(evaluation),
        "classes": list(classes_of(evaluation.queries)),
        "pair": [names.index(name) for name in pair] if pair else [0, 0],
        "depth": DEPTH,
        "queries": queries,
        "assets": assets.rows,
    }


def asked(query: JudgedQuery) -> str:
    """What was asked, in words even where it was asked with a picture or a filter alone."""
    if query.text:
        return query.text
    return f"[picture {query.picture.name}]" if query.picture else "[everything]"


def _query(
    evaluation: Evaluation,
    query: JudgedQuery,
    names: Sequence[str],
    measures: Sequence[str],
    assets: _Assets,
) -> dict[str, Any]:
    scores = {each.system: each.per_query[query.id] for each in evaluation.scores}
    rankings = {run.system: run.rankings.get(query.id, ())[:DEPTH] for run in evaluation.runs}
    relevant = {asset_id for asset_id, grade in query.relevant.items() if grade > 0}
    seen = {entry.asset_id for ranking in rankings.values() for entry in ranking}
    return {
        "id": query.id,
        "text": asked(query),
        "kind": query.kind,
        "relevant": len(relevant),
        "missed": len(relevant - seen),
        "scores": [[_short(scores[name].get(each, 0.0)) for each in measures] for name in names],
        "tops": [
            [
                [assets.number(asset_id), _short(score), query.relevant.get(asset_id)]
                for asset_id, score in rankings.get(name, ())
            ]
            for name in names
        ],
        "words": _words(evaluation, query, seen, assets),
    }


def _words(
    evaluation: Evaluation, query: JudgedQuery, seen: set[str], assets: _Assets
) -> dict[int, tuple[list[str], list[str]]]:
    """By asset: words to mark in title and caption, and words that matched in other fields."""
    found = {}
    for asset_id in sorted(seen):
        words = evaluation.matched.get((query.id, asset_id))
        if words:
            found[assets.number(asset_id)] = marked(" ".join(assets.text(asset_id)), words)
    return found


def _short(value: float) -> float:
    """Six digits are more than the page shows, and a third of the bytes."""
    return float(f"{value:.6g}")
