"""Points as Qdrant's engines give them back, embedded or served: the two answer alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hybridsearch.ports import PointRecord, SparseVector


def payload_selector(keys: Sequence[str] | None) -> bool | list[str]:
    """All of the payload, some of its keys, or nothing of it."""
    return True if keys is None else list(keys) or False


def record_of(
    read: Any, vectors: bool, picture: str, sparse_of: Callable[[Mapping[str, Any]], SparseVector]
) -> PointRecord:
    """A point as read back.

    Args:
        read: the engine's record, with ``id``, ``payload`` and ``vector``.
        vectors: whether vectors were asked for.
        picture: the dense vector's name.
        sparse_of: finds the sparse vector among the named ones, in the engine's own form.
    """
    payload = read.payload or {}
    if not vectors:
        return PointRecord(str(read.id), payload)
    found = read.vector or {}
    dense = found.get(picture)
    return PointRecord(
        str(read.id),
        payload,
        None if dense is None else np.asarray(dense, dtype=np.float32),
        sparse_of(found),
    )
