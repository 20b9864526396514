"""Fusion: several rankings of the same archive become one.

In: rankings with weights. Out: one ranking whose every score is the sum of named
contributions, so that the explanation can show the numbers the score was made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

RRF_K = 60
"""Cormack, Clarke and Buettcher (SIGIR 2009) chose 60; ranks count from 1."""


class Ranked(NamedTuple):
    """One entry of a ranking; a higher score is better. A tuple: hundreds are made per search."""

    point_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one leg answered, at most one entry a point, in rank order: see ``in_rank_order``."""

    leg: str
    entries: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one leg gave to a fused score: ``value = weight / (k + rank)`` under RRF."""

    leg: str
    rank: int
    score: float
    weight: float
    value: float


@dataclass(frozen=True, slots=True)
class FusedLeg:
    """A leg as it was fused: where each point stands, and what each place gave."""

    ranking: Ranking
    weight: float
    values: Sequence[float]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Fusion:
    """The fused list, best first, each point at most once.

    Scores are made for every point; what they are made of is told for a point when it is asked
    for, since making it for every candidate would cost more than the search itself.
    """

    entries: tuple[Ranked, ...]
    legs: tuple[FusedLeg, ...]

    def contributions(self, point_id: str) -> tuple[Contribution, ...]:
        """What each leg gave to the point's score: the values add up to it."""
        return tuple(
            Contribution(
                leg.ranking.leg,
                leg.places[point_id] + 1,
                leg.ranking.entries[leg.places[point_id]].score,
                leg.weight,
                leg.values[leg.places[point_id]],
            )
            for leg in self.legs
            if point_id in leg.places
        )


def in_rank_order(entries: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Order by score, best first; equal scores by point id, so that every run is alike."""
    return tuple(sorted(entries, key=lambda entry: (-entry.score, entry.point_id)))


def reciprocal_rank_fusion(
    rankings: Sequence[Ranking],
    weights: Sequence[float],
    k: int = RRF_K,
) -> Fusion:
    """Weighted reciprocal rank fusion: ``score(d) = sum over legs of w / (k + rank(d))``.

    Ranks count from 1; a point that a leg did not return gets nothing from it; a leg of
    weight 0 says nothing. Ties are broken by point id. Source: Cormack, Clarke, Buettcher,
    "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    SIGIR 2009.

    Raises:
        ValueError: weights and rankings differ in number, a weight is negative, or k < 0.
    """
    _check(rankings, weights)
    if k < 0:
        raise ValueError(f"k must not be negative, got {k}")
    values = [
        [weight / (k + rank) for rank in range(1, len(ranking.entries) + 1)]
        for ranking, weight in zip(rankings, weights, strict=True)
    ]
    return _fused(rankings, weights, values)


def convex_combination(
    rankings: Sequence[Ranking],
    weights: Sequence[float],
    floors: Sequence[float],
) -> Fusion:
    """Weighted sum of scores under theoretical min-max: ``sum of w (s - floor) / (best - floor)``.

    ``floors`` holds the lowest score each leg could give (0 for BM25, -1 for a cosine);
    ``best`` is the leg's highest score for this query. A point that a leg did not return gets
    nothing from it. Source: Bruch, Gai, Ingber, "An analysis of fusion functions for hybrid
    retrieval", ACM TOIS 2023.

    Raises:
        ValueError: rankings, weights and floors differ in number, or a weight is negative.
    """
    _check(rankings, weights)
    if len(floors) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many floors, got {len(floors)}")
    values = [
        [weight * share for share in _shares(ranking, floor)]
        for ranking, weight, floor in zip(rankings, weights, floors, strict=True)
    ]
    return _fused(rankings, weights, values)


def _check(rankings: Sequence[Ranking], weights: Sequence[float]) -> None:
    if len(weights) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many weights, got {len(weights)}")
    if any(weight < 0 for weight in weights):
        raise ValueError("the weights must not be negative")


def _shares(ranking: Ranking, floor: float) -> list[float]:
    """Each score's place between the floor and the best, 0 to 1."""
    best = ranking.entries[0].score if ranking.entries else floor
    if best <= floor:
        return [0.0] * len(ranking.entries)
    return [(entry.score - floor) / (best - floor) for entry in ranking.entries]


def _fused(
    rankings: Sequence[Ranking], weights: Sequence[float], values: Sequence[Sequence[float]]
) -> Fusion:
    """Sum the values by point; ``values`` run along the rankings' entries."""
    legs = tuple(
        FusedLeg(ranking, weight, gives, {e.point_id: n for n, e in enumerate(ranking.entries)})
        for ranking, weight, gives in zip(rankings, weights, values, strict=True)
        if weight > 0
    )
    totals: dict[str, float] = {}
    for leg in legs:
        for point_id, value in zip(leg.places, leg.values, strict=True):
            totals[point_id] = totals.get(point_id, 0.0) + value
    best = sorted([(-total, point_id) for point_id, total in totals.items()])
    return Fusion(tuple([Ranked(point_id, -total) for total, point_id in best]), legs)
