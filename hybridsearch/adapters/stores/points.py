"""Checks on what goes into a store, made before anything is written.

In: points and queries as the port defines them. Out: the same, known to be good, or an error
that names the point and the reason. Engines log a write before they judge it and some accept
NaN, so a point that is refused must be refused here.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from operator import lt
from typing import Any

import numpy as np

from hybridsearch.adapters.stores.filter_checks import check_filter
from hybridsearch.adapters.stores.payloads import payload_fault
from hybridsearch.adapters.stores.phrases import text_fault
from hybridsearch.errors import InvalidPoint, StoreError
from hybridsearch.ports import DenseQuery, Point, RankQuery, SparseVector, StoreSchema, Vector

UNIT_TOLERANCE = 1e-3
"""How far the length of a dense vector may be from 1."""

MAX_TERMS = 65_536
"""Terms in one sparse vector; a caption has tens, a page of OCR has thousands."""

_SMALLEST, _LARGEST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)

_POINT_ID = re.compile(r"[0-9a-f]{16}").fullmatch


def is_point_id(text: str) -> bool:
    """Whether ``text`` is 16 hexadecimal digits in lower case; nothing else names a point."""
    return _POINT_ID(text) is not None


def check_points(points: Sequence[Point], schema: StoreSchema) -> dict[str, Point]:
    """All points by id, the last of equal ids, once every one of them is known to be good.

    Raises:
        InvalidPoint: the first point that is not, with the reason. Nothing may be written then.
    """
    for point in points:
        fault = (
            _id_fault(point.id)
            or sparse_fault(point.sparse)
            or payload_fault(point.payload)
            or text_fault(point.payload, schema.text_keys)
            or _dense_fault(point.dense, schema)
        )
        if fault:
            raise _invalid(point.id, *fault)
    _check_lengths([point for point in points if point.dense is not None])
    return {point.id: point for point in points}


def check_weights(vectors: Mapping[str, SparseVector]) -> None:
    """The same for sparse vectors alone, by point id.

    Raises:
        InvalidPoint: an id that names no point, or a sparse vector that breaks the port's rules.
    """
    for point_id, vector in vectors.items():
        fault = _id_fault(point_id) or sparse_fault(vector)
        if fault:
            raise _invalid(point_id, *fault)


def check_query(query: RankQuery, schema: StoreSchema) -> None:
    """Refuse a query that engines answer with nonsense (NaN) or with an error of their own.

    Raises:
        StoreError: wrong dimension, not finite, zero length, a malformed sparse vector, or a
            filter that ``check_filter`` refuses.
    """
    check_filter(query.filter, schema)
    if not isinstance(query, DenseQuery):
        fault = sparse_fault(query.vector)
    elif schema.dimension is None:
        fault = ("this archive has no picture vectors", "Search it by words.")
    else:
        fault = _dense_fault(query.vector, schema)
        if not fault and not np.isfinite(query.vector).all():
            fault = ("its vector holds NaN or infinity", "Check the encoder's output.")
        if not fault and not query.vector.any():
            fault = ("its vector has length zero", "Check the encoder's output.")
    if fault:
        raise StoreError(f"The query of leg {query.leg!r} cannot be asked: {fault[0]}.", fault[1])


def sparse_fault(vector: SparseVector) -> tuple[str, str] | None:
    """What is wrong with a sparse vector, and the remedy; None when nothing is."""
    indices, values = vector.indices, vector.values
    remedy = "Weigh the text with the analyzer; it gives ascending ids and positive weights."
    if len(indices) != len(values):
        return f"{len(indices)} term ids come with {len(values)} weights", remedy
    if not indices:
        return None
    if len(indices) > MAX_TERMS:
        return f"it has {len(indices)} terms, more than {MAX_TERMS}", "Shorten the text."
    if set(map(type, indices)) != {int}:
        return "a term id is not an integer", remedy
    if not all(map(lt, indices, indices[1:])):
        return "its term ids are not ascending and unique", remedy
    if indices[0] < 0 or indices[-1] >= 2**32:
        return "a term id does not fit in 32 bits", remedy
    if not _positive(values):
        return "a term weight is not finite and positive", remedy
    return None


def _positive(values: Sequence[float]) -> bool:
    """Finite and positive, also once rounded to float32; NaN shows in the sum."""
    try:
        return isfinite(sum(values)) and min(values) >= _SMALLEST and max(values) <= _LARGEST
    except TypeError:
        return False


def _id_fault(point_id: str) -> tuple[str, str] | None:
    if isinstance(point_id, str) and is_point_id(point_id):
        return None
    return "its id is not 16 hexadecimal digits in lower case", "Name points by point_id."


def _dense_fault(vector: Vector | None, schema: StoreSchema) -> tuple[str, str] | None:
    if vector is None:
        return None
    if schema.dimension is None:
        return "it has a picture vector, but the archive is of words only", "Rebuild the archive."
    if not isinstance(vector, np.ndarray) or vector.dtype != np.float32:
        return "its vector is not a float32 array", "Convert it with numpy.float32."
    if vector.shape != (schema.dimension,):
        return (
            f"its vector has the shape {vector.shape}, the archive needs ({schema.dimension},)",
            "Use the encoder that the archive was built with, or rebuild the archive.",
        )
    return None


def _check_lengths(points: Sequence[Point]) -> None:
    """One pass over all dense vectors: NaN and infinity make the length unequal to 1 too."""
    if not points:
        return
    matrix = np.stack([point.dense for point in points if point.dense is not None])
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    bad = np.flatnonzero(~(np.abs(lengths - 1) <= UNIT_TOLERANCE))
    if bad.size:
        first = int(bad[0])
        finite = bool(np.isfinite(matrix[first]).all())
        reason = f"its vector has length {lengths[first]:.4g}, not 1"
        raise _invalid(
            points[first].id,
            reason if finite else "its vector holds NaN or infinity",
            "Normalise vectors before writing." if finite else "Check the encoder's output.",
        )


def _invalid(point_id: object, reason: str, remedy: str) -> InvalidPoint:
    return InvalidPoint(f"Point {point_id} cannot be stored: {reason}.", remedy)


def in_order(ids: Iterable[str]) -> list[str]:
    """The ids that can name a point, each once, in the order given."""
    return [each for each in dict.fromkeys(ids) if is_point_id(each)]


def as_numbers(ids: Iterable[str]) -> list[int]:
    """Point ids as engines take them: a number is read and told ten times faster than a UUID."""
    return [int(each, 16) for each in ids]


def as_id(number: Any) -> str:
    """A point's id as the port has it, of the number that an engine knows it by.

    Raises:
        StoreError: it is a UUID, as points were named before.
    """
    return as_ids([number])[0]


def as_ids(numbers: Sequence[int]) -> list[str]:
    """The same for many at once, in a third of the time."""
    try:
        packed = array("Q", numbers)
    except TypeError:
        raise StoreError(
            "An earlier version made this index; it names its points by UUIDs.",
            "Ingest the archive again under another name (--archive), then remove this one.",
        ) from None
    if sys.byteorder == "little":
        packed.byteswap()
    digits = packed.tobytes().hex()
    return [digits[start : start + 16] for start in range(0, len(digits), 16)]
