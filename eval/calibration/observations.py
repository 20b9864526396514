"""Judged candidates: what each leg said of a candidate of a query, and whether it was relevant.

In: a search engine and judged queries. Out: columns, one row a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.collections import JudgedQuery
from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.plan import LegKind
from hybridsearch.domain.query import Query
from hybridsearch.search.engine import SearchEngine

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

KEPT_RANKS = 50
"""Candidates that are all kept when deeper ones are sampled: those that people look at."""


@dataclass(frozen=True, slots=True)
class Observations:
    """One row for each candidate that a leg returned, to the depth that searches read.

    ``scores`` are comparable scores by leg, NaN where the leg cannot see the candidate or was
    not asked. ``rank`` is the place in the fused list, from 1. ``weight`` is how many
    candidates the row stands for. ``query`` points into ``query_ids`` and ``classes``.
    """

    query_ids: tuple[str, ...]
    classes: tuple[str, ...]
    kinds: Mapping[str, LegKind]
    query: Integers
    scores: Mapping[str, Floats]
    relevant: Flags
    rank: Integers
    weight: Floats

    @property
    def legs(self) -> tuple[str, ...]:
        """The names of the legs that any query asked."""
        return tuple(self.scores)

    def __len__(self) -> int:
        return len(self.query)

    def rows(self, kept: Flags | Integers) -> Observations:
        """Only those rows; queries keep their numbers, also where no row of theirs is left."""
        return Observations(
            self.query_ids,
            self.classes,
            self.kinds,
            self.query[kept],
            {leg: column[kept] for leg, column in self.scores.items()},
            self.relevant[kept],
            self.rank[kept],
            self.weight[kept],
        )

    def of_class(self, query_class: str) -> Observations:
        """Only the rows of one class of queries."""
        wanted = np.array([each == query_class for each in self.classes], dtype=np.bool_)
        return self.rows(wanted[self.query])


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
    rows: list[tuple[int, Mapping[str, float], bool, int]] = []
    for query in queries:
        found = engine.find(Query(query.text))
        kinds.update({leg.name: leg.kind for leg in found.plan.legs})
        scores = engine.compare(found)
        wanted = {
            point_id(archive, a) for a, grade in query.relevant.items() if grade >= least_grade
        }
        rows.extend(
            (len(ids), scores[each.point_id], each.point_id in wanted, rank)
            for rank, each in enumerate(found.fused, start=1)
        )
        ids.append(query.id)
        classes.append(query.kind)
    return _columns(ids, classes, kinds, rows)


def thinned(
    observations: Observations, share: float, seed: int = 0, kept_ranks: int = KEPT_RANKS
) -> Observations:
    """All relevant candidates and all near the top; of the others a share, weighted by 1 / share.

    Most candidates are deep and not relevant. Dropping some of them without the weights would
    raise every probability; with them the sample has the base rate of the whole (Horvitz and
    Thompson 1952).
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share must lie in (0, 1], got {share}")
    deep = (observations.rank > kept_ranks) & ~observations.relevant
    drawn = np.random.default_rng(seed).random(len(observations)) < share
    kept = observations.rows(~deep | drawn)
    weight = np.where((kept.rank > kept_ranks) & ~kept.relevant, kept.weight / share, kept.weight)
    return Observations(
        kept.query_ids,
        kept.classes,
        kept.kinds,
        kept.query,
        kept.scores,
        kept.relevant,
        kept.rank,
        weight,
    )


def _columns(
    ids: Sequence[str],
    classes: Sequence[str],
    kinds: Mapping[str, LegKind],
    rows: Sequence[tuple[int, Mapping[str, float], bool, int]],
) -> Observations:
    nothing = float("nan")
    return Observations(
        tuple(ids),
        tuple(classes),
        dict(kinds),
        np.array([row[0] for row in rows], dtype=np.int64),
        {
            leg: np.array([row[1].get(leg, nothing) for row in rows], dtype=np.float64)
            for leg in kinds
        },
        np.array([row[2] for row in rows], dtype=np.bool_),
        np.array([row[3] for row in rows], dtype=np.int64),
        np.ones(len(rows), dtype=np.float64),
    )
