"""A store whose every change asks first.

In: a store, and a guard that lets one change through or refuses it. Out: the same store; reading
it asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.ports import (
    FacetCount,
    Point,
    PointRecord,
    RankQuery,
    SparseVector,
    Store,
    StoreInfo,
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
        self._store = store
        self._guard = guard

    def upsert(self, points: Sequence[Point]) -> None:
        with self._guard.change():
            self._store.upsert(points)

    def delete(self, ids: Sequence[str]) -> None:
        with self._guard.change():
            self._store.delete(ids)

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        with self._guard.change():
            self._store.reweigh(vectors)

    def optimize(self) -> None:
        with self._guard.change():
            self._store.optimize()

    def flush(self) -> None:
        with self._guard.turn():
            self._store.flush()

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        return self._store.rank(queries, complete=complete)

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        return self._store.dated(key, limit, filter, newest=newest)

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        return self._store.idf(term_ids)

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        return self._store.retrieve(ids, keys=keys, vectors=vectors)

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        return self._store.scroll(batch=batch, keys=keys)

    def count(self, filter: Filter = EVERYTHING) -> int:
        return self._store.count(filter)

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        return self._store.facet(key, limit, filter)

    def info(self) -> StoreInfo:
        return self._store.info()

    def close(self) -> None:
        self._store.close()
