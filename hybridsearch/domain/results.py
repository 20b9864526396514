"""The answer: hits in order, each with the numbers its place was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hybridsearch.domain.asset import Asset
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.fusion import Contribution
from hybridsearch.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class MatchedTerm:
    """A query term that stands in the asset.

    ``score = weight x idf x (sum of fields)``; the scores of all matched terms add up to the
    words leg's score. ``fields`` are the BM25F weights by field.
    """

    word: str
    term: str
    form: str
    weight: float
    idf: float
    fields: Mapping[str, float]
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit is where it is: the contributions add up to its score."""

    sentence: str
    contributions: tuple[Contribution, ...]
    terms: tuple[MatchedTerm, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One asset in the answer; ``rank`` counts from 1.

    ``relevance`` is the calibrated probability that the asset answers the query, and
    ``leg_relevance`` what each leg alone makes of it; None and empty in an archive that was
    not calibrated. ``twins`` are the ids of near duplicates that were folded into it.
    """

    rank: int
    score: float
    asset: Asset
    explanation: Explanation
    relevance: float | None = None
    leg_relevance: Mapping[str, float] = field(default_factory=dict)
    twins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits with the plan that led to them.

    ``candidates`` is how many assets the fused list held, after the cut where one was asked
    for, and ``about`` says that the list ended at its depth, so that there are more;
    ``eligible`` is how many assets pass the filter, exactly. ``milliseconds`` is the wall time
    of each step. ``nothing_relevant`` says that a cut was asked for and that no asset passed
    it. ``next`` is the cursor of the next page, where one was asked for and there is one.
    """

    hits: tuple[Hit, ...]
    plan: Plan
    candidates: int
    eligible: int
    encoder: EncoderCard | None
    milliseconds: Mapping[str, float]
    nothing_relevant: bool = False
    about: bool = False
    next: str | None = None
