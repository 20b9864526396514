"""The two tables: means by class, and paired comparisons.

In: means and comparisons. Out: rows with the best values marked and the places of their bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.evaluation import Comparison, Evaluation
from eval.report.means import Mean
from eval.report.scale import Scale, round_scale
from eval.report.systems import ShownSystem

SURE = 0.05
"""A difference counts as shown when its corrected p is below this."""


@dataclass(frozen=True, slots=True)
class MeanCell:
    """A mean; ``best`` in its class to the digits shown; bars in per cent of the axis."""

    mean: Mean
    best: bool
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class MeansTable:
    """Systems by classes, for one measure."""

    measure: str
    classes: Sequence[tuple[str, int]]
    rows: Sequence[tuple[ShownSystem, Sequence[MeanCell]]]


def means_tables(
    means: Sequence[Mean], systems: Sequence[ShownSystem], measures: Sequence[str]
) -> list[MeansTable]:
    """One table for each measure."""
    return [_means_table(measure, means, systems) for measure in measures]


def _means_table(measure: str, means: Sequence[Mean], systems: Sequence[ShownSystem]) -> MeansTable:
    chosen = [mean for mean in means if mean.measure == measure]
    classes = {mean.query_class: mean.queries for mean in chosen}
    best = {
        name: max(round(mean.interval.mean, 3) for mean in chosen if mean.query_class == name)
        for name in classes
    }
    scale = round_scale([1.0, *(mean.interval.high for mean in chosen)])
    by_place = {(mean.system, mean.query_class): mean for mean in chosen}
    rows = [
        (system, [_cell(by_place[system.name, name], best[name], scale) for name in classes])
        for system in systems
    ]
    return MeansTable(measure, list(classes.items()), rows)


def _cell(mean: Mean, best: float, scale: Scale) -> MeanCell:
    interval = mean.interval
    return MeanCell(
        mean,
        round(interval.mean, 3) == best and best > 0,
        scale.at(interval.low),
        scale.at(interval.mean),
        scale.at(interval.high),
    )


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A comparison; ``low``, ``mean`` and ``high`` are per cent of the axis."""

    comparison: Comparison
    sure: bool
    low: float
    mean: float
    high: float

    @property
    def shares(self) -> tuple[float, float, float]:
        """Wins, ties and losses in per cent of the queries."""
        each = self.comparison
        total = max(1, each.wins + each.ties + each.losses)
        return (
            round(100 * each.wins / total, 2),
            round(100 * each.ties / total, 2),
            round(100 * each.losses / total, 2),
        )


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """All comparisons on one measure, class by class, on one axis."""

    measure: str
    scale: Scale
    groups: Sequence[tuple[str, Sequence[ComparisonRow]]]


def comparison_tables(evaluation: Evaluation) -> list[ComparisonTable]:
    """One table for each measure that was compared."""
    measures = dict.fromkeys(each.measure for each in evaluation.comparisons)
    return [_comparison_table(measure, evaluation.comparisons) for measure in measures]


def _comparison_table(measure: str, comparisons: Sequence[Comparison]) -> ComparisonTable:
    chosen = [each for each in comparisons if each.measure == measure]
    ends = (end for each in chosen for end in (each.difference.low, each.difference.high))
    scale = round_scale(ends, count=4)
    groups: dict[str, list[ComparisonRow]] = {}
    for each in chosen:
        interval = each.difference
        row = ComparisonRow(
            each,
            each.p_holm < SURE,
            scale.at(interval.low),
            scale.at(interval.mean),
            scale.at(interval.high),
        )
        groups.setdefault(each.query_class, []).append(row)
    return ComparisonTable(measure, scale, list(groups.items()))
