"""Judged candidates: what each leg said of a candidate of a query, and whether it was relevant.

In: a search engine and judged queries. Out: columns, one row a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eval.collections import JudgedQuery
from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.comparable import LegScores
from hybridsearch.domain.plan import LegKind
from hybridsearch.domain.query import Query
from hybridsearch.search.engine import Found, SearchEngine

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

KEPT_RANKS = 50
"""Candidates that are all kept when deeper ones are sampled: those that people look at."""

ENOUGH_RELEVANT = 50
ENOUGH_QUERIES = 20
"""A class of queries gets maps and figures of its own from this many relevant candidates and
queries on: what fewer tell changes more by drawing other queries than by the class."""

ROWS = 20_000
"""About as many rows are fitted on; more change no map that can be seen."""

LEAST_SHARE = 0.1
"""No row stands for more than ten: a few heavy rows would decide the map's foot."""

UNANSWERED = 0.2
"""The share of queries that are taken to have no answer in the archive."""


@dataclass(frozen=True, slots=True)
class Observations:
    """One row for each candidate that a leg returned, to the depth that searches read.

    ``scores`` are comparable scores by leg, NaN where the leg cannot see the candidate or was
    not asked; ``exact`` tells where such a score is the candidate's own, and not only the bound
    that the end of the leg's list sets it. ``rank`` is the place in the fused list, from 1.
    ``weight`` is how many candidates the row stands for. ``query`` points into ``query_ids``
    and ``classes``.
    ``withheld`` marks the rows of queries whose answers were taken away.
    """

    query_ids: tuple[str, ...]
    classes: tuple[str, ...]
    kinds: Mapping[str, LegKind]
    query: Integers
    scores: Mapping[str, Floats]
    exact: Mapping[str, Flags]
    relevant: Flags
    rank: Integers
    weight: Floats
    withheld: Flags

    @property
    def legs(self) -> tuple[str, ...]:
        """The names of the legs that any query asked."""
        return tuple(self.scores)

    def __len__(self) -> int:
        return len(self.query)

    def rows(self, kept: Flags | Integers) -> Observations:
        """Only those rows; queries keep their numbers, also where no row of theirs is left."""
        return replace(
            self,
            query=self.query[kept],
            scores={leg: column[kept] for leg, column in self.scores.items()},
            exact={leg: column[kept] for leg, column in self.exact.items()},
            relevant=self.relevant[kept],
            rank=self.rank[kept],
            weight=self.weight[kept],
            withheld=self.withheld[kept],
        )

    def by_class(self) -> dict[str, Flags]:
        """The rows of each class of queries that has enough of them, by the class's name."""
        of_row = np.array(self.classes, dtype=object)[self.query]
        groups = {name: of_row == name for name in sorted(set(self.classes))}
        return {name: rows for name, rows in groups.items() if self._is_enough(rows)}

    def _is_enough(self, rows: Flags) -> bool:
        found = rows & self.relevant
        return int(found.sum()) >= ENOUGH_RELEVANT and (
            len(np.unique(self.query[found])) >= ENOUGH_QUERIES
        )


def observe(
    engine: SearchEngine, queries: Iterable[JudgedQuery], least_grade: int = 1
) -> Observations:
    """Search every query and note all candidates.

    What the judgements do not list counts as not relevant. Where judging was not complete, as
    always, the probabilities fitted from it are therefore too low rather than too high.
    """
    archive = engine.generation.archive
    ids: list[str] = []
    classes: list[str] = []
    kinds: dict[str, LegKind] = {}
    rows: list[_Row] = []
    for number, query in enumerate(queries):
        found = engine.find(Query(query.text, query.picture, filter=query.filter))
        kinds.update({leg.name: leg.kind for leg in found.plan.legs})
        scores = engine.compare(found)
        listed = _listed(found)
        wanted = {
            point_id(archive, a) for a, grade in query.relevant.items() if grade >= least_grade
        }
        for rank, each in enumerate(found.fused.entries, start=1):
            point = each.point_id
            bounded = {leg for leg, points in listed.items() if point not in points}
            rows.append(_Row(number, scores[point], bounded, point in wanted, rank))
        ids.append(query.id)
        classes.append(query.kind)
    return _columns(ids, classes, kinds, rows)


class _Row(NamedTuple):
    query: int
    scores: LegScores
    bounded: Set[str]
    relevant: bool
    rank: int


def _listed(found: Found) -> dict[str, Set[str]]:
    """The points of every leg whose list is full: what is not among them may score less."""
    return {
        ranking.leg: {entry.point_id for entry in ranking.entries}
        for leg, ranking in zip(found.plan.legs, found.rankings, strict=True)
        if len(ranking.entries) >= leg.depth
    }


def thinned(observations: Observations, rows: int = ROWS, seed: int = 0) -> Observations:
    """All relevant candidates and all near the top; of the others a sample, weighted.

    Most candidates are deep and not relevant. Leaving some of them out would raise every
    probability, were they not weighted by one over the share that is kept; with the weights the
    sample has the base rate of the whole (Horvitz and Thompson, JASA 1952).
    """
    deep = (observations.rank > KEPT_RANKS) & ~observations.relevant
    spare = rows - int((~deep).sum())
    share = min(1.0, max(spare / max(int(deep.sum()), 1), LEAST_SHARE))
    drawn = np.random.default_rng(seed).random(len(observations)) < share
    weighted = replace(
        observations, weight=np.where(deep, observations.weight / share, observations.weight)
    )
    return weighted.rows(~deep | drawn)


def with_withheld(observations: Observations, unanswered: float = UNANSWERED) -> Observations:
    """Beside every query its twin: the same query in an archive that lacks its answers.

    Judged queries have answers, for that is how they came to be judged; maps fitted on them
    alone believe that something must be relevant. The twins count as much as makes
    ``unanswered`` the share of queries without an answer.
    """
    if not 0 <= unanswered < 1:
        raise ValueError(f"a share of queries must lie in [0, 1), got {unanswered}")
    if unanswered == 0:
        return observations
    counted = unanswered / (1 - unanswered)
    kept = ~observations.relevant
    twins = observations.rows(kept)
    return replace(
        observations,
        query=np.concatenate([observations.query, twins.query]),
        scores={
            leg: np.concatenate([column, twins.scores[leg]])
            for leg, column in observations.scores.items()
        },
        exact={
            leg: np.concatenate([column, twins.exact[leg]])
            for leg, column in observations.exact.items()
        },
        relevant=np.concatenate([observations.relevant, twins.relevant]),
        rank=np.concatenate([observations.rank, _ranks_without(observations)[kept]]),
        weight=np.concatenate([observations.weight, counted * twins.weight]),
        withheld=np.concatenate([observations.withheld, np.ones(len(twins), dtype=np.bool_)]),
    )


def _ranks_without(observations: Observations) -> Integers:
    """The ranks that the others have once the relevant candidates are taken out."""
    order = np.lexsort((observations.rank, observations.query))
    relevant = observations.relevant[order].astype(np.int64)
    query = observations.query[order]
    above = np.cumsum(relevant) - relevant
    first = np.searchsorted(query, query)
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = observations.rank[order] - (above - above[first])
    return ranks


def _columns(
    ids: Sequence[str],
    classes: Sequence[str],
    kinds: Mapping[str, LegKind],
    rows: Sequence[_Row],
) -> Observations:
    nothing = float("nan")
    return Observations(
        tuple(ids),
        tuple(classes),
        dict(kinds),
        np.array([row.query for row in rows], dtype=np.int64),
        {leg: np.array([row.scores.get(leg, nothing) for row in rows]) for leg in kinds},
        {
            leg: np.array([leg in row.scores and leg not in row.bounded for row in rows], np.bool_)
            for leg in kinds
        },
        np.array([row.relevant for row in rows], dtype=np.bool_),
        np.array([row.rank for row in rows], dtype=np.int64),
        np.ones(len(rows), dtype=np.float64),
        np.zeros(len(rows), dtype=np.bool_),
    )
