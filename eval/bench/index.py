"""Builds the stores that are measured, and says how long that took.

In: points. Out: an open embedded store with its indexes built, and the seconds of each step.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.timing import counted, say
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.analysis.payload import INTEGER_KEYS, KEYWORD_KEYS, LOCATION_KEYS, TEXT_KEYS
from hybridsearch.ports import Point, StoreSchema

BATCH = 1000


def schema_of(dimension: int | None) -> StoreSchema:
    """The schema of an archive, with every key that a search may filter on."""
    return StoreSchema(dimension, KEYWORD_KEYS, INTEGER_KEYS, TEXT_KEYS, LOCATION_KEYS)


@dataclass(frozen=True, slots=True)
class Built:
    """An open store, and how long it took to make."""

    store: EdgeStore
    upsert_seconds: float
    optimize_seconds: float


def build(
    folder: Path,
    dimension: int | None,
    batches: Iterable[Sequence[Point]],
    count: int,
    tuning: EdgeTuning | None = None,
) -> Built:
    """Write the points and build the indexes; making the points themselves is not counted."""
    store = EdgeStore(folder, schema_of(dimension), tuning=tuning)
    writing = 0.0
    for batch in counted(batches, f"writing batches of {BATCH:,} points", -(-count // BATCH)):
        started = time.perf_counter()
        store.upsert(batch)
        writing += time.perf_counter() - started
    started = time.perf_counter()
    store.flush()
    written = time.perf_counter()
    say(f"building the indexes of {count:,} points")
    store.optimize()
    store.flush()
    return Built(store, writing + written - started, time.perf_counter() - written)
