"""What goes over the pipe between a store's client and its engine process.

In: port values. Out: the same as few, large values. A ranking of 200 entries is 200 small
objects; pickled one by one they would cost more than the search. A frame is a length (8 bytes)
and a pickle: both ends are one program, and the pipe joins a parent to its own child.
"""

from __future__ import annotations

import pickle
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from hybridsearch.adapters.stores.answers import Answer
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.points import as_ids
from hybridsearch.domain.ranking import Entries, Ranking
from hybridsearch.ports import FacetCount, Point, PointRecord, SparseVector, StoreSchema

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class EngineSpec:
    """Which store the engine process opens. ``engine`` is "edge", or "memory" for tests."""

    engine: str
    folder: Path
    schema: StoreSchema
    tuning: EdgeTuning
    holder: str
    holder_pid: int


def send(pipe: IO[bytes], message: object) -> None:
    """Write one frame. Raises OSError when the other end is gone."""
    body = pickle.dumps(message, protocol=5)
    pipe.write(_LENGTH.pack(len(body)))
    pipe.write(body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one frame. Raises EOFError when the other end is gone."""
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return pickle.loads(_exactly(pipe, length))  # noqa: S301 -- from our own child or parent


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError
    return body


Packed = tuple[Any, ...]


def pack_answer(answer: Answer) -> Packed:
    """(leg, how many are listed, all numbers in one array, all minus-scores in another)."""
    entries = [*answer.entries, *answer.scored]
    numbers = array("Q", [number for _, number in entries])
    return answer.leg, len(answer.entries), numbers, array("d", [minus for minus, _ in entries])


def unpack_ranking(packed: Packed) -> Ranking:
    """The ranking that ``pack_answer`` packed."""
    leg, listed, numbers, scores = packed
    entries = Entries(as_ids(numbers), [-minus for minus in scores])
    return Ranking(leg, entries[:listed], entries[listed:])


def pack_points(points: Sequence[Point]) -> Packed:
    """Columns; the dense vectors as one matrix. The points must have passed the checks."""
    dense = [point.dense for point in points if point.dense is not None]
    return (
        [point.id for point in points],
        [point.dense is not None for point in points],
        np.stack(dense) if dense else None,
        pack_sparse([point.sparse for point in points]),
        [dict(point.payload) for point in points],
    )


def unpack_points(packed: Packed) -> list[Point]:
    """The inverse of ``pack_points``; dense vectors are rows of one matrix."""
    ids, pictured, matrix, sparse, payloads = packed
    rows = iter(_rows(matrix))
    return [
        Point(point_id, next(rows) if has else None, vector, payload)
        for point_id, has, vector, payload in zip(
            ids, pictured, unpack_sparse(sparse), payloads, strict=True
        )
    ]


def pack_sparse(vectors: Sequence[SparseVector]) -> Packed:
    """All term ids and all weights end to end, and how many each vector has."""
    indices, values = array("L"), array("d")
    for vector in vectors:
        indices.extend(vector.indices)
        values.extend(vector.values)
    return [len(vector.indices) for vector in vectors], indices, values


def unpack_sparse(packed: Packed) -> list[SparseVector]:
    """The inverse of ``pack_sparse``."""
    lengths, indices, values = packed
    vectors = []
    start = 0
    for length in lengths:
        end = start + length
        vectors.append(SparseVector(tuple(indices[start:end]), tuple(values[start:end])))
        start = end
    return vectors


def pack_records(records: Sequence[PointRecord]) -> Packed:
    """Columns; no sparse column where no vectors were asked for."""
    sparse = [record.sparse for record in records if record.sparse is not None]
    dense = [record.dense for record in records if record.dense is not None]
    return (
        [record.id for record in records],
        [record.payload for record in records],
        [record.dense is not None for record in records],
        np.stack(dense) if dense else None,
        pack_sparse(sparse) if sparse else None,
    )


def unpack_records(packed: Packed) -> list[PointRecord]:
    """The inverse of ``pack_records``."""
    ids, payloads, pictured, matrix, packed_sparse = packed
    rows = iter(_rows(matrix))
    dense = [next(rows) if has else None for has in pictured]
    sparse = unpack_sparse(packed_sparse) if packed_sparse else [None] * len(ids)
    return list(map(PointRecord, ids, payloads, dense, sparse))


def pack_counts(counts: Sequence[FacetCount]) -> Packed:
    """All values, and all counts."""
    return [each.value for each in counts], [each.count for each in counts]


def unpack_counts(packed: Packed) -> tuple[FacetCount, ...]:
    """The inverse of ``pack_counts``."""
    return tuple(map(FacetCount, *packed))


def _rows(matrix: npt.NDArray[np.float32] | None) -> Sequence[npt.NDArray[np.float32]]:
    return () if matrix is None else list(matrix)
