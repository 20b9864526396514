"""Points, queries and ways to open each kind of store, for the contract suite."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.adapters.stores.qdrant import QdrantStore
from hybridsearch.ports import Point, SparseVector, Store, StoreSchema

KINDS = ("memory", "edge", "engine-process", "qdrant-local")
SCHEMA = StoreSchema(4, keyword_keys=("match.people", "city"), integer_keys=("year",))
WORDS_ONLY = StoreSchema(None, keyword_keys=("city",), integer_keys=("year",))

Opener = Callable[..., Store]


def uid(number: int) -> str:
    return str(uuid.UUID(int=number))


def unit(*values: float) -> npt.NDArray[np.float32]:
    vector = np.array(values, dtype=np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def words(**weights: float) -> SparseVector:
    """``words(t3=1.5)`` is a sparse vector with the term 3."""
    terms = sorted((int(name[1:]), weight) for name, weight in weights.items())
    return SparseVector(tuple(term for term, _ in terms), tuple(weight for _, weight in terms))


def point(
    number: int,
    dense: npt.NDArray[np.float32] | None = None,
    sparse: SparseVector = SparseVector((), ()),  # noqa: B008
    **payload: Any,
) -> Point:
    return Point(uid(number), dense, sparse, payload)


def numbers(ids: Sequence[str]) -> list[int]:
    return [uuid.UUID(each).int for each in ids]


@contextmanager
def opened(kind: str, folder: Path, schema: StoreSchema) -> Iterator[Store]:
    """A new, empty store of that kind, closed at the end."""
    store = _open(kind, folder, schema)
    try:
        yield store
    finally:
        store.close()


def _open(kind: str, folder: Path, schema: StoreSchema) -> Store:
    if kind == "memory":
        return MemoryStore(schema)
    if kind == "edge":
        return EdgeStore(folder, schema)
    if kind == "edge-graph":
        # Small thresholds, so that a graph is built and used at test size.
        return EdgeStore(folder, schema, tuning=EdgeTuning(1, 0, 0.0))
    if kind == "engine-process":
        return EngineProcessStore(folder, schema)
    if kind == "qdrant-local":
        return QdrantStore.local(f"test_{uuid.uuid4().hex}", schema)
    return QdrantStore(server_url(), f"test_{uuid.uuid4().hex}", schema)


def server_url() -> str:
    """The server to test against; skips, saying why, where there is none."""
    url = os.environ.get("QDRANT_URL")
    if url:
        return url
    return _container_url()


_containers: list[Any] = []


def _container_url() -> str:
    if not _containers:
        try:
            from testcontainers.qdrant import QdrantContainer

            container = QdrantContainer("qdrant/qdrant:v1.16.0")
            container.start()
        except Exception as fault:
            pytest.skip(f"no QDRANT_URL and no Docker engine: {fault}")
        _containers.append(container)
    return f"http://{_containers[0].rest_host_address}"


def stop_containers() -> None:
    """End what ``server_url`` started."""
    while _containers:
        _containers.pop().stop()
