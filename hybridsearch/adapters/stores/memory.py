"""The memory store: small and exact, the oracle that every other store is held to.

In: points. Out: rankings over all of them by plain arithmetic; no index, no approximation.
Meant for tests and archives of some thousand pictures; nothing outlives the process.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import RLock

import numpy as np

from hybridsearch.adapters.stores.answers import Answer, most_frequent
from hybridsearch.adapters.stores.completing import unscored
from hybridsearch.adapters.stores.dated import dated, score_of
from hybridsearch.adapters.stores.filter_checks import check_facet, check_filter
from hybridsearch.adapters.stores.matching import passes
from hybridsearch.adapters.stores.payloads import only, values_at
from hybridsearch.adapters.stores.phrases import check_text_keys
from hybridsearch.adapters.stores.points import (
    as_ids,
    as_numbers,
    check_points,
    check_query,
    check_weights,
    in_order,
)
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.ranking import Entries, Ranked, Ranking, in_rank_order
from hybridsearch.errors import StoreUnavailable
from hybridsearch.ports import (
    DenseQuery,
    FacetCount,
    Point,
    PointRecord,
    RankQuery,
    SparseQuery,
    SparseVector,
    StoreInfo,
    StoreSchema,
    Watch,
)


class MemoryStore:
    """A Store in a dict, with postings for the words. Safe to call from many threads."""

    def __init__(self, schema: StoreSchema) -> None:
        check_text_keys(schema.text_keys)
        self._schema = schema
        self._points: dict[str, Point] = {}
        self._postings: dict[int, dict[str, float]] = {}
        self._worded = 0
        self._lock = RLock()
        self._open = True

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points, each whole. Raises InvalidPoint before anything is written."""
        with self._opened():
            for point in check_points(points, self._schema).values():
                self._remove(point.id)
                self._insert(_own(point))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        with self._opened():
            for each in ids:
                self._remove(each)

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer by looking at every point that passes the filter."""
        with self._opened():
            for query in queries:
                check_query(query, self._schema)
            found = [self._rank(query) for query in queries]
            if not complete:
                return found
            missing = unscored(queries, [Answer.of(each) for each in found])
            return [self._completed(*each) for each in zip(queries, found, missing, strict=True)]

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """By looking at every point that passes the filter."""
        with self._opened():
            check_filter(filter, self._schema)
            entries, without = [], []
            for point in self._passing(filter):
                values = values_at(point.payload, key)
                [number] = as_numbers([point.id])
                if values:
                    best = max(score_of(value, newest) for value in values)
                    entries.append((-best, number))
                else:
                    without.append(number)
        entries.sort()
        return dated(limit, lambda count: entries[:count], lambda _: without).ranking()

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """``ln(1 + (N - df + 0.5) / (df + 0.5))``, N the points that have words."""
        with self._opened():
            return {term: self._idf(term) for term in term_ids if self._postings.get(term)}

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, in the order asked, each id once."""
        kept = None if keys is None else tuple(keys)
        with self._opened():
            found = [self._points[each] for each in in_order(ids) if each in self._points]
        return [_record(point, kept, vectors) for point in found]

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches, by id."""
        with self._opened():
            ids = sorted(self._points)
        for start in range(0, len(ids), batch):
            yield self.retrieve(ids[start : start + batch], keys=keys)

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace the sparse vectors of existing points; ids that are not there are left out."""
        with self._opened():
            check_weights(vectors)
            for point_id, vector in vectors.items():
                old = self._remove(point_id)
                if old is not None:
                    self._insert(_own(replace(old, sparse=vector)))

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter."""
        with self._opened():
            check_filter(filter, self._schema)
            return sum(1 for _ in self._passing(filter))

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """Counted over every point that passes."""
        with self._opened():
            check_facet(key, filter, self._schema)
            counts: Counter[str] = Counter()
            for point in self._passing(filter):
                values = values_at(point.payload, key)
                counts.update({value for value in values if isinstance(value, str)})
        return most_frequent(counts.items(), limit)

    def flush(self) -> None:
        """Nothing outlives the process, so there is nothing to wait for."""
        with self._opened():
            pass

    def optimize(self, watch: Watch | None = None) -> None:
        """There is no index to build."""
        with self._opened():
            pass

    def info(self) -> StoreInfo:
        """The number of points; exact search knows no index."""
        with self._opened():
            return StoreInfo(len(self._points), None, "memory")

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._open = False
            self._points.clear()
            self._postings.clear()

    def _opened(self) -> RLock:
        if not self._open:
            raise StoreUnavailable("The memory store is closed.", "Open a new one.")
        return self._lock

    def _insert(self, point: Point) -> None:
        self._points[point.id] = point
        self._worded += bool(point.sparse.indices)
        for term, weight in zip(point.sparse.indices, point.sparse.values, strict=True):
            self._postings.setdefault(term, {})[point.id] = weight

    def _remove(self, point_id: str) -> Point | None:
        point = self._points.pop(point_id, None)
        if point is not None:
            self._worded -= bool(point.sparse.indices)
            for term in point.sparse.indices:
                del self._postings[term][point_id]
        return point

    def _idf(self, term: int) -> float:
        df = len(self._postings.get(term, ()))
        return math.log(1 + (self._worded - df + 0.5) / (df + 0.5))

    def _passing(self, filter: Filter) -> Iterator[Point]:
        return (point for point in self._points.values() if _passes(point, filter))

    def _rank(self, query: RankQuery) -> Ranking:
        scores = self._by_words(query) if isinstance(query, SparseQuery) else self._by_sight(query)
        entries = [
            Ranked(point_id, score)
            for point_id, score in scores.items()
            if _passes(self._points[point_id], query.filter)
        ]
        return Ranking.of(query.leg, in_rank_order(entries)[: max(query.limit, 0)])

    def _completed(self, query: RankQuery, found: Ranking, missing: Sequence[int]) -> Ranking:
        scores = self._by_words(query) if isinstance(query, SparseQuery) else self._by_sight(query)
        also = [Ranked(each, scores[each]) for each in as_ids(missing) if each in scores]
        return replace(found, scored=Entries.of(in_rank_order(also)))

    def _by_words(self, query: SparseQuery) -> dict[str, float]:
        scores: dict[str, float] = {}
        for term, asked in zip(query.vector.indices, query.vector.values, strict=True):
            weight = asked * self._idf(term)
            for point_id, value in self._postings.get(term, {}).items():
                scores[point_id] = scores.get(point_id, 0.0) + weight * value
        return scores

    def _by_sight(self, query: DenseQuery) -> dict[str, float]:
        seen = [(point.id, point.dense) for point in self._points.values()]
        pictured = [(point_id, dense) for point_id, dense in seen if dense is not None]
        if not pictured:
            return {}
        direction = query.vector / np.linalg.norm(query.vector)
        scores = np.stack([dense for _, dense in pictured]) @ direction
        return dict(zip((each for each, _ in pictured), scores.tolist(), strict=True))


def _passes(point: Point, filter: Filter) -> bool:
    return passes(point.payload, filter, point.dense is not None)


def _own(point: Point) -> Point:
    """A copy that the caller cannot change, in the precision that engines keep (float32)."""
    weights = np.asarray(point.sparse.values, dtype=np.float32).tolist()
    return Point(
        point.id,
        None if point.dense is None else point.dense.copy(),
        SparseVector(tuple(point.sparse.indices), tuple(weights)),
        json.loads(json.dumps(dict(point.payload))),
    )


def _record(point: Point, keys: tuple[str, ...] | None, vectors: bool) -> PointRecord:
    payload = json.loads(json.dumps(only(point.payload, keys)))
    if not vectors:
        return PointRecord(point.id, payload)
    dense = None if point.dense is None else point.dense.copy()
    return PointRecord(point.id, payload, dense, point.sparse)
