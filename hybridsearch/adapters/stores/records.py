"""Points as Qdrant's engines give them back, embedded or served: the two answer alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hybridsearch.adapters.stores.payloads import only
from hybridsearch.adapters.stores.phrases import PHRASES, scattered, with_phrases
from hybridsearch.adapters.stores.points import as_id
from hybridsearch.ports import PointRecord, SparseVector


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading points: what to ask the engine for, and what to make of its answer.

    Args:
        text_keys: the schema's; their texts lie in one (see ``phrases``).
        keys: the payload paths that were asked for; all of it where None.
        vectors: whether vectors were asked for.
        picture: the dense vector's name.
        sparse_of: finds the sparse vector among the named ones, in the engine's own form.
    """

    text_keys: Sequence[str]
    keys: Sequence[str] | None
    vectors: bool
    picture: str
    sparse_of: Callable[[Mapping[str, Any]], SparseVector]

    @property
    def selector(self) -> bool | list[str]:
        """All of the payload, some of its keys, or nothing of it."""
        return True if self.keys is None else with_phrases(self.keys, self.text_keys) or False

    def record(self, read: Any) -> PointRecord:
        """A point, of the engine's record with ``id``, ``payload`` and ``vector``."""
        payload = read.payload or {}
        if PHRASES in payload:
            payload = scattered(payload, self.text_keys)
            payload = only(payload, None if self.keys is None else tuple(self.keys))
        if not self.vectors:
            return PointRecord(as_id(read.id), payload)
        found = read.vector or {}
        dense = found.get(self.picture)
        return PointRecord(
            as_id(read.id),
            payload,
            None if dense is None else np.asarray(dense, dtype=np.float32),
            self.sparse_of(found),
        )
