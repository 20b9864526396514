"""A whole evaluation on the collection of the project, and its parts against each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from eval.collections import Collection, open_collection
from eval.evaluate import evaluate
from eval.evaluation import Evaluation
from eval.indexing import open_index
from eval.legs import Legs, LegSearch
from eval.planner import planner_run
from eval.rescoring import LexicalSetting, Rescoring
from eval.runs import RankedAsset, Run
from eval.sweeps import fold_of, sweep
from eval.systems import Convex, Rrf, fused_run
from hybridsearch.config import Settings
from hybridsearch.domain.plan import Method
from tests.builders import settings_in


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    pytest.importorskip("skimage", reason="the mini collection's pictures need hybridsearch[demo]")
    return open_collection("mini", work=tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_in(tmp_path_factory.mktemp("indexes"), archive="mini")


@pytest.fixture(scope="module")
def evaluation(
    mini: Collection, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Evaluation:
    return evaluate(mini, settings, tmp_path_factory.mktemp("work"))


def positions(run: Run) -> Mapping[str, list[str]]:
    return {key: [entry.asset_id for entry in found] for key, found in run.rankings.items()}


def test_every_system_is_measured_on_every_query(evaluation: Evaluation) -> None:
    names = [scores.system for scores in evaluation.scores]
    assert names == ["rank-bm25", "lexical", "dense", "rrf", "convex", "planner"]
    ids = {query.id for query in evaluation.queries}
    assert len(ids) > 50
    assert all(set(scores.per_query) == ids for scores in evaluation.scores)


def test_names_are_found_by_words_alone(evaluation: Evaluation) -> None:
    lexical = next(each for each in evaluation.scores if each.system == "lexical")
    names = [query.id for query in evaluation.queries if query.kind == "name"]
    assert names
    assert all(lexical.per_query[each]["nDCG@10"] > 0.9 for each in names)


def test_regret_is_told_for_every_fused_system_and_class(evaluation: Evaluation) -> None:
    told = {(each.system, each.query_class) for each in evaluation.regrets}
    classes = {"name", "description", "mixture", "all"}
    assert told == {(system, kind) for system in ("rrf", "convex", "planner") for kind in classes}


def test_what_the_report_shows_is_there(evaluation: Evaluation) -> None:
    shown = {
        entry.asset_id
        for run in evaluation.runs
        for found in run.rankings.values()
        for entry in found[:10]
    }
    assert shown <= set(evaluation.assets)
    assert all(each.picture and each.picture.is_file() for each in evaluation.assets.values())
    query = next(each for each in evaluation.queries if "Hopper" in each.text)
    assert "Hopper" in evaluation.matched[query.id, "grace_hopper.jpg"]


def test_what_is_needed_to_repeat_it_is_told(evaluation: Evaluation) -> None:
    told = evaluation.provenance
    assert told["encoder"]["name"] == "words"
    assert told["versions"]["qdrant-edge-py"]
    assert told["seconds"]["index"] > 0


def test_the_planner_by_rank_is_the_rank_fusion_of_the_legs(
    evaluation: Evaluation, mini: Collection, settings: Settings
) -> None:
    """Searching through the product gives the scores that fusing the legs' runs gives.

    Where a leg has ties they are settled by point id there and by asset id here, so only
    queries without ties are compared.
    """
    runs = {run.system: run.rankings for run in evaluation.runs}
    indexed = open_index(mini, settings)
    try:
        by_rank = planner_run(indexed, evaluation.queries, method=Method.RRF).rankings
    finally:
        indexed.archive.close()
    compared = 0
    for query in evaluation.queries:
        legs = [runs[leg][query.id] for leg in ("lexical", "dense")]
        if not legs[0] or any(len({e.score for e in leg}) < len(leg) for leg in legs):
            continue
        compared += 1
        assert dict(by_rank[query.id]) == pytest.approx(dict(runs["rrf"][query.id]))
    assert compared >= 10


def test_legs_are_searched_once(mini: Collection, settings: Settings, tmp_path: Path) -> None:
    indexed = open_index(mini, settings)
    try:
        queries = mini.queries()
        first = LegSearch(indexed, tmp_path).legs(queries)
        assert not all(first.lexical.rankings.values()), "a query without words in the archive"
        kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        assert len(kept) == 2
        assert LegSearch(indexed, tmp_path).legs(queries) == first
        assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == kept
        LegSearch(indexed, tmp_path).legs(queries[:4])
        assert len(list(tmp_path.iterdir())) == 4
    finally:
        indexed.archive.close()


def test_rescoring_is_the_index_without_an_index(
    mini: Collection, settings: Settings, tmp_path: Path
) -> None:
    """What sweeps weigh in memory is what the store would rank, score for score."""
    indexed = open_index(mini, settings)
    try:
        queries = mini.queries()
        analyzer = indexed.archive.analyzer
        stored = LegSearch(indexed, tmp_path).legs(queries).lexical
        setting = LexicalSetting("now", analyzer.settings.k1, analyzer.settings.fields)
        rescored = Rescoring(mini.assets(), analyzer, queries).run(setting, 1000)
    finally:
        indexed.archive.close()
    for query in queries:
        ours = dict(stored.rankings[query.id])
        theirs = dict(rescored.rankings[query.id])
        assert ours.keys() == theirs.keys()
        assert all(ours[each] == pytest.approx(theirs[each], rel=1e-4) for each in ours)


def test_a_sweep_never_reports_a_query_that_chose(evaluation: Evaluation) -> None:
    queries = evaluation.queries
    relevant = {query.id: tuple(query.relevant) for query in queries}

    def run(name: str, good: int) -> Run:
        """Answers the queries of one fold and fails on all others."""
        rankings = {
            query.id: tuple(RankedAsset(each, 1.0) for each in relevant[query.id])
            if fold_of(query.id) == good
            else ()
            for query in queries
        }
        return Run(name, rankings)

    runs = [run(f"fold {fold}", fold) for fold in range(5)]
    found = sweep(runs, queries, "Success@1")
    assert max(found.means.values()) > 0
    assert found.held_out_mean == 0
    assert sum(found.chosen.values()) == 5


def test_fusions_differ_and_a_single_leg_is_itself(evaluation: Evaluation) -> None:
    by_name = {run.system: run for run in evaluation.runs}
    legs = Legs(by_name["lexical"], by_name["dense"])
    only = fused_run(legs, Rrf("only words", dense=0.0, depth=1000))
    assert positions(only) == positions(by_name["lexical"])
    assert positions(fused_run(legs, Convex("c", 0.9))) != positions(only)
