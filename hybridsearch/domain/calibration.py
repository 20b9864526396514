"""Calibration: what the legs' scores are worth, as a probability that the picture is relevant.

In: comparable scores of one candidate, by leg. Out: a probability for each leg, and one for all
of them together. The maps are fitted elsewhere, from judged queries; here they are applied.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

CERTAINTY = 1e-6
"""A probability nearer to 0 or 1 than this has no finite weight of evidence worth keeping."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone map from one leg's score to the probability of relevance.

    Between the knots (``scores`` ascending, ``probabilities`` not falling) it is linear, beyond
    them constant. ``fingerprint`` names what made the scores: the encoder's fingerprint, or the
    analyzer's version; scores of another maker mean something else. ``query_class`` is None
    where the map holds for every query. ``judgements``, ``relevant`` and ``queries`` count what
    it was fitted on.
    """

    leg: str
    fingerprint: str
    method: str
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    judgements: int
    relevant: int
    queries: int
    query_class: str | None = None

    def __post_init__(self) -> None:
        if not self.scores or len(self.scores) != len(self.probabilities):
            raise ValueError("a calibration needs as many probabilities as scores, at least one")
        if not all(map(math.isfinite, self.scores)) or not all(
            low < high for low, high in pairwise(self.scores)
        ):
            raise ValueError("a calibration's scores must be finite and ascend")
        if not all(0 <= each <= 1 for each in self.probabilities) or not all(
            low <= high for low, high in pairwise(self.probabilities)
        ):
            raise ValueError("a calibration's probabilities must lie in [0, 1] and never fall")

    def probability(self, score: float) -> float:
        """The probability that a candidate of this score is relevant."""
        above = bisect_right(self.scores, score)
        if above == 0:
            return self.probabilities[0]
        if above == len(self.scores):
            return self.probabilities[-1]
        left, right = self.scores[above - 1], self.scores[above]
        low, high = self.probabilities[above - 1], self.probabilities[above]
        return min(low + (high - low) * (score - left) / (right - left), high)


@dataclass(frozen=True, slots=True)
class Blend:
    """One probability out of the legs' own: a weighted sum of their log odds.

    ``log odds = bias + sum over legs of weight x log odds of the leg``. With weights of 1 this
    is the naive Bayes rule for independent legs; fitted weights below 1 take back what two legs
    say twice. Weights are never negative, so more of any leg never means less relevance.
    """

    legs: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    query_class: str | None = None

    def __post_init__(self) -> None:
        if not self.legs or len(self.legs) != len(self.weights):
            raise ValueError("a blend needs as many weights as legs, at least one")
        if not all(0 <= each < math.inf for each in self.weights) or not math.isfinite(self.bias):
            raise ValueError("a blend's weights must be finite and never negative")

    def probability(self, by_leg: Mapping[str, float]) -> float:
        """The probability of relevance, from that of every leg."""
        weighed = zip(self.legs, self.weights, strict=True)
        return _logistic(self.bias + sum(w * log_odds(by_leg[leg]) for leg, w in weighed))


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely a candidate is relevant: by all legs together, and by each alone."""

    relevance: float
    by_leg: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """Everything that was fitted for one index."""

    calibrations: tuple[Calibration, ...] = ()
    blends: tuple[Blend, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences for the reader: on what it was fitted, and what that leaves open."""

    def judge(
        self, scores: Mapping[str, float], query_class: str | None = None
    ) -> Judgement | None:
        """The probabilities for a candidate's scores, None where no leg of it is calibrated.

        Maps of the query's class go before those for every query. Where no blend was fitted for
        exactly these legs, the one that knows most of them decides; where none does, the leg
        that thinks most of the candidate.
        """
        by_leg = {}
        for leg, score in scores.items():
            known = self.calibration(leg, query_class)
            if known is not None:
                by_leg[leg] = known.probability(score)
        if not by_leg:
            return None
        blend = self.blend(frozenset(by_leg), query_class)
        relevance = blend.probability(by_leg) if blend else max(by_leg.values())
        return Judgement(relevance, by_leg)

    def calibration(self, leg: str, query_class: str | None = None) -> Calibration | None:
        """The leg's map, that of the query's class where there is one."""
        return _of_class([each for each in self.calibrations if each.leg == leg], query_class)

    def blend(self, legs: frozenset[str], query_class: str | None = None) -> Blend | None:
        """The blend for candidates that these legs, and no others, have scored."""
        fitting = [each for each in self.blends if legs.issuperset(each.legs)]
        most = max((len(each.legs) for each in fitting), default=0)
        if most < min(len(legs), 2):
            return None
        return _of_class([each for each in fitting if len(each.legs) == most], query_class)


Fitted = TypeVar("Fitted", Calibration, Blend)


def _of_class(fitted: list[Fitted], query_class: str | None) -> Fitted | None:
    general = None
    for each in fitted:
        if query_class is not None and each.query_class == query_class:
            return each
        if each.query_class is None:
            general = general or each
    return general


def log_odds(probability: float) -> float:
    """``ln(p / (1 - p))``, kept finite."""
    kept = min(max(probability, CERTAINTY), 1 - CERTAINTY)
    return math.log(kept / (1 - kept))


def _logistic(evidence: float) -> float:
    if evidence >= 0:
        return 1 / (1 + math.exp(-evidence))
    return math.exp(evidence) / (1 + math.exp(evidence))
