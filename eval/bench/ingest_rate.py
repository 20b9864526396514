"""How fast points are written and indexes built.

In: clustered vectors with a caption's worth of terms. Out: points a second, seconds of build.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eval.bench.corpus import Clusters, in_chunks
from eval.bench.index import BATCH, build
from eval.bench.report import Report, Table
from hybridsearch.analysis.payload import point_id
from hybridsearch.ports import Point, SparseVector

DIMENSION = 512
TERMS = 24
VOCABULARY = 50_000


def measure(count: int, seed: int) -> Report:
    """Write ``count`` points in batches, flush, build."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        built = build(Path(folder), DIMENSION, _points(count, seed), count)
        built.store.close()
    row = {
        "points": count,
        "write s": built.upsert_seconds,
        "points a second": count / built.upsert_seconds,
        "build s": built.optimize_seconds,
        "build s per 100,000": built.optimize_seconds * 100_000 / count,
    }
    return Report(
        "Ingest: writing points and building indexes",
        {"dimension": DIMENSION, "terms a point": TERMS, "points a batch": BATCH},
        [Table("Store alone, without reading, analysing or embedding", [row])],
        notes=["Up to some 50,000 vectors no graph is built: they are scanned."],
    )


def _points(count: int, seed: int) -> Iterator[list[Point]]:
    clusters = Clusters(count, DIMENSION, seed)
    random = np.random.default_rng(seed + 1)
    for part in in_chunks(count, BATCH):
        vectors, _ = clusters.draw(len(part))
        yield [
            Point(
                point_id("bench", str(number)),
                vectors[number - part.start],
                _words(random),
                {"match": {"city": [f"city {number % 500}"]}, "asset": {"id": str(number)}},
            )
            for number in part
        ]


def _words(random: np.random.Generator) -> SparseVector:
    """Words as rare and as frequent as in captions: the n-th word about 1/n as often."""
    drawn = np.unique(random.zipf(1.2, TERMS) % VOCABULARY)
    return SparseVector(tuple(drawn.tolist()), (1.0,) * len(drawn))
