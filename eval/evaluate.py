"""One evaluation, start to end: index, search the legs, fuse, measure, compare.

In: a collection and settings. Out: an ``Evaluation`` for tables, gate and report.
"""

from __future__ import annotations

import platform
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.calibration.calibrate import calibrate
from eval.collections import Collection, JudgedQuery
from eval.comparison import compare, corrected
from eval.evaluation import Comparison, Evaluation, Scores, ShownAsset
from eval.indexing import TRAINED_WHOLE, Indexed, open_index
from eval.kept import kept
from eval.legs import DEPTH, LegSearch
from eval.measures import measure
from eval.planner import planner_run
from eval.regret import regrets
from eval.runs import Run
from eval.systems import OKAPI_B, OKAPI_K1, Convex, Okapi, Rrf, System, fused_run
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import SourceError
from hybridsearch.ingest.report import Progress

MEASURE = "nDCG@10"
SHOWN = 10
LIBRARIES = (
    "hybridsearch",
    "ir-measures",
    "numpy",
    "qdrant-edge-py",
    "rank-bm25",
    "scikit-learn",
    "sentence-transformers",
    "torch",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: the fusions, whether rank-bm25 takes part, runs from elsewhere.

    ``calibrate`` also fits relevance and tells how far it can be believed.
    """

    fusions: Sequence[System] = (Rrf(), Convex())
    okapi: bool = True
    others: Sequence[Run] = ()
    calibrate: bool = False


def evaluate(
    collection: Collection,
    settings: Settings,
    work: Path,
    asked: Asked | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Run every system that the collection allows, and measure and compare them.

    Raises:
        SourceError: the collection cannot be read, or no judged query is left.
    """
    asked = asked or Asked()
    clock = Clock()
    with clock.timed("index"):
        indexed = open_index(collection, settings, progress)
    try:
        queries, notes = answerable(collection.name, collection.queries(), indexed)
        notes.extend(collection.check({*indexed.asset_of.values(), *indexed.left_out}))
        runs = every_run(collection, indexed, queries, work, asked, clock, notes)
        _must_differ(runs)
        names = shown_assets(collection, runs)
        provenance = _provenance(collection, indexed, settings, asked, clock)
        matched = _matched(indexed, queries, runs, names)
        calibration = (
            calibrate(indexed.archive, queries, collection.name) if asked.calibrate else None
        )
    finally:
        indexed.archive.close()
    scores = [measure(run, queries) for run in runs]
    fused = _fused_names(runs)
    legs = [run.system for run in runs if run.system in ("lexical", "dense")]
    return Evaluation(
        collection=collection.name,
        queries=queries,
        runs=runs,
        scores=scores,
        comparisons=_compared(scores, queries),
        regrets=regrets(scores, fused, legs, MEASURE, queries) if fused else [],
        assets={asset_id: shown for asset_id, (shown, _) in names.items()},
        matched=matched,
        provenance=provenance,
        notes=notes,
        calibration=calibration,
    )


def _compared(scores: Sequence[Scores], queries: Sequence[JudgedQuery]) -> list[Comparison]:
    """All against the lexical leg, and what fuses otherwise against plain RRF, in one family."""
    found = compare(scores, "lexical", MEASURE, queries)
    names = [each.system for each in scores]
    if "rrf" in names:
        fused = [each for each in scores if each.system not in ("rank-bm25", "lexical", "dense")]
        found.extend(compare(fused, "rrf", MEASURE, queries))
    return corrected(found)


def answerable(
    collection: str, queries: Sequence[JudgedQuery], indexed: Indexed
) -> tuple[list[JudgedQuery], list[str]]:
    """The queries judged against what is in the index, and sentences on what was left out.

    Raises:
        SourceError: no query has a relevant asset left.
    """
    notes: list[str] = []
    encoder = indexed.archive.encoder
    if encoder is not None and collection in TRAINED_WHOLE and collection in indexed.seen:
        notes.append(
            "Every picture of this collection trained the starter encoder's head: figures of the "
            "dense leg, and of what fuses it, are not held out and prove nothing."
        )
    if not indexed.left_out:
        return list(queries), notes
    kept = [query.without(indexed.left_out) for query in queries]
    kept = [query for query in kept if any(grade > 0 for grade in query.relevant.values())]
    notes.append(
        f"{len(indexed.left_out):,} pictures that trained the starter encoder's head were left "
        f"out of the index and of the judgements; {len(queries) - len(kept)} queries had no other "
        "relevant picture and were dropped."
    )
    if not kept:
        raise SourceError("No judged query is left.", "Evaluate with another encoder.")
    return kept, notes


def every_run(
    collection: Collection,
    indexed: Indexed,
    queries: Sequence[JudgedQuery],
    work: Path,
    asked: Asked,
    clock: Clock,
    notes: list[str],
) -> list[Run]:
    """One run for each system that the collection allows; ``notes`` hears of those it does not."""
    runs: list[Run] = []
    if asked.okapi:
        if any(query.filter or query.picture for query in queries):
            notes.append("rank-bm25 knows neither filters nor pictures: it answers words alone.")
        with clock.timed("rank-bm25"):
            runs.append(_okapi(collection, indexed, queries, work))
    with clock.timed("legs"):
        legs = LegSearch(indexed, work / "runs").legs(queries)
    runs.append(legs.lexical)
    if legs.dense is None:
        notes.append("The collection has words only: no dense leg, and nothing to fuse.")
    else:
        runs.append(legs.dense)
        with clock.timed("fusions"):
            runs.extend(fused_run(legs, fusion) for fusion in asked.fusions)
    with clock.timed("planner"):
        runs.append(planner_run(indexed, queries))
    return [*runs, *asked.others]


def _okapi(
    collection: Collection, indexed: Indexed, queries: Sequence[JudgedQuery], work: Path
) -> Run:
    analyzer = indexed.archive.analyzer
    determined_by = (indexed.fingerprint, DEPTH, OKAPI_K1, OKAPI_B, analyzer.settings.stem_weight)

    def run() -> Run:
        assets = (each for each in collection.assets() if each.id not in indexed.left_out)
        return Okapi(assets, analyzer).run(queries, DEPTH)

    return kept(work / "runs", "rank-bm25", determined_by, queries, run)


def _fused_names(runs: Sequence[Run]) -> list[str]:
    return [run.system for run in runs if run.system not in ("rank-bm25", "lexical", "dense")]


def _must_differ(runs: Sequence[Run]) -> None:
    names = [run.system for run in runs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"Two runs are named {', '.join(twice)}.",
            "Give a run from elsewhere a name of its own: the last word of each of its lines.",
        )


def shown_assets(
    collection: Collection, runs: Sequence[Run], depth: int = SHOWN
) -> dict[str, tuple[ShownAsset, Asset]]:
    """The assets that some run has among its first ``depth``, as shown and as they are."""
    wanted = {
        entry.asset_id
        for run in runs
        for ranking in run.rankings.values()
        for entry in ranking[:depth]
    }
    found = {}
    for asset, picture in collection.assets_with_pictures():
        if asset.id in wanted:
            title = asset.headline or asset.caption or asset.id
            caption = asset.caption if asset.headline and asset.caption else ""
            found[asset.id] = (ShownAsset(asset.id, title, caption, picture), asset)
    return found


def _matched(
    indexed: Indexed,
    queries: Sequence[JudgedQuery],
    runs: Sequence[Run],
    shown: Mapping[str, tuple[ShownAsset, Asset]],
) -> dict[tuple[str, str], Sequence[str]]:
    """The query's words that stand in each shown asset, as the analyzer sees them."""
    analyzer = indexed.archive.analyzer
    terms = {
        asset_id: {
            term.id for field in analyzer.document(asset).values() for term in field.frequencies
        }
        for asset_id, (_, asset) in shown.items()
    }
    matched: dict[tuple[str, str], Sequence[str]] = {}
    for query in queries:
        asked = analyzer.query(query.text)
        tops = {
            entry.asset_id
            for run in runs
            for entry in run.rankings.get(query.id, ())[:SHOWN]
            if entry.asset_id in terms
        }
        for asset_id in tops:
            words = dict.fromkeys(each.word for each in asked if each.term.id in terms[asset_id])
            if words:
                matched[query.id, asset_id] = tuple(words)
    return matched


def _provenance(
    collection: Collection, indexed: Indexed, settings: Settings, asked: Asked, clock: Clock
) -> dict[str, Any]:
    generation = indexed.archive.generation
    return {
        "collection": {"name": collection.name, "fingerprint": collection.fingerprint()},
        "index": indexed.fingerprint,
        "encoder": asdict(generation.encoder) if generation.encoder else None,
        "analyzer_version": generation.analyzer_version,
        "average_lengths": dict(generation.average_lengths),
        "settings": settings.model_dump(mode="json", exclude={"data_dir"}),
        "fusions": [{"kind": type(each).__name__, **asdict(each)} for each in asked.fusions],
        "versions": {name: version(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "seconds": clock.seconds,
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


class Clock:
    """Wall seconds of each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str) -> _Step:
        """Take the time of a step (a context manager)."""
        return _Step(lambda seconds: self.seconds.update({name: seconds}))


class _Step:
    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._tell(time.perf_counter() - self._started)
