"""Fusion: several rankings of the same archive become one.

In: rankings with weights. Out: one ranking whose every score is the sum of named
contributions, so that the explanation can show the numbers the score was made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import eq

from hybridsearch.domain.ranking import Entries, Ranking

RRF_K = 60
"""Cormack, Clarke and Buettcher (SIGIR 2009) chose 60; ranks count from 1."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a score becomes evidence: ``(score - mean) / spread``.

    BM25 is evidence as it is (mean 0, spread 1). A cosine is evidence as far as it stands above
    those of the query with pictures that have nothing to do with it: ``mean`` and ``spread``
    are of such a sample.
    """

    mean: float = 0.0
    spread: float = 1.0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one leg gave to a fused score.

    ``value`` is ``weight / (k + rank)`` under RRF, ``weight x share of the best`` under the
    convex combination, ``weight x (score - mean) / spread`` as evidence. ``rank`` is None where
    the leg scored the point without listing it.
    """

    leg: str
    rank: int | None
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

    def contribution(self, point_id: str) -> Contribution:
        """What the leg gave to a point that it listed or scored."""
        place = self.places[point_id]
        ranking = self.ranking
        listed = len(ranking.entries)
        if place < listed:
            rank, score = place + 1, ranking.entries.scores[place]
        else:
            rank, score = None, ranking.scored.scores[place - listed]
        return Contribution(ranking.leg, rank, score, self.weight, self.values[place])


@dataclass(frozen=True, slots=True)
class Fusion:
    """The fused list, best first, each point at most once.

    Scores are made for every point; what they are made of is told for a point when it is asked
    for, since making it for every candidate would cost more than the search itself.
    """

    entries: Entries
    legs: tuple[FusedLeg, ...]

    def contributions(self, point_id: str) -> tuple[Contribution, ...]:
        """What each leg gave to the point's score: the values add up to it."""
        return tuple(leg.contribution(point_id) for leg in self.legs if point_id in leg.places)


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


def evidence_sum(
    rankings: Sequence[Ranking], weights: Sequence[float], scales: Sequence[Scale]
) -> Fusion:
    """Weighted sum of evidence: ``score(d) = sum over legs of w (s - mean) / spread``.

    Where scores are drawn from two normal distributions of one spread, one for pictures that
    answer and one for those that do not, and ``d'`` spreads apart, the log odds that a picture
    answers grow by ``d'`` for each spread (the optimal rule of signal detection: Green and
    Swets 1966, chapter 3); BM25 is a log odds by its making (Robertson and Zaragoza 2009,
    section 3). Log odds of independent witnesses add up. So nothing is normalised by the best
    of the list, and a leg in which nothing stands out moves nothing. A point that a leg neither
    listed nor scored gets nothing from it: it counts as a picture like any other.

    Raises:
        ValueError: rankings, weights and scales differ in number, or a weight is negative.
    """
    _check(rankings, weights)
    if len(scales) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many scales, got {len(scales)}")
    values = [
        _evidence(ranking, weight, scale)
        for ranking, weight, scale in zip(rankings, weights, scales, strict=True)
    ]
    return _fused(rankings, weights, values, with_scored=True)


def _evidence(ranking: Ranking, weight: float, scale: Scale) -> list[float]:
    factor = weight / scale.spread if scale.spread > 0 else 0.0
    mean = scale.mean
    if mean == 0.0 and factor == 1.0:
        return ranking.scores
    return [factor * (score - mean) for score in ranking.scores]


def _check(rankings: Sequence[Ranking], weights: Sequence[float]) -> None:
    if len(weights) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many weights, got {len(weights)}")
    if any(weight < 0 for weight in weights):
        raise ValueError("the weights must not be negative")


def _shares(ranking: Ranking, floor: float) -> list[float]:
    """Each score's place between the floor and the best, 0 to 1."""
    scores = ranking.entries.scores
    best = scores[0] if scores else floor
    if best <= floor:
        return [0.0] * len(scores)
    return [(score - floor) / (best - floor) for score in scores]


def _fused(
    rankings: Sequence[Ranking],
    weights: Sequence[float],
    values: Sequence[Sequence[float]],
    *,
    with_scored: bool = False,
) -> Fusion:
    """Sum the values by point; ``values`` run along the entries (and what was scored)."""
    legs = tuple(
        FusedLeg(ranking, weight, gives, _places(ranking, with_scored))
        for ranking, weight, gives in zip(rankings, weights, values, strict=True)
        if weight > 0
    )
    # The first leg's sums are its values: with one or two legs most points are met once.
    totals = dict(zip(legs[0].places, legs[0].values, strict=True)) if legs else {}
    for leg in legs[1:]:
        for point_id, value in zip(leg.places, leg.values, strict=True):
            totals[point_id] = totals.get(point_id, 0.0) + value
    return Fusion(_best_first(totals), legs)


def _best_first(totals: Mapping[str, float]) -> Entries:
    """By score, equal scores by point id.

    Sorting by score alone takes a third of the time of sorting pairs, and scores are seldom equal.
    """
    ids = sorted(totals, key=totals.__getitem__, reverse=True)
    scores = [totals[each] for each in ids]
    if any(map(eq, scores, scores[1:])):
        pairs = sorted([(-total, point_id) for point_id, total in totals.items()])
        return Entries([point_id for _, point_id in pairs], [-minus for minus, _ in pairs])
    return Entries(ids, scores)


def _places(ranking: Ranking, with_scored: bool) -> dict[str, int]:
    ids = ranking.ids if with_scored else ranking.entries.ids
    return dict(zip(ids, range(len(ids)), strict=True))
