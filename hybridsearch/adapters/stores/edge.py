"""The embedded engine as a Store: Qdrant Edge in this process, over a folder on disk.

In: points. Out: rankings under a filter. What shapes this file (measured on 0.9.0):

- It never releases the GIL, so two threads search no faster than one and ``optimize`` freezes
  the process; a service puts this store into an engine process (``engine_process``).
- What was acknowledged survives a kill; only ``flush`` survives a loss of power.
- A refused write stays in the log and is replayed, so points are checked first.
- IDF counts the points that have words. Writes to a segment not yet optimized count at once;
  what was deleted, or replaced in an optimized segment, counts until an ``optimize`` rebuilds
  that segment (which it does when a tenth of it is stale).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import qdrant_edge as qe

from hybridsearch.adapters.stores.answers import Answer, most_frequent
from hybridsearch.adapters.stores.edge_config import (
    PICTURE,
    WORDS,
    edge_config,
    edge_point,
    edge_sparse,
    missing_indexes,
    reading,
)
from hybridsearch.adapters.stores.edge_errors import edge_errors
from hybridsearch.adapters.stores.edge_facets import value_counts
from hybridsearch.adapters.stores.edge_filters import edge_filter
from hybridsearch.adapters.stores.edge_search import completed, dated_points, idf, rank
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.filter_checks import check_facet, check_filter
from hybridsearch.adapters.stores.folder_lock import FolderLock
from hybridsearch.adapters.stores.phrases import check_text_keys
from hybridsearch.adapters.stores.points import (
    as_id,
    as_numbers,
    check_points,
    check_query,
    check_weights,
    in_order,
)
from hybridsearch.adapters.stores.slots import mend
from hybridsearch.adapters.stores.unbuilt import forget
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.errors import StoreUnavailable
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

_Item = TypeVar("_Item")

_COUNTS = 1_000
"""Filters whose counts are kept at most."""

_CHUNK = 256
"""Points in one entry of the write-ahead log, which holds 32 MB."""


class EdgeStore:
    """A Store in ``folder``, made there if there is none; one process at a time.

    Args:
        folder: holds the lock, its holder's description and ``shard``, the engine's files.
        schema: dimension and filter keys; indexes of new keys are added to an old folder.
        tuning: memory, build time, speed and recall.
        holder: who holds the folder, for the message that a second opener gets; this
            process's command line where it is None. ``holder_pid`` goes with it.

    Raises:
        StoreLocked: another process has the folder open.
        StoreError: it was built for another dimension, or cannot be read or written.
    """

    def __init__(
        self,
        folder: Path,
        schema: StoreSchema,
        *,
        tuning: EdgeTuning | None = None,
        holder: str | None = None,
        holder_pid: int | None = None,
    ) -> None:
        check_text_keys(schema.text_keys)
        self._folder = folder
        self._schema = schema
        self._tuning = tuning or EdgeTuning()
        self._idf: dict[int, float | None] = {}
        self._counts: dict[Filter, int] = {}
        self._shard: qe.EdgeShard | None = None
        self._lock = FolderLock(folder, holder, holder_pid)
        try:
            with edge_errors(folder, "opening"):
                self._shard = self._load_or_create(folder / "shard")
                for operation in missing_indexes(schema, set(self._shard.info().payload_schema)):
                    self._shard.update(operation)
        except BaseException:
            self._lock.release()
            raise

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points, each whole. Raises InvalidPoint before anything is written."""
        good = list(check_points(points, self._schema).values())
        with self._changing("writing") as shard:
            for part in _chunks(good):
                ready = [edge_point(each, self._schema.text_keys) for each in part]
                shard.update(qe.UpdateOperation.upsert_points(ready))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        with self._changing("deleting") as shard:
            for part in _chunks(in_order(ids)):
                shard.update(qe.UpdateOperation.delete_points([*as_numbers(part)]))

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer several rankings in one batch; exact or by the graph, see ``EdgeTuning``."""
        return [answer.ranking() for answer in self.answers(queries, complete=complete)]

    def answers(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Answer]:
        """As ``rank``, in the form that the engine process sends."""
        for query in queries:
            check_query(query, self._schema)
        with self._using("searching") as shard:
            found = rank(shard, self._schema, self._tuning, queries, self.count)
            return completed(shard, queries, found) if complete else found

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """By the engine's own order of a payload index."""
        check_filter(filter, self._schema)
        with self._using("listing by date") as shard:
            return dated_points(shard, self._schema, key, limit, filter, newest).ranking()

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The IDF that ``rank`` multiplies by, kept until the next write."""
        # A write replaces the dict, so an answer from before it cannot slip in after it.
        known = self._idf
        unknown = [term for term in dict.fromkeys(term_ids) if term not in known]
        if unknown:
            with self._using("reading word frequencies") as shard:
                found = idf(shard, unknown)
            known.update({term: found.get(term) for term in unknown})
        weights = {term: known[term] for term in term_ids}
        return {term: weight for term, weight in weights.items() if weight is not None}

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, in the order asked, each id once."""
        wanted = in_order(ids)
        with self._using("reading") as shard:
            way = reading(self._schema, keys, vectors)
            read = shard.retrieve([*as_numbers(wanted)], way.selector, vectors)
        by_id = {record.id: record for record in map(way.record, read)}
        return [by_id[each] for each in wanted if each in by_id]

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches, by id."""
        offset: qe.PointId | None = None
        way = reading(self._schema, keys, vectors=False)
        while True:
            request = qe.ScrollRequest(
                offset=offset, limit=batch, with_payload=way.selector, with_vector=False
            )
            with self._using("reading") as shard:
                read, offset = shard.scroll(request)
            if read:
                yield [way.record(each) for each in read]
            if offset is None:
                return

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace the sparse vectors of existing points; ids that are not there are left out."""
        check_weights(vectors)
        with self._changing("weighing words anew") as shard:
            for part in _chunks(list(vectors)):
                # The engine stops in the middle of a batch at an id that it does not have.
                there = shard.retrieve([*as_numbers(part)], False, False)
                ready = [
                    qe.PointVectors(each.id, {WORDS: edge_sparse(vectors[as_id(each.id)])})
                    for each in there
                ]
                shard.update(qe.UpdateOperation.update_vectors(ready))

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter, exactly; kept until the next write.

        Without a filter the engine looks at every point (6 ms at 100,000, more than a search),
        and one search may ask twice: to choose its way, and for its total.
        """
        check_filter(filter, self._schema)
        known = self._counts
        with self._using("counting") as shard:
            passing = known.get(filter)
            if passing is None:
                passed = edge_filter(filter, self._schema.text_keys)
                request = qe.CountRequest(exact=True, filter=passed)
                passing = int(shard.count(request))
                if not filter or len(known) < _COUNTS:
                    known[filter] = passing
        return passing

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """Every value is counted, whatever the limit; see ``edge_facets`` for what that takes."""
        check_facet(key, filter, self._schema)
        points = self.count()
        with self._using("counting values") as shard:
            passed = edge_filter(filter, self._schema.text_keys)
            return most_frequent(value_counts(shard, key, passed, points), limit)

    def flush(self) -> None:
        """Return when everything acknowledged so far is on the disk."""
        with self._using("flushing") as shard:
            shard.flush()

    def optimize(self, watch: Watch | None = None) -> None:
        """Merge segments, drop what was deleted, build the graph; minutes at 200,000 vectors."""
        with self._changing("optimizing") as shard:
            shard.optimize()

    def info(self) -> StoreInfo:
        """``indexed`` is an estimate: the engine counts indexed vectors of both kinds in one.

        Points are counted by ourselves: after a kill the engine counts some of them twice.
        """
        points = self.count()
        with self._using("reading its state") as shard:
            state = shard.info()
            if self._schema.dimension is None:
                indexed = None
            else:
                worded = shard.count(qe.CountRequest(filter=_having(WORDS)))
                pictured = shard.count(qe.CountRequest(filter=_having(PICTURE)))
                indexed = min(max(state.indexed_vectors_count - worded, 0), pictured)
        return StoreInfo(points, indexed, f"qdrant-edge {version('qdrant-edge-py')}")

    def close(self) -> None:
        """Flush, let go of the files and of the lock."""
        shard, self._shard = self._shard, None
        if shard is None:
            return
        try:
            with edge_errors(self._folder, "closing"):
                shard.flush()
                shard.close()
        finally:
            self._lock.release()

    def _load_or_create(self, shard: Path) -> qe.EdgeShard:
        config = edge_config(self._schema, self._tuning)
        mend(shard.parent)
        # A kill while creating leaves the configuration without segments; loading mends that.
        if (shard / "edge_config.json").exists():
            return qe.EdgeShard.load(str(shard), config)
        shard.mkdir(exist_ok=True)
        return qe.EdgeShard.create(str(shard), config)

    @contextmanager
    def _using(self, doing: str) -> Iterator[qe.EdgeShard]:
        if self._shard is None:
            raise StoreUnavailable(f"The index in {self._folder} is closed.", "Open it again.")
        with edge_errors(self._folder, doing):
            yield self._shard

    @contextmanager
    def _changing(self, doing: str) -> Iterator[qe.EdgeShard]:
        try:
            with self._using(doing) as shard:
                forget(self._folder)
                yield shard
        finally:
            # After the change: an IDF or a count read during it must not outlive it.
            self._idf = {}
            self._counts = {}


def _chunks(items: list[_Item]) -> Iterator[list[_Item]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _having(vector: str) -> qe.Filter:
    return qe.Filter(must=[qe.HasVectorCondition(vector)])
