"""The chart of regret: fused minus the better leg with its interval, class by class.

In: an evaluation's regrets. Out: rows with their places on one axis, ready to be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.evaluation import Evaluation, Regret
from eval.report.scale import Scale, round_scale
from eval.report.systems import ShownSystem


@dataclass(frozen=True, slots=True)
class RegretRow:
    """One fused system on one class; ``low``, ``mean`` and ``high`` are per cent of the axis."""

    system: ShownSystem
    regret: Regret
    verdict: str
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class RegretGroup:
    """The fused systems on one class, and the legs that they are held against."""

    query_class: str
    queries: int
    legs: Sequence[tuple[str, float, bool]]
    """Name, mean, and whether it is the better one; best first."""
    rows: Sequence[RegretRow]


@dataclass(frozen=True, slots=True)
class RegretChart:
    """All classes on one axis, for one measure."""

    measure: str
    scale: Scale
    groups: Sequence[RegretGroup]


def verdict(regret: Regret) -> str:
    """What the interval allows to say."""
    interval = regret.difference
    if interval.low == interval.high == 0:
        return "equal"
    if regret.is_regret:
        return "regret"
    return "gain" if interval.low > 0 else "open"


def regret_charts(evaluation: Evaluation, systems: Sequence[ShownSystem]) -> list[RegretChart]:
    """One chart for each measure that regrets were taken on."""
    measures = dict.fromkeys(regret.measure for regret in evaluation.regrets)
    return [_chart(measure, evaluation.regrets, systems) for measure in measures]


def _chart(measure: str, regrets: Sequence[Regret], systems: Sequence[ShownSystem]) -> RegretChart:
    chosen = [regret for regret in regrets if regret.measure == measure]
    ends = (end for each in chosen for end in (each.difference.low, each.difference.high))
    scale = round_scale(ends, count=8)
    classes = dict.fromkeys(regret.query_class for regret in chosen)
    return RegretChart(
        measure,
        scale,
        [_group([each for each in chosen if each.query_class == name], scale, systems)
         for name in classes],
    )  # fmt: skip


def _group(regrets: Sequence[Regret], scale: Scale, systems: Sequence[ShownSystem]) -> RegretGroup:
    first = regrets[0]
    legs = sorted(first.legs.items(), key=lambda leg: -leg[1])
    known = {system.name: system for system in systems}
    rows = [
        RegretRow(
            known[regret.system],
            regret,
            verdict(regret),
            scale.at(regret.difference.low),
            scale.at(regret.difference.mean),
            scale.at(regret.difference.high),
        )
        for regret in regrets
    ]
    return RegretGroup(
        first.query_class,
        first.queries,
        [(name, mean, name == first.better_leg) for name, mean in legs],
        rows,
    )
