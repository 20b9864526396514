"""The cut-off: hits that are less likely relevant than asked are left out.

In: a fused list, every candidate's scores, what was fitted from judged queries. Out: the list
that is left, and hits that say how likely they are relevant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.calibration import Judgement, RelevanceModel
from hybridsearch.domain.comparable import LegScores
from hybridsearch.domain.notes import Note
from hybridsearch.domain.query import Query
from hybridsearch.domain.ranking import Ranked
from hybridsearch.domain.results import Hit
from hybridsearch.errors import QueryError

REMEDY = "Fit it from judged queries: hybridsearch eval calibrate."


@dataclass(frozen=True, slots=True)
class CutOff:
    """What an index knows about relevance; ``notes`` say why that is less than was fitted."""

    model: RelevanceModel | None = None
    notes: tuple[Note, ...] = ()

    def must_serve(self, query: Query) -> None:
        """Refuse a cut that cannot be made.

        Raises:
            QueryError: the archive is not calibrated, or the cut is no probability.
        """
        asked = query.min_relevance
        if asked is None:
            return
        if not 0 <= asked <= 1:
            raise QueryError(
                f"A relevance of {asked} is out of range.", "Give a probability from 0 to 1."
            )
        if self.model is None:
            why = " ".join(map(str, self.notes)) or "The archive is not calibrated."
            raise QueryError(f"There is no relevance to cut by. {why}", REMEDY)

    def judged(self, scores: Mapping[str, LegScores]) -> dict[str, Judgement]:
        """How likely each candidate is relevant, by point id; empty without a model."""
        if self.model is None:
            return {}
        judged = {key: self.model.judge(each) for key, each in scores.items()}
        return {key: each for key, each in judged.items() if each is not None}


def cut(
    fused: Sequence[Ranked], judged: Mapping[str, Judgement], min_relevance: float | None
) -> Sequence[Ranked]:
    """The candidates that reach the asked relevance, in their order.

    Raises:
        QueryError: none of them could be judged: no leg of this search is calibrated.
    """
    if min_relevance is None:
        return fused
    if fused and not judged:
        raise QueryError(
            "None of the rankings of this search is calibrated.",
            "Search without a least relevance, or by words: calibration needs judged queries "
            "of the same kind.",
        )
    return tuple(
        each
        for each in fused
        if each.point_id in judged and judged[each.point_id].relevance >= min_relevance
    )


def marked(hits: Sequence[Hit], judged: Mapping[str, Judgement], archive: str) -> tuple[Hit, ...]:
    """The hits with their relevance, where it is known."""
    return tuple(_marked(hit, judged.get(point_id(archive, hit.asset.id))) for hit in hits)


def _marked(hit: Hit, judgement: Judgement | None) -> Hit:
    if judgement is None:
        return hit
    return replace(hit, relevance=judgement.relevance, leg_relevance=judgement.by_leg)
