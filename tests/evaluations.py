"""Made-up evaluations that look like real ones, for the tests of the report and of pools."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eval.collections import JudgedQuery
from eval.comparison import compare, corrected
from eval.evaluation import Comparison, Evaluation, ShownAsset
from eval.measures import measure
from eval.regret import regrets
from eval.runs import RankedAsset, Run, in_order

SYSTEMS: Mapping[str, Mapping[str, float]] = {
    # How well each system knows a relevant picture, by class.
    "rank-bm25": {"name": 0.80, "description": 0.30, "mixture": 0.45},
    "lexical": {"name": 0.86, "description": 0.34, "mixture": 0.50},
    "dense": {"name": 0.20, "description": 0.72, "mixture": 0.50},
    "rrf": {"name": 0.62, "description": 0.62, "mixture": 0.62},
    "planner": {"name": 0.87, "description": 0.72, "mixture": 0.74},
}
LEGS = ("lexical", "dense")
FUSED = ("rrf", "planner")
MEASURES = ("nDCG@10", "AP", "RR", "P@10", "R@100", "Success@1")

PLACES = ("Maribor", "Kočevje", "Ljubljana", "Piran", "Bled", "Celje", "Ptuj", "Koper")
SCENES = ("explosion", "factory", "harbour", "crowd", "procession", "snow", "bridge", "market")


@dataclass(frozen=True, slots=True)
class Made:
    """How much there is of it."""

    per_class: int = 12
    assets: int = 160
    systems: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: SYSTEMS)
    seed: int = 7


def made_evaluation(made: Made | None = None, **replaced: Any) -> Evaluation:
    """Three classes of queries on an archive of places and scenes, without pictures."""
    made = made or Made()
    chance = random.Random(made.seed)
    assets = {}
    for number in range(made.assets):
        place, scene = chance.choice(PLACES), chance.choice(SCENES)
        asset_id = f"a{number:04d}"
        caption = f"{scene.capitalize()} in {place}, seen from the north. Negative {number}."
        assets[asset_id] = ShownAsset(asset_id, f"{scene.capitalize()}, {place}", caption)
    queries = list(_queries(made, chance, assets))
    return replace(evaluation_of("a made-up archive", queries, assets, made), **replaced)


def _queries(
    made: Made, chance: random.Random, assets: Mapping[str, ShownAsset]
) -> Sequence[JudgedQuery]:
    asked = []
    for kind in ("name", "description", "mixture"):
        for number in range(made.per_class):
            place, scene = chance.choice(PLACES), chance.choice(SCENES)
            text = {"name": place, "description": f"a {scene}", "mixture": f"{scene} {place}"}[kind]
            wanted = {"name": {place}, "description": {scene}, "mixture": {place, scene}}[kind]
            relevant = {
                key: sum(word.casefold() in asset.caption.casefold() for word in wanted)
                for key, asset in assets.items()
            }
            graded = {key: grade for key, grade in relevant.items() if grade == len(wanted)}
            graded = graded or {chance.choice(list(assets)): 1}
            asked.append(JudgedQuery(f"{kind}-{number}", text, kind, graded))
    return asked


def evaluation_of(
    name: str, queries: Sequence[JudgedQuery], assets: Mapping[str, ShownAsset], made: Made
) -> Evaluation:
    """Runs of made-up quality on real queries and assets, measured and compared as real ones."""
    runs = [_run(system, skill, queries, list(assets), made) for system, skill in
            made.systems.items()]  # fmt: skip
    scores = [measure(run, queries, MEASURES) for run in runs]
    compared: list[Comparison] = []
    for baseline in ("lexical", "rrf"):
        found = compare(scores, baseline, "nDCG@10", queries, rounds=500)
        compared += [each for each in found if each.system == "planner"]
    shown = {entry.asset_id for run in runs for top in run.rankings.values() for entry in top[:10]}
    return Evaluation(
        collection=name,
        queries=queries,
        runs=runs,
        scores=scores,
        comparisons=corrected(compared),
        regrets=regrets(scores, FUSED, LEGS, "nDCG@10", queries, rounds=500),
        assets={key: asset for key, asset in assets.items() if key in shown},
        matched=_matched(queries, assets, shown),
        provenance={
            "collection": {"name": name, "fingerprint": "c0ffee"},
            "versions": {"hybridsearch": "0.1.0", "numpy": "2.3.1"},
            "settings": {"fusion": {"k": 60, "weights": [1.0, 1.0]}, "data": Path("data")},
            "seconds": {"index": 12.5, "legs": 3.25},
        },
        notes=["The runs are made up; only the page is real."],
    )


def _run(
    system: str,
    skill: Mapping[str, float],
    queries: Sequence[JudgedQuery],
    assets: Sequence[str],
    made: Made,
) -> Run:
    chance = random.Random(f"{made.seed} {system}")
    rankings: dict[str, tuple[RankedAsset, ...]] = {}
    for query in queries:
        known = skill.get(query.kind, 0.5) * chance.uniform(0.4, 1.3)
        others = chance.sample(assets, min(30, len(assets)))
        entries = {each: chance.random() for each in others}
        for asset_id, grade in query.relevant.items():
            if chance.random() < known:
                entries[asset_id] = chance.random() + known + 0.1 * grade
        rankings[query.id] = in_order(entries.items())[:100]
    return Run(system, rankings)


def _matched(
    queries: Sequence[JudgedQuery], assets: Mapping[str, ShownAsset], shown: set[str]
) -> dict[tuple[str, str], Sequence[str]]:
    matched: dict[tuple[str, str], Sequence[str]] = {}
    for query in queries:
        words = [word.strip(",") for word in query.text.split() if len(word) > 2]
        for asset_id in shown:
            asset = assets[asset_id]
            text = f"{asset.title} {asset.caption}".casefold()
            found = [word for word in words if word.casefold() in text]
            if found:
                matched[query.id, asset_id] = tuple(found)
    return matched
