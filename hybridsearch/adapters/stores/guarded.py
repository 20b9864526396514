"""A store whose every change asks first.

In: a store, and a guard that lets one change through or refuses it. Out: the same store; reading
it asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from threading import Lock
from typing import Protocol

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
    Watch,
)


class Guard(Protocol):
    """Holds whatever must hold during a change; raises where there must be none."""

    def change(self) -> AbstractContextManager[None]:
        """Around each change."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Around what moves files without changing what they say."""
        ...


class GuardedStore:
    """Another store behind a guard."""

    def __init__(self, store: Store, guard: Guard) -> None:
        self.guarded = store
        self._guard = guard
        self._counting = Lock()
        self.changes = 0
        """How many changes were made through this store; each may alter every answer."""

    def upsert(self, points: Sequence[Point]) -> None:
        with self._change():
            self.guarded.upsert(points)

    def delete(self, ids: Sequence[str]) -> None:
        with self._change():
            self.guarded.delete(ids)

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        with self._change():
            self.guarded.reweigh(vectors)

    def optimize(self, watch: Watch | None = None) -> None:
        with self._change():
            self.guarded.optimize(watch)

    def flush(self) -> None:
        with self._guard.turn():
            self.guarded.flush()

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        return self.guarded.rank(queries, complete=complete)

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        return self.guarded.dated(key, limit, filter, newest=newest)

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        return self.guarded.idf(term_ids)

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        return self.guarded.retrieve(ids, keys=keys, vectors=vectors)

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        return self.guarded.scroll(batch=batch, keys=keys)

    def count(self, filter: Filter = EVERYTHING) -> int:
        return self.guarded.count(filter)

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        return self.guarded.facet(key, limit, filter)

    def info(self) -> StoreInfo:
        return self.guarded.info()

    def close(self) -> None:
        with ExitStack() as turn:
            with suppress(StoreError):  # whoever is alone takes long: nothing may stay open
                turn.enter_context(self._guard.turn())
            self.guarded.close()

    @contextmanager
    def _change(self) -> Iterator[None]:
        try:
            with self._guard.change():
                yield
        finally:
            with self._counting:
                self.changes += 1
