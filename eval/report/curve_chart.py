"""Line charts of the curves, as segments and marks in per cent of the plot.

In: curves of one class. Out: what the template draws: axes, lines, marks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eval.report.curves import LEVELS, Curves
from eval.report.systems import ShownSystem


@dataclass(frozen=True, slots=True)
class Line:
    """One system's line: its points in per cent from the left and from the top."""

    system: ShownSystem
    points: Sequence[tuple[float, float]]

    @property
    def segments(self) -> Sequence[tuple[tuple[float, float], tuple[float, float]]]:
        """Neighbouring points; SVG has no polyline in per cent."""
        return list(zip(self.points, self.points[1:], strict=False))


@dataclass(frozen=True, slots=True)
class LineChart:
    """A plot with labelled ticks, ``(place, text)`` on each axis."""

    title: str
    across: str
    up: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    lines: Sequence[Line]
    values: Sequence[tuple[str, Sequence[str]]]
    """The same figures as a table: system, and a text for each tick across."""


def precision_chart(curves: Curves, systems: Sequence[ShownSystem]) -> LineChart:
    """Interpolated precision over eleven levels of recall."""
    places = [100 * level for level in LEVELS]
    labels = [f"{level:.1f}" for level in LEVELS]
    return _chart(
        ("Precision at each level of recall", "recall (share of the relevant pictures found)",
         "precision (share of the shown that is relevant)"),
        list(zip(places, labels, strict=True)),
        [(system, curves.precision[system.name]) for system in systems],
    )  # fmt: skip


def recall_chart(curves: Curves, systems: Sequence[ShownSystem]) -> LineChart:
    """Recall by the number of results looked at, on a logarithmic axis."""
    end = math.log(max(curves.depths[-1], 2))
    places = [round(100 * math.log(depth) / end, 2) for depth in curves.depths]
    return _chart(
        ("Recall by depth", "results looked at (logarithmic)",
         "recall (share of the relevant pictures found)"),
        list(zip(places, map(str, curves.depths), strict=True)),
        [(system, curves.recall[system.name]) for system in systems],
    )  # fmt: skip


def _chart(
    words: tuple[str, str, str],
    x_ticks: Sequence[tuple[float, str]],
    found: Sequence[tuple[ShownSystem, Sequence[float]]],
) -> LineChart:
    highest = max((value for _, values in found for value in values), default=1.0)
    top = max(0.2, math.ceil(highest * 5 - 1e-9) / 5)
    y_ticks = [(round(100 - 20 * each / top, 2), f"{each / 5:.1f}")
               for each in range(round(top * 5) + 1)]  # fmt: skip
    lines = [
        Line(
            system,
            [
                (place, round(100 - 100 * value / top, 2))
                for (place, _), value in zip(x_ticks, values, strict=True)
            ],
        )
        for system, values in found
    ]
    table = [(system.name, [f"{value:.2f}" for value in values]) for system, values in found]
    return LineChart(*words, x_ticks, y_ticks, lines, table)
