"""Searching the embedded engine: graph or exact scan, ties settled, IDF read back.

In: an open shard and our queries. Out: rankings, and the IDF that the engine multiplies by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import qdrant_edge as qe

from hybridsearch.adapters.stores import completing
from hybridsearch.adapters.stores.answers import Answer, Entry, asked_for, settle
from hybridsearch.adapters.stores.dated import dated, lacking, score_of
from hybridsearch.adapters.stores.edge_config import (
    PICTURE,
    WORDS,
    edge_sparse,
    sparse_from_edge,
)
from hybridsearch.adapters.stores.edge_filters import edge_filter
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.domain.filters import Condition, Filter, HasPhrase
from hybridsearch.ports import DenseQuery, RankQuery, SparseQuery, StoreSchema

_LOOSE_FILTER = 0.6
"""The share of points from which on a plain graph search finds what it should (recall 1.000
at 0.7, 0.97 at 0.5, 0.69 at 0.3); below it, ACORN looks at neighbours of neighbours."""


Count = Callable[[Filter], int]
"""How many points pass a filter, exactly."""


def rank(
    shard: qe.EdgeShard,
    schema: StoreSchema,
    tuning: EdgeTuning,
    queries: Sequence[RankQuery],
    count: Count,
) -> list[Answer]:
    """Answer all queries in one batch, then the few that need a second look on their own."""
    asked = [_Asked(shard, schema, tuning, query, count) for query in queries if _answerable(query)]
    requests = [each.request(asked_for(each.query.limit)) for each in asked]
    answers = shard.query_batch(qe.QueryBatchRequest(requests)) if requests else []
    found = {
        id(each.query): each.settled(_entries(answer))
        for each, answer in zip(asked, answers, strict=True)
    }
    return [Answer(query.leg, found.get(id(query), [])) for query in queries]


def completed(
    shard: qe.EdgeShard, queries: Sequence[RankQuery], answers: Sequence[Answer]
) -> list[Answer]:
    """The answers with the scores of what only other queries listed, in one more batch."""

    def score(asked: Sequence[tuple[RankQuery, list[int]]]) -> list[list[Entry]]:
        requests = [_scoring(query, numbers) for query, numbers in asked]
        return [_entries(answer) for answer in shard.query_batch(qe.QueryBatchRequest(requests))]

    return completing.completed(queries, answers, score)


def _scoring(query: RankQuery, numbers: Sequence[int]) -> qe.QueryRequest:
    return qe.QueryRequest(
        limit=len(numbers),
        query=_nearest(query),
        filter=qe.Filter(must=[qe.HasIdCondition({*numbers})]),
        params=qe.SearchParams(exact=True) if isinstance(query, DenseQuery) else None,
    )


def _nearest(query: RankQuery) -> qe.Query:
    if isinstance(query, SparseQuery):
        return qe.Query.Nearest(edge_sparse(query.vector), using=WORDS)
    vector = np.ascontiguousarray(query.vector, dtype=np.float32).data
    return qe.Query.Nearest(cast("list[float]", vector), using=PICTURE)


def dated_points(
    shard: qe.EdgeShard, schema: StoreSchema, key: str, limit: int, filter: Filter, newest: bool
) -> Answer:
    """The points that pass, ordered by the integer at the key."""
    passing = edge_filter(filter, schema.text_keys)
    direction = qe.Direction.Desc if newest else qe.Direction.Asc

    def ordered(count: int) -> list[Entry]:
        by_key = qe.OrderBy(key, direction=direction)
        found = shard.query(qe.QueryRequest(limit=count, query=by_key, filter=passing))
        return [
            (-score_of(cast("float", each.order_value), newest), cast("int", each.id))
            for each in found
        ]

    def without(count: int) -> list[int]:
        rest = edge_filter(lacking(key, filter), schema.text_keys)
        read, _ = shard.scroll(
            qe.ScrollRequest(limit=count, filter=rest, with_payload=False, with_vector=False)
        )
        return [cast("int", each.id) for each in read]

    return dated(limit, ordered, without)


def idf(shard: qe.EdgeShard, terms: Sequence[int]) -> dict[int, float]:
    """The IDF of each term, from the engine's own score: ``score / weight`` of its best point.

    The engine tells no document frequencies. A query of one term with weight 1 scores
    ``document weight x idf``, and the document's weight is read back with it.
    """
    requests = [
        qe.QueryRequest(
            limit=1,
            query=qe.Query.Nearest(qe.SparseVector([term], [1.0]), using=WORDS),
            with_vector=[WORDS],
        )
        for term in terms
    ]
    found: dict[int, float] = {}
    answers = shard.query_batch(qe.QueryBatchRequest(requests)) if requests else []
    for term, answer in zip(terms, answers, strict=True):
        for best in answer:
            words = sparse_from_edge(best.vector)
            found[term] = best.score / words.values[words.indices.index(term)]
    return found


def _answerable(query: RankQuery) -> bool:
    if isinstance(query, SparseQuery) and not query.vector.indices:
        return False
    return query.limit > 0


def _entries(answer: Sequence[qe.ScoredPoint]) -> list[Entry]:
    return [(-point.score, cast("int", point.id)) for point in answer]


class _Asked:
    """One query in the engine's words, with the way of searching chosen for it."""

    def __init__(
        self,
        shard: qe.EdgeShard,
        schema: StoreSchema,
        tuning: EdgeTuning,
        query: RankQuery,
        count: Count,
    ) -> None:
        self.query = query
        self._shard = shard
        self._filter = edge_filter(query.filter, schema.text_keys)
        self._passing = 0
        self._params: qe.SearchParams | None = None
        self._nearest = _nearest(query)
        if isinstance(query, DenseQuery):
            self._params = self._choose(query, schema.dimension or 1, tuning, count)

    def request(self, limit: int) -> qe.QueryRequest:
        return qe.QueryRequest(
            limit=limit, query=self._nearest, filter=self._filter, params=self._params
        )

    def settled(self, entries: list[Entry]) -> list[Entry]:
        limit = self.query.limit
        if len(entries) < min(asked_for(limit), self._passing):
            # The graph was cut into islands by the filter and the estimate was too high.
            self._params = qe.SearchParams(exact=True)
            entries = self._ask(asked_for(limit))
        return settle(limit, entries, self._ask)

    def _ask(self, limit: int) -> list[Entry]:
        return _entries(self._shard.query(self.request(limit)))

    def _choose(
        self, query: DenseQuery, dimension: int, tuning: EdgeTuning, count: Count
    ) -> qe.SearchParams:
        """Exact where the filter passes few points, by the index's estimate (0.05 ms).

        Of a phrase the index knows how many points have its words, not how many have them in
        that order: there a large estimate is not believed (counting takes some 20 ms at
        100,000 points, which a search that tells its total takes anyway).
        """
        if query.exact:
            return qe.SearchParams(exact=True)
        if self._filter is None:
            return _graph(query.limit, tuning)
        points = self._shard.count(qe.CountRequest(exact=False))
        passing = self._shard.count(qe.CountRequest(exact=False, filter=self._filter))
        few = tuning.exact_up_to(dimension, points)
        if passing > few and _has_phrase(query.filter):
            passing = count(query.filter)
        if passing <= few:
            return qe.SearchParams(exact=True)
        self._passing = passing
        return _graph(query.limit, tuning, acorn=passing < _LOOSE_FILTER * points)


def _has_phrase(condition: Condition) -> bool:
    if isinstance(condition, Filter):
        return any(map(_has_phrase, (*condition.must, *condition.should, *condition.must_not)))
    return isinstance(condition, HasPhrase) and len(condition.words) > 1


def _graph(limit: int, tuning: EdgeTuning, *, acorn: bool = False) -> qe.SearchParams:
    rescored = qe.QuantizationSearchParams(rescore=True, oversampling=2.0)
    return qe.SearchParams(
        hnsw_ef=max(tuning.hnsw_search, asked_for(limit)),
        quantization=rescored if tuning.quantized else None,
        acorn=qe.AcornSearchParams(enable=True, max_selectivity=1.0) if acorn else None,
    )
