"""Fusion: several rankings of the same archive become one.

In: rankings with weights. Out: one ranking whose every score is the sum of named
contributions, so that the explanation can show the numbers the score was made of.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """What one leg answered, best first, at most one entry a point."""

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
class Fused:
    """A point in the fused ranking; ``score`` is the sum of the contributions' values."""

    point_id: str
    score: float
    contributions: tuple[Contribution, ...]


def in_rank_order(entries: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Order by score, best first; equal scores by point id, so that every run is alike."""
    return tuple(sorted(entries, key=lambda entry: (-entry.score, entry.point_id)))


def reciprocal_rank_fusion(
    rankings: Sequence[Ranking], weights: Sequence[float], k: int = RRF_K
) -> tuple[Fused, ...]:
    """Weighted reciprocal rank fusion: ``score(d) = sum over legs of w / (k + rank(d))``.

    Ranks count from 1; a point that a leg did not return gets nothing from it; a leg of
    weight 0 says nothing. Ties are broken by point id. Source: Cormack, Clarke, Buettcher,
    "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    SIGIR 2009.

    Raises:
        ValueError: weights and rankings differ in number, a weight is negative, or k < 0.
    """
    if len(weights) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many weights, got {len(weights)}")
    if k < 0 or any(weight < 0 for weight in weights):
        raise ValueError("k and the weights must not be negative")
    contributions: dict[str, list[Contribution]] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        if weight == 0:
            continue
        for rank, entry in enumerate(in_rank_order(ranking.entries), start=1):
            part = Contribution(ranking.leg, rank, entry.score, weight, weight / (k + rank))
            contributions.setdefault(entry.point_id, []).append(part)
    fused = [
        Fused(point_id, sum(part.value for part in parts), tuple(parts))
        for point_id, parts in contributions.items()
    ]
    return tuple(sorted(fused, key=lambda each: (-each.score, each.point_id)))
