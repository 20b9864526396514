"""A Store that lives in a process of its own, so that its work never freezes this one.

In: points and queries. Out: what the engine process answers. The embedded engine holds
Python's global lock while it works; beside a service, it works in a child process. Every
request goes through one queue, so a reader sees each write that was acknowledged before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from hybridsearch.adapters.stores import wire
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_client import EngineClient
from hybridsearch.adapters.stores.folder_lock import command_line
from hybridsearch.adapters.stores.points import check_points, check_weights
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.errors import StoreError
from hybridsearch.ports import (
    FacetCount,
    Point,
    PointRecord,
    RankQuery,
    SparseVector,
    StoreInfo,
    StoreSchema,
    Watch,
)


class EngineProcessStore:
    """``EdgeStore`` in a child process. Safe to call from many threads.

    Args:
        folder, schema, tuning: as for ``EdgeStore``.
        engine: "edge", or "memory" for tests.
        holder: who the folder's lock names; this process and its command line where None.
        patience: seconds that ``close`` waits for the store before it ends the process.
        kept_open: file descriptors that the engine process inherits, as of a lock that is held
            until it has ended too.

    Raises:
        StoreLocked: another process has the folder open.
        StoreUnavailable: the engine process could not be started. Also raised by every method
            once it has ended, with its exit code and the last lines that it wrote.
    """

    def __init__(
        self,
        folder: Path,
        schema: StoreSchema,
        *,
        tuning: EdgeTuning | None = None,
        engine: Literal["edge", "memory"] = "edge",
        holder: str | None = None,
        patience: float = 30.0,
        kept_open: tuple[int, ...] = (),
    ) -> None:
        self._schema = schema
        self._patience = patience
        spec = wire.EngineSpec(
            engine, folder, schema, tuning or EdgeTuning(), holder or command_line(), os.getpid()
        )
        self._engine = EngineClient(spec, kept_open)
        self._forget()

    @property
    def pid(self) -> int:
        """The engine process's id."""
        return self._engine.pid

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points, each whole. Raises InvalidPoint before anything is written."""
        # Checked on both sides: here because the pipe's form has room for good points only.
        good = check_points(points, self._schema)
        if good:
            self._change("upsert", wire.pack_points(list(good.values())))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        self._change("delete", list(ids))

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer several rankings in one call, in the order asked."""
        found = self._engine.ask("rank", list(queries), complete)
        return [wire.unpack_ranking(each) for each in found]

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """The points that pass, ordered by the integer at the key."""
        return wire.unpack_ranking(self._engine.ask("dated", key, limit, filter, newest))

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The IDF that ``rank`` multiplies by, kept on this side until the next write."""
        # A write replaces the dict, so an answer from before it cannot slip in after it.
        known = self._idf
        unknown = [term for term in dict.fromkeys(term_ids) if term not in known]
        if unknown:
            found: dict[int, float] = self._engine.ask("idf", unknown)
            known.update({term: found.get(term) for term in unknown})
        weights = {term: known[term] for term in term_ids}
        return {term: weight for term, weight in weights.items() if weight is not None}

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, in the order asked, each id once."""
        return wire.unpack_records(self._engine.ask("retrieve", list(ids), keys, vectors))

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches; each batch is read when it is asked for."""
        number = self._engine.ask("scroll", batch, keys)
        try:
            while (packed := self._engine.ask("scroll_next", number)) is not None:
                yield wire.unpack_records(packed)
        finally:
            with suppress(StoreError):
                self._engine.ask("scroll_end", number)

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace the sparse vectors of existing points; ids that are not there are left out."""
        check_weights(vectors)
        self._change("reweigh", list(vectors), wire.pack_sparse(list(vectors.values())))

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter, exactly."""
        counts = self._counts
        if not filter and counts:
            return counts[0]
        passing: int = self._engine.ask("count", filter)
        if not filter:
            counts.append(passing)
        return passing

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """The most frequent values; only those come over the pipe."""
        return wire.unpack_counts(self._engine.ask("facet", key, limit, filter))

    def flush(self) -> None:
        """Return when everything acknowledged so far is on the disk."""
        self._engine.ask("flush")

    def optimize(self, watch: Watch | None = None) -> None:
        """Build indexes; other requests wait for it, this process does not."""
        self._change("optimize")

    def info(self) -> StoreInfo:
        """What the store in the engine process says of itself."""
        state: StoreInfo = self._engine.ask("info")
        return state

    def close(self) -> None:
        """Close the store and end the engine process, by force when its patience is over."""
        self._engine.close(self._patience)

    def end(self) -> None:
        """End the engine process at once: what was flushed is on the disk."""
        self._engine.close(0.0)

    def _change(self, request: str, *arguments: object) -> None:
        """Ask for a change; what was remembered of the points before it is forgotten after it."""
        try:
            self._engine.ask(request, *arguments)
        finally:
            self._forget()

    def _forget(self) -> None:
        """This process is the only one that writes, so it may remember between its writes."""
        self._idf: dict[int, float | None] = {}
        self._counts: list[int] = []
