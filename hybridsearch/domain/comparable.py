"""Scores that can be compared from one query to another, for every candidate of a search.

In: the plan and the rankings it led to. Out: by point, by leg, one number. A cosine is one
already; a BM25 score is not, since it grows with the number and rarity of the query's words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hybridsearch.domain.plan import Leg, LegKind, Method, Plan
from hybridsearch.domain.ranking import Ranking

LegScores = Mapping[str, float]
"""One candidate's comparable scores by leg; a leg that cannot see the candidate is not there."""


def comparable_scores(
    plan: Plan, rankings: Sequence[Ranking], k1: float, points: int
) -> dict[str, LegScores]:
    """The comparable scores of every point that any leg returned.

    Under fusion by evidence every leg has scored every candidate that it can score at all.
    Otherwise a leg whose list is full may have left a candidate out that scores no more than
    the list's last entry: that score is taken. What is left out for another reason scores
    nothing: 0 for words, no score for looks (there is no picture to look at).
    ``points`` is the number of points in the archive.
    """
    by_leg = {
        leg.name: _of_leg(leg, ranking, k1, points)
        for leg, ranking in zip(plan.legs, rankings, strict=True)
        if leg.kind is not LegKind.DATE
    }
    complete = plan.method is Method.EVIDENCE
    floors = {
        leg.name: _floor(leg, by_leg[leg.name], complete) for leg in plan.legs if leg.name in by_leg
    }
    candidates = {point_id: None for scores in by_leg.values() for point_id in scores}
    return {
        point_id: {
            leg: score
            for leg, scores in by_leg.items()
            if (score := scores.get(point_id, floors[leg])) is not None
        }
        for point_id in candidates
    }


def words_ceiling(leg: Leg, k1: float, points: int) -> float:
    """What a document would score that holds every word of the query without end.

    ``sum over terms of weight x idf x (k1 + 1)``: BM25's saturation ``tf (k1 + 1) / (k1 + tf)``
    approaches ``k1 + 1`` from below. A word that no document has counts as the rarest one there
    could be, ``idf = ln(1 + (N + 0.5) / 0.5)``: where half of what was asked for is nowhere in
    the archive, no picture of it can be the whole answer. Score over ceiling lies in [0, 1].
    """
    rarest = math.log(1 + (points + 0.5) / 0.5)
    known = {term.word for term in leg.terms if term.idf is not None}
    ideal = 0.0
    for term in leg.terms:
        if term.idf is not None:
            ideal += term.weight * term.idf
        elif term.word not in known:
            ideal += term.weight * rarest
    return ideal * (k1 + 1)


def _of_leg(leg: Leg, ranking: Ranking, k1: float, points: int) -> dict[str, float]:
    scores = dict(zip(ranking.ids, ranking.scores, strict=True))
    if leg.kind is not LegKind.WORDS:
        return scores
    ceiling = words_ceiling(leg, k1, points)
    return {each: score / ceiling if ceiling > 0 else 0.0 for each, score in scores.items()}


def _floor(leg: Leg, scores: Mapping[str, float], complete: bool) -> float | None:
    if not complete and len(scores) >= leg.depth:
        return min(scores.values())
    return 0.0 if leg.kind is LegKind.WORDS else None
