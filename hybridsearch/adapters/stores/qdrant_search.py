"""Searching the server: requests, ties settled, IDF read back.

In: a way to send a batch of requests, and our queries. Out: rankings, and the server's IDF.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from qdrant_client import models
from qdrant_client.http.models import QueryResponse

from hybridsearch.adapters.stores import completing
from hybridsearch.adapters.stores.answers import Answer, Entry, asked_for, settle
from hybridsearch.adapters.stores.qdrant_config import (
    PICTURE,
    WORDS,
    server_sparse,
    sparse_from_server,
)
from hybridsearch.adapters.stores.qdrant_filters import server_filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.ports import DenseQuery, RankQuery, SparseQuery

SendBatch = Callable[[list[models.QueryRequest]], list[QueryResponse]]


def rank(
    send: SendBatch, local: bool, queries: Sequence[RankQuery], complete: bool = False
) -> list[Ranking]:
    """Answer all queries in one request, and one more for each tie that a limit cuts.

    ``complete`` takes one more for what only some of them listed.
    """
    asked = [each for each in queries if _answerable(each)]
    answers = send([_request(each, local, asked_for(each.limit)) for each in asked])
    found = {
        id(query): settle(query.limit, _entries(answer), partial(_ask_again, send, local, query))
        for query, answer in zip(asked, answers, strict=True)
    }
    ranked = [Answer(query.leg, found.get(id(query), [])) for query in queries]
    if complete:
        ranked = _completed(send, local, queries, ranked)
    return [answer.ranking() for answer in ranked]


def _completed(
    send: SendBatch, local: bool, queries: Sequence[RankQuery], answers: Sequence[Answer]
) -> list[Answer]:
    def score(asked: Sequence[tuple[RankQuery, list[int]]]) -> list[list[Entry]]:
        requests = [_scoring(query, local, numbers) for query, numbers in asked]
        return [_entries(answer) for answer in send(requests)]

    return completing.completed(queries, answers, score)


def _scoring(query: RankQuery, local: bool, numbers: Sequence[int]) -> models.QueryRequest:
    among = models.Filter(must=[models.HasIdCondition(has_id=[*numbers])])
    exact = models.SearchParams(exact=True)
    request = _request(query, local, len(numbers))
    params = None if local or isinstance(query, SparseQuery) else exact
    return request.model_copy(update={"filter": among, "params": params})


def idf(send: SendBatch, terms: Sequence[int]) -> dict[int, float]:
    """A term's score in its best document over its weight there is what it was multiplied by."""
    requests = [
        models.QueryRequest(
            query=models.SparseVector(indices=[term], values=[1.0]),
            using=WORDS,
            limit=1,
            with_vector=[WORDS],
        )
        for term in terms
    ]
    found: dict[int, float] = {}
    for term, answer in zip(terms, send(requests), strict=True):
        for best in answer.points:
            words = sparse_from_server(best.vector)
            found[term] = best.score / words.values[words.indices.index(term)]
    return found


def _answerable(query: RankQuery) -> bool:
    return query.limit > 0 and (isinstance(query, DenseQuery) or bool(query.vector.indices))


def _ask_again(send: SendBatch, local: bool, query: RankQuery, limit: int) -> list[Entry]:
    return _entries(send([_request(query, local, limit)])[0])


def _entries(answer: QueryResponse) -> list[Entry]:
    return [(-point.score, cast("int", point.id)) for point in answer.points]


def _request(query: RankQuery, local: bool, limit: int) -> models.QueryRequest:
    if isinstance(query, SparseQuery):
        return models.QueryRequest(
            query=server_sparse(query.vector),
            using=WORDS,
            limit=limit,
            filter=server_filter(query.filter),
        )
    return models.QueryRequest(
        query=query.vector.tolist(),
        using=PICTURE,
        limit=limit,
        filter=server_filter(query.filter),
        params=None if local else _params(query, limit),
    )


def _params(query: DenseQuery, limit: int) -> models.SearchParams:
    if query.exact:
        return models.SearchParams(exact=True)
    # Looks at neighbours of neighbours where the filter passes less than this share.
    acorn = models.AcornSearchParams(enable=True, max_selectivity=0.6)
    return models.SearchParams(hnsw_ef=max(128, limit), acorn=acorn if query.filter else None)
