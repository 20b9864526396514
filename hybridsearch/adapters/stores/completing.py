"""Completing rankings: what one query listed, the others of the same search score too.

In: the queries of a search with their answers. Out: the points that each query has still to score.
Fusion by scores needs every leg's word on every candidate: a picture that is first by words is
not last by looks only because it is not among the best two hundred.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.adapters.stores.answers import Answer
from hybridsearch.ports import DenseQuery, RankQuery


def unscored(queries: Sequence[RankQuery], answers: Sequence[Answer]) -> list[list[int]]:
    """For each query the numbers of points, in order, that another listed and it did not.

    A sparse list that ended before its limit left out only what shares no term with the query:
    there is nothing to score.
    """
    listed = [{number for _, number in answer.entries} for answer in answers]
    union = set().union(*listed) if listed else set()
    return [
        sorted(union - own) if isinstance(query, DenseQuery) or len(own) >= query.limit else []
        for query, own in zip(queries, listed, strict=True)
    ]
