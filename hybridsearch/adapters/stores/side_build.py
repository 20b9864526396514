"""A store that goes on answering while its indexes are built.

In: points and queries, as for every store. Out: answers, also during ``optimize``, which would
hold up everything in an engine process. It is done on a flushed copy in a second engine process
of low priority; what is written meanwhile goes to the live index and into a journal, which is
replayed on the copy before that takes over. Nobody waits for the exchange: the new index is open
by then, and who began with the old one ends with it. Nothing is built for a few changes: an index
of millions would be copied so that the engine finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from hybridsearch.adapters.stores.build_process import lower_priority, watched_build
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.adapters.stores.folder_lock import FolderLock
from hybridsearch.adapters.stores.in_use import InUse
from hybridsearch.adapters.stores.points import check_points
from hybridsearch.adapters.stores.slots import (
    copied,
    discard,
    has_room,
    into_slot,
    make_live,
    mend,
)
from hybridsearch.adapters.stores.unbuilt import left, taken
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.errors import StoreError
from hybridsearch.ports import (
    FacetCount,
    Point,
    PointRecord,
    RankQuery,
    SparseVector,
    Store,
    StoreInfo,
    StoreSchema,
    Watch,
)

Change = Callable[[Store], None]

AT_ONCE = 64
"""Points of one write that go to the engine together: searches get their turn in between."""

WORTH_A_BUILD = 0.01
"""The share of points changed since the last build from which there is another. The engine leaves
a segment as it is while less than a tenth of it was replaced, and scans what has no graph yet."""

FEW = 8
"""Journal entries so few that writers may wait while they are replayed."""

PATIENCE = 60.0
"""Seconds that long reads (a scroll) of the old index may still take once there is a new one."""


class SideBuildingStore:
    """``EngineProcessStore`` whose ``optimize`` holds nobody up. Safe to call from many threads.

    Args:
        folder, schema, tuning: as for ``EdgeStore``. While it is open the index lies in a slot
            of the folder (see ``slots``); afterwards it lies where an ``EdgeStore`` opens it.

    Raises:
        StoreLocked: another process has the folder open.
        StoreUnavailable: the engine process could not be started.
        StoreError: the folder cannot be written.
    """

    def __init__(
        self, folder: Path, schema: StoreSchema, *, tuning: EdgeTuning | None = None
    ) -> None:
        self._folder = folder
        self._schema = schema
        self._tuning = tuning
        self._writes = Lock()
        self._building = Lock()
        self._journal: list[Change] | None = None
        self._closed = False
        self._lock = FolderLock(folder)
        try:
            with _told(folder):
                self._slot = into_slot(folder)
                self._changed = taken(folder)  # points since the last build
            self._live = InUse(self._opened(self._slot))
        except BaseException:
            with suppress(OSError):
                mend(folder)
            self._lock.release()
            raise

    @property
    def pid(self) -> int:
        """The id of the process with the live index."""
        return self._live.value.pid

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points in parts; all are checked before the first is written."""
        good = list(check_points(points, self._schema).values())
        for start in range(0, len(good), AT_ONCE):
            part = good[start : start + AT_ONCE]
            self._change(lambda store, part=part: store.upsert(part), len(part))  # type: ignore[misc]

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        gone = list(ids)
        self._change(lambda store: store.delete(gone), len(gone))

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace sparse vectors in parts."""
        ids = list(vectors)
        for start in range(0, len(ids), AT_ONCE):
            part = {each: vectors[each] for each in ids[start : start + AT_ONCE]}
            self._change(lambda store, part=part: store.reweigh(part), len(part))  # type: ignore[misc]

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer several rankings in one call, in the order asked."""
        with self._live.used() as store:
            return store.rank(queries, complete=complete)

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """The points that pass, ordered by the integer at the key."""
        with self._live.used() as store:
            return store.dated(key, limit, filter, newest=newest)

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The IDF that ``rank`` multiplies by."""
        with self._live.used() as store:
            return store.idf(term_ids)

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, in the order asked, each id once."""
        with self._live.used() as store:
            return store.retrieve(ids, keys=keys, vectors=vectors)

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches, to the end from the index that it began with."""
        with self._live.used() as store:
            yield from store.scroll(batch=batch, keys=keys)

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter, exactly."""
        with self._live.used() as store:
            return store.count(filter)

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """The most frequent values."""
        with self._live.used() as store:
            return store.facet(key, limit, filter)

    def flush(self) -> None:
        """Return when everything acknowledged so far is on the disk."""
        with self._live.used() as store:
            store.flush()

    def info(self) -> StoreInfo:
        """What the live index says of itself."""
        with self._live.used() as store:
            return store.info()

    def optimize(self, watch: Watch | None = None) -> None:
        """Build the indexes anew beside the live one, and have them take over.

        Nothing is done while fewer than one point in a hundred has changed since the last build.

        Raises:
            StoreError: the copy cannot be made or built; the live index is as it was.
            whatever ``watch`` raises: the same.
        """
        with self._building:
            with self._writes:
                changed, self._changed = self._changed, 0.0
            built = False
            try:
                if changed and changed >= WORTH_A_BUILD * self.count():
                    self._optimize(watch)
                    built = True
            finally:
                if not built:
                    with self._writes:
                        self._changed += changed

    def close(self) -> None:
        """End the engine process and put the index where others open it. Twice is no error."""
        with self._building, self._writes:
            if self._closed:
                return
            self._closed = True
            try:
                self._live.value.close()
                left(self._folder, self._changed)
            finally:
                with suppress(OSError):  # the next to open it mends what could not be done
                    mend(self._folder)
                self._lock.release()

    def _opened(self, slot: Path) -> EngineProcessStore:
        # An engine that outlives us for a moment keeps others from the folder for that moment.
        return EngineProcessStore(
            slot, self._schema, tuning=self._tuning, kept_open=(self._lock.descriptor,)
        )

    def _change(self, change: Change, points: int) -> None:
        with self._writes, self._live.used() as store:
            self._changed += points  # before it: what ends in the middle may have had effects
            change(store)
            if self._journal is not None:
                self._journal.append(change)

    def _optimize(self, watch: Watch | None) -> None:
        if not has_room(self._folder, self._slot):
            # Better to hold searches up than to fill the disk.
            self._change(lambda store: store.optimize(), 0)
            return
        beside = self._copied()
        try:
            self._build(beside, watch)
            self._take_over(beside)
        finally:
            self._journal = None
            if self._slot != beside:
                discard(beside)

    def _copied(self) -> Path:
        """A copy of everything acknowledged; from now on changes are noted."""
        with self._writes, self._live.used() as store:
            store.flush()
            try:
                beside = copied(self._folder, self._slot)
            except OSError as error:
                raise StoreError(
                    f"The index in {self._folder} cannot be copied to be built: {error}.",
                    "Make room on that disk: a build needs as much as the index takes, three "
                    "times.",
                ) from error
            self._journal = []
        return beside

    def _build(self, beside: Path, watch: Watch | None) -> None:
        """In a process that gives way to others, and cannot be told to hurry later."""
        build = self._opened(beside)
        try:
            lower_priority(build.pid)
            watched_build(build, watch)
        finally:
            build.close()

    def _take_over(self, beside: Path) -> None:
        """Open the build, bring it up to date, and have it answer from now on."""
        ready = self._opened(beside)
        try:
            while self._journal is not None and len(self._journal) > FEW:
                self._replay(ready)
            with self._writes:
                self._replay(ready)
                ready.flush()
                with _told(self._folder):
                    make_live(self._folder, beside)
                self._journal = None
                before, self._slot = self._slot, beside
                old, drained = self._live.value, self._live.replace(ready)
        except BaseException:
            ready.close()
            raise
        drained(PATIENCE)
        old.end()
        discard(before)

    def _replay(self, build: Store) -> None:
        """Make on the copy what was changed since; nobody else takes from the journal."""
        journal = self._journal or []
        for change in journal[: len(journal)]:
            change(build)
            journal.pop(0)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"The index folder {folder} cannot be written: {error.strerror or error}.",
            "Make room there, or grant permission.",
        ) from error
