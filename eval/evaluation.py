"""An evaluation as values: what was asked, what each system answered, how good it was.

In: judged queries and runs. Out: what tables, comparisons and the report are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.collections import JudgedQuery
from eval.runs import Run

if TYPE_CHECKING:
    from eval.calibration.report import CalibrationReport

ALL = "all"
"""The class that holds every query."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A system's measures: ``per_query[query id][measure]``, every judged query included.

    A query that was answered with nothing counts as zero in every measure.
    """

    system: str
    per_query: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its bootstrap confidence interval (95 % unless told otherwise)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """System minus baseline, paired by query, on one measure and one class of queries.

    ``p`` is that of a two-sided paired randomization test; ``p_holm`` is corrected for all
    comparisons made together (Holm 1979).
    """

    system: str
    baseline: str
    measure: str
    query_class: str
    queries: int
    difference: Interval
    p: float
    p_holm: float
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True)
class Regret:
    """Fused minus the better single leg on one class: below zero, fusing cost something.

    The better leg is chosen by its mean over the class; ``legs`` holds every leg's mean.
    """

    system: str
    measure: str
    query_class: str
    queries: int
    better_leg: str
    legs: Mapping[str, float]
    difference: Interval

    @property
    def is_regret(self) -> bool:
        """The whole interval lies below zero."""
        return self.difference.high < 0


@dataclass(frozen=True, slots=True)
class ShownAsset:
    """What the report shows of an asset; ``picture`` is a file, where there is one."""

    asset_id: str
    title: str
    caption: str = ""
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything the report tells. ``assets`` holds those that any run shows at the top.

    ``matched`` gives, by query id and asset id, the query's words that stand in the asset.
    ``provenance`` is what goes into run.json: versions, configuration, fingerprints, times.
    ``notes`` are sentences for the reader (what was left out, and why).
    """

    collection: str
    queries: Sequence[JudgedQuery]
    runs: Sequence[Run]
    scores: Sequence[Scores]
    comparisons: Sequence[Comparison]
    regrets: Sequence[Regret]
    assets: Mapping[str, ShownAsset]
    matched: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    calibration: CalibrationReport | None = None


def classes_of(queries: Sequence[JudgedQuery]) -> dict[str, list[JudgedQuery]]:
    """The queries of each class in the order they appear; ``ALL`` last where there are several."""
    groups: dict[str, list[JudgedQuery]] = {}
    for query in queries:
        groups.setdefault(query.kind, []).append(query)
    if len(groups) > 1:
        groups[ALL] = list(queries)
    return groups
