"""The settings that sweeps try, and the run of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eval.collections import Collection, JudgedQuery
from eval.evaluate import answerable
from eval.indexing import open_index
from eval.legs import LegSearch
from eval.rescoring import LexicalSetting, Rescoring
from eval.runs import Run
from eval.systems import Convex, Rrf, System, fused_run
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import FieldWeight
from hybridsearch.config import Settings
from hybridsearch.errors import SourceError

DEPTH = 100
Judged = tuple[Sequence[JudgedQuery], list[Run]]


def fusion_runs(collection: Collection, settings: Settings, work: Path) -> Judged:
    """Every fusion of the legs as they were searched once.

    Raises:
        SourceError: the collection has words only.
    """
    indexed = open_index(collection, settings)
    try:
        queries, _ = answerable(collection.name, collection.queries(), indexed)
        legs = LegSearch(indexed, work / "runs").legs(queries)
    finally:
        indexed.archive.close()
    if legs.dense is None:
        raise SourceError(
            f"{collection.name} has words only: there is nothing to fuse.",
            "Sweep --over lexical, or a collection with pictures.",
        )
    return queries, [fused_run(legs, fusion) for fusion in fusion_grid()]


def fusion_grid() -> Iterator[System]:
    """The plainest first: a tie is decided for it."""
    for k in (60, 10, 20, 120):
        for dense in (1.0, 0.5, 0.25, 0.1, 0.05, 2.0, 4.0):
            for depth in (200, 50, 1000):
                yield Rrf(f"rrf k={k} dense={dense:g} depth={depth}", k, dense, 1.0, depth)
    for dense in (0.5, 0.3, 0.2, 0.1, 0.05, 0.7):
        for depth in (200, 1000):
            yield Convex(f"convex dense={dense:g} depth={depth}", dense, depth)


def lexical_runs(collection: Collection, settings: Settings, work: Path) -> Judged:
    """BM25F under many settings, weighed again from the terms; no index is built for them."""
    analyzer = Analyzer(settings.analysis.settings())
    queries = collection.queries()
    if any(query.filter or query.picture for query in queries):
        raise SourceError(
            f"{collection.name} has queries with filters or pictures.",
            "A lexical sweep weighs words alone: leave those queries out.",
        )
    rescoring = Rescoring(collection.assets(), analyzer, queries)
    grid = lexical_grid(analyzer.settings.k1, analyzer.settings.fields)
    return queries, [rescoring.run(setting, DEPTH) for setting in grid]


def lexical_grid(k1: float, fields: Mapping[str, FieldWeight]) -> Iterator[LexicalSetting]:
    """The settings in force, then other k1, other b, other weights of one field at a time."""
    now = dict(fields)
    yield LexicalSetting("as configured", k1, now)
    for other in (0.4, 0.8, 1.6, 2.4):
        yield LexicalSetting(f"k1={other}", other, now)
    for b in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield LexicalSetting(
            f"b={b} everywhere", k1, {name: FieldWeight(w.weight, b) for name, w in now.items()}
        )
    for name, weight in now.items():
        for factor in (0.5, 2.0):
            changed = {**now, name: FieldWeight(weight.weight * factor, weight.b)}
            yield LexicalSetting(f"{name} x {factor}", k1, changed)
