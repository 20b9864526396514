"""Filtered search by looks: what the store finds of what an exact scan finds, and how fast.

In: clustered vectors whose payload passes filters of known width. Out: recall and times.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from eval.bench.corpus import Clusters, in_chunks
from eval.bench.index import BATCH, build
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import high, interleaved, middle
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.filters import EVERYTHING, AnyOf, Filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.ports import DenseQuery, Point, SparseVector, Store, Vector

DIMENSION = 512
TOP = 10
BAR = 0.98
NO_WORDS = SparseVector((), ())

SHARES: dict[str, float] = {
    "match.collection": 1.0,
    "match.country": 0.3,
    "match.region": 0.1,
    "match.city": 0.03,
    "match.event": 0.01,
    "match.creator": 0.001,
}
"""Which share of the points has the value "yes" at the key, whatever they look like."""

ALIKE = "match.keywords"
"""Has "yes" on the points of every tenth cluster: a filter on what looks alike."""


def _yes(*keys: str) -> Filter:
    return Filter(must=tuple(AnyOf(key, ("yes",)) for key in keys))


FILTERS: dict[str, Filter] = {
    "none": EVERYTHING,
    **{f"{share * 100:g} %": _yes(key) for key, share in SHARES.items()},
    "30 % and 10 % (two fields)": _yes("match.country", "match.region"),
    "30 % but not 10 %": Filter(
        must=_yes("match.country").must, must_not=_yes("match.region").must
    ),
    "10 % that look alike": _yes(ALIKE),
}


def measure(count: int, queries: int, seed: int, exact_up_to_kb: int | None) -> Report:
    """Recall of the first ten under every filter, the exact scan of the same filter as truth."""
    tuning = EdgeTuning() if exact_up_to_kb is None else EdgeTuning(exact_up_to_kb=exact_up_to_kb)
    clusters = Clusters(count, DIMENSION, seed)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        built = build(Path(folder), DIMENSION, _points(clusters, count, seed), count, tuning)
        try:
            vectors = list(clusters.draw(queries)[0])
            rows = [_row(built.store, name, vectors) for name in FILTERS]
            indexed = built.store.info().indexed or 0
        finally:
            built.store.close()
    setup: dict[str, Cell] = {
        "vectors": count,
        "dimension": DIMENSION,
        "in the graph": indexed,
        "queries a filter": queries,
        "exact scan up to": f"{tuning.exact_up_to(DIMENSION, count):,} passing points",
        "write, s": built.upsert_seconds,
        "build, s": built.optimize_seconds,
    }
    worst = min(float(row[f"recall@{TOP}"]) for row in rows)
    return Report(
        "Filters: search by looks under filters of every width",
        setup,
        [Table(f"Recall@{TOP} against the exact scan", rows)],
        [Target(f"recall@{TOP} under the worst filter", worst, BAR, at_least=True)],
    )


def _points(clusters: Clusters, count: int, seed: int) -> Iterator[list[Point]]:
    random = np.random.default_rng(seed + 1)
    for part in in_chunks(count, BATCH):
        vectors, cluster = clusters.draw(len(part))
        has = {key: random.random(len(part)) < share for key, share in SHARES.items()}
        has[ALIKE] = cluster % 10 == 0
        yield [
            Point(
                point_id("bench", str(part.start + at)),
                vectors[at],
                NO_WORDS,
                {"match": {key.removeprefix("match."): ["yes"] for key in has if has[key][at]}},
            )
            for at in range(len(part))
        ]


def _row(store: Store, name: str, vectors: Sequence[Vector]) -> dict[str, Cell]:
    condition = FILTERS[name]
    found: dict[tuple[int, bool], Ranking] = {}

    def ask(number: int, exact: bool = False) -> None:
        query = DenseQuery("looks", vectors[number], TOP, condition, exact)
        found[number, exact] = store.rank([query])[0]

    numbers = range(len(vectors))
    calls: dict[str, Callable[[int], None]] = {"search": ask, "exact": partial(ask, exact=True)}
    taken = interleaved(calls, numbers, f"filter {name}")
    recalls = [_recall(found[number, False], found[number, True]) for number in numbers]
    return {
        "filter passes": name,
        "points": store.count(condition),
        f"recall@{TOP}": float(np.mean(recalls)),
        "worst query": min(recalls),
        "p50 ms": middle(taken["search"]),
        "p95 ms": high(taken["search"]),
        "exact p50 ms": middle(taken["exact"]),
    }


def _recall(found: Ranking, truth: Ranking) -> float:
    true = {entry.point_id for entry in truth.entries}
    if not true:
        return 1.0
    return len(true & {entry.point_id for entry in found.entries}) / len(true)
