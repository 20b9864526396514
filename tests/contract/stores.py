"""Points, queries and ways to open each kind of store, for the contract suite."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from qdrant_client import QdrantClient

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.adapters.stores.guarded import GuardedStore
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.adapters.stores.qdrant import QdrantStore
from hybridsearch.adapters.stores.side_build import SideBuildingStore
from hybridsearch.adapters.turns import GenerationGuard, Turns
from hybridsearch.ports import Point, SparseVector, Store, StoreSchema

KINDS = ("memory", "guarded", "edge", "edge-graph", "engine-process", "side-build", "qdrant-local")
DOCKER_SOCKET = Path("/var/run/docker.sock")
SERVER_IMAGE = "qdrant/qdrant:v1.16.0"
SCHEMA = StoreSchema(4, keyword_keys=("match.people", "city"), integer_keys=("year",))
WORDS_ONLY = StoreSchema(None, keyword_keys=("city",), integer_keys=("year",))
FILTERED = StoreSchema(
    4,
    keyword_keys=("match.people", "city"),
    integer_keys=("match.year",),
    text_keys=("text.headline", "text.caption", "text.people"),
    location_keys=("match.location",),
)


def uid(number: int) -> str:
    return f"{number:016x}"


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


def random_points(count: int, seed: int, first: int = 1) -> list[Point]:
    """Points of the test schema as an archive has them: Zipf words, some without a picture."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    points = []
    for row, number in enumerate(range(first, first + count)):
        count_of_terms = 12 if rng.random() > 0.1 else 0
        terms = np.unique(rng.zipf(1.4, count_of_terms).clip(max=60)).tolist()
        weights = tuple(rng.uniform(0.2, 3, len(terms)).astype(np.float32).tolist())
        payload: dict[str, Any] = {"n": number}
        if rng.random() > 0.2:
            payload["city"] = f"c{rng.integers(5)}"
        if rng.random() > 0.2:
            payload["year"] = int(rng.integers(1900, 2000))
        payload["match"] = {"people": [f"p{each}" for each in rng.integers(8, size=2)]}
        dense = vectors[row] if rng.random() > 0.1 else None
        sparse = SparseVector(tuple(terms), weights)
        points.append(Point(uid(number), dense, sparse, payload))
    return points


def numbers(ids: Sequence[str]) -> list[int]:
    return [int(each, 16) for each in ids]


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A temporary folder, in memory where the system has such: a store opens in 8 ms there."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@contextmanager
def opened(kind: str, folder: Path, schema: StoreSchema = SCHEMA) -> Iterator[Store]:
    """A new, empty store of that kind, closed at the end."""
    if kind == "qdrant-local":
        with _local_qdrant(schema) as store:
            yield store
    elif kind == "server":
        with _server_qdrant(schema) as store:
            yield store
    else:
        with closing(_open(kind, folder, schema)) as store:
            yield store


def _open(kind: str, folder: Path, schema: StoreSchema) -> Store:
    if kind == "memory":
        return MemoryStore(schema)
    if kind == "guarded":
        guard = GenerationGuard(FolderGenerations(folder), Turns(folder), 1)
        return GuardedStore(MemoryStore(schema), guard)
    if kind == "edge":
        return EdgeStore(folder, schema)
    if kind == "edge-graph":
        # Small thresholds, so that a graph is built and used at test size.
        return EdgeStore(folder, schema, tuning=EdgeTuning(1, 0, 0.0))
    if kind == "engine-process":
        return EngineProcessStore(folder, schema)
    if kind == "side-build":
        return SideBuildingStore(folder, schema)
    raise ValueError(kind)


@contextmanager
def _local_qdrant(schema: StoreSchema) -> Iterator[Store]:
    """The client's own stand-in for a server: it tests our calls, not the server."""
    with closing(QdrantClient(":memory:")) as client:
        store = QdrantStore("archive", schema, url="http://stand-in.invalid", client=client)
        with closing(store):
            yield store


@contextmanager
def _server_qdrant(schema: StoreSchema) -> Iterator[Store]:
    url, grpc_port = server()
    name = f"test_{token_hex(8)}"
    with closing(QdrantStore(name, schema, url=url, grpc_port=grpc_port)) as store:
        try:
            yield store
        finally:
            with closing(QdrantClient(url=url)) as client:
                client.delete_collection(name)


def server() -> tuple[str, int]:
    """Address and gRPC port of the server to test; skips, saying why, where there is none."""
    url = os.environ.get("QDRANT_URL")
    if url:
        return url, int(os.environ.get("QDRANT_GRPC_PORT", "6334"))
    if "DOCKER_HOST" not in os.environ and not DOCKER_SOCKET.exists():
        pytest.skip(f"no QDRANT_URL and no Docker engine: there is no {DOCKER_SOCKET}")
    if not _containers:
        from testcontainers.community.qdrant import QdrantContainer

        _containers.append(QdrantContainer(SERVER_IMAGE).start())
    container = _containers[0]
    address = f"http://{container.get_container_host_ip()}:{container.exposed_rest_port}"
    return address, int(container.exposed_grpc_port)


_containers: list[Any] = []


def stop_containers() -> None:
    """End what ``server`` started."""
    while _containers:
        _containers.pop().stop()
