"""Completing rankings: what one query listed, the others of the same search score too.

In: the queries of a search with their answers. Out: the points that each query has still to score.
Fusion by scores needs every leg's word on every candidate: a picture that is first by words is
not last by looks only because it is not among the best two hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from hybridsearch.adapters.stores.answers import Answer, Entry
from hybridsearch.ports import DenseQuery, RankQuery

Score = Callable[[Sequence[tuple[RankQuery, list[int]]]], Iterable[list[Entry]]]
"""Entries of each query for those of its points that it can score, in one request to the engine."""


def completed(
    queries: Sequence[RankQuery], answers: Sequence[Answer], score: Score
) -> list[Answer]:
    """The answers with the scores of what only other queries listed."""
    missing = unscored(queries, answers)
    asked = [at for at, numbers in enumerate(missing) if numbers]
    found = score([(queries[at], missing[at]) for at in asked]) if asked else []
    scored = {at: sorted(entries) for at, entries in zip(asked, found, strict=True)}
    return [replace(answer, scored=scored.get(at, [])) for at, answer in enumerate(answers)]


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
