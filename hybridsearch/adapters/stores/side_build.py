"""A store that goes on answering while its indexes are built.

In: points and queries, as for every store. Out: answers, also during ``optimize``, which would
hold up everything in an engine process. It is done on a flushed copy in a second engine process
of low priority; what is written meanwhile goes to the live index and into a journal, which is
replayed on the copy before the two change places.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.adapters.stores.gate import Gate
from hybridsearch.adapters.stores.points import check_points
from hybridsearch.adapters.stores.shard_copies import clear, copy_beside, exchange, has_room
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.fusion import Ranking
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
)

Result = TypeVar("Result")
Change = Callable[[Store], None]

AT_ONCE = 64
"""Points of one write that go to the engine together: searches get their turn in between."""

FEW = 8
"""Journal entries so few that writers may wait while they are replayed."""

PATIENCE = 60.0
"""Seconds that the exchange waits for a long read (a scroll) to end."""

_LOWER = 10
"""Added to the niceness of the process that builds."""


class SideBuildingStore:
    """``EngineProcessStore`` whose ``optimize`` holds nobody up. Safe to call from many threads.

    Args:
        folder, schema, tuning: as for ``EdgeStore``.

    Raises:
        StoreLocked: another process has the folder open.
        StoreUnavailable: the engine process could not be started.
    """

    def __init__(
        self, folder: Path, schema: StoreSchema, *, tuning: EdgeTuning | None = None
    ) -> None:
        self._folder = folder
        self._schema = schema
        self._tuning = tuning
        self._gate = Gate()
        self._writes = Lock()
        self._building = Lock()
        self._journal: list[Change] | None = None
        self._closed = False
        self._live = self._opened(folder)

    @property
    def pid(self) -> int:
        """The id of the process with the live index."""
        return self._live.pid

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points in parts; all are checked before the first is written."""
        good = list(check_points(points, self._schema).values())
        for start in range(0, len(good), AT_ONCE):
            part = good[start : start + AT_ONCE]
            self._change(lambda store, part=part: store.upsert(part))  # type: ignore[misc]

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        gone = list(ids)
        self._change(lambda store: store.delete(gone))

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace sparse vectors in parts."""
        ids = list(vectors)
        for start in range(0, len(ids), AT_ONCE):
            part = {each: vectors[each] for each in ids[start : start + AT_ONCE]}
            self._change(lambda store, part=part: store.reweigh(part))  # type: ignore[misc]

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer several rankings in one call, in the order asked."""
        with self._gate.through():
            return self._live.rank(queries, complete=complete)

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """The points that pass, ordered by the integer at the key."""
        with self._gate.through():
            return self._live.dated(key, limit, filter, newest=newest)

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The IDF that ``rank`` multiplies by."""
        with self._gate.through():
            return self._live.idf(term_ids)

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, in the order asked, each id once."""
        with self._gate.through():
            return self._live.retrieve(ids, keys=keys, vectors=vectors)

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches; indexes are not exchanged while somebody scrolls."""
        with self._gate.through():
            yield from self._live.scroll(batch=batch, keys=keys)

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter, exactly."""
        with self._gate.through():
            return self._live.count(filter)

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """The most frequent values."""
        with self._gate.through():
            return self._live.facet(key, limit, filter)

    def flush(self) -> None:
        """Return when everything acknowledged so far is on the disk."""
        with self._gate.through():
            self._live.flush()

    def info(self) -> StoreInfo:
        """What the live index says of itself."""
        with self._gate.through():
            return self._live.info()

    def optimize(self) -> None:
        """Build the indexes anew beside the live one, and exchange them.

        Raises:
            StoreError: the copy cannot be made or built; the live index is as it was.
        """
        with self._building:
            if not has_room(self._folder):
                # Better to hold searches up than to fill the disk.
                with self._writes, self._gate.through():
                    self._live.optimize()
                return
            try:
                beside = self._copied()
                self._built(beside)
            finally:
                self._journal = None
                with suppress(OSError):
                    clear(self._folder)

    def close(self) -> None:
        """End the engine process. Closing twice is no error."""
        with self._building, self._writes:
            self._closed = True
            self._live.close()

    def _opened(self, folder: Path, *, wait: bool = False) -> EngineProcessStore:
        return EngineProcessStore(folder, self._schema, tuning=self._tuning, wait=wait)

    def _change(self, change: Change) -> None:
        with self._writes, self._gate.through():
            change(self._live)
            if self._journal is not None:
                self._journal.append(change)

    def _copied(self) -> Path:
        """A copy of everything acknowledged; from now on changes are noted."""
        with self._writes, self._gate.through():
            self._live.flush()
            try:
                beside = copy_beside(self._folder)
            except OSError as error:
                raise StoreError(
                    f"The index in {self._folder} cannot be copied to be built: {error}.",
                    "Make room on that disk: a build needs as much as the index takes, three "
                    "times.",
                ) from error
            self._journal = []
        return beside

    def _built(self, beside: Path) -> None:
        build = self._opened(beside)
        try:
            lower_priority(build.pid)
            build.optimize()
            while self._journal is not None and len(self._journal) > FEW:
                self._replay(build)
            ready = self._opened(self._folder, wait=True)
            try:
                with self._writes:
                    self._replay(build)
                    build.close()
                    self._exchange(ready)
            finally:
                if self._live is not ready:
                    ready.close()
        finally:
            build.close()

    def _replay(self, build: Store) -> None:
        """Make on the copy what was changed since; nobody else takes from the journal."""
        journal = self._journal or []
        for change in journal[: len(journal)]:
            change(build)
            journal.pop(0)

    def _exchange(self, ready: EngineProcessStore) -> None:
        """Close the live index, put the build in its place, have the next process open it."""
        self._live.flush()
        try:
            with self._gate.alone(PATIENCE):
                self._live.end()
                try:
                    exchange(self._folder)
                finally:
                    ready.open()
                    self._live = ready
        except TimeoutError as error:
            raise StoreError(
                "The index was built, but somebody reads the old one without an end.",
                "Call optimize again when nobody scrolls.",
            ) from error
        except OSError as error:
            raise StoreError(
                f"The new build in {self._folder} cannot take its place: {error}.",
                "Check the permissions there; the index is as it was.",
            ) from error


def lower_priority(pid: int) -> None:
    """Have a process of ours give way to others; where the system cannot, it does not."""
    threads = Path(f"/proc/{pid}/task")
    with suppress(OSError, AttributeError):
        for each in threads.iterdir() if threads.is_dir() else (Path(str(pid)),):
            os.setpriority(os.PRIO_PROCESS, int(each.name), _LOWER)
