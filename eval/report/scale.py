"""Where a value stands on an axis, in per cent of the axis' length.

Charts are drawn in per cent across and in pixels for text, so that they fill any width while
their words stay readable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with round values marked."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @property
    def labels(self) -> list[tuple[float, float, bool]]:
        """Place and value of each tick, and whether it gives way where there is little room."""
        step = self.ticks[1] - self.ticks[0]
        crowded = len(self.ticks) > 5
        return [(self.at(each), each, crowded and round(each / step) % 2 != 0)
                for each in self.ticks]  # fmt: skip

    def at(self, value: float) -> float:
        """Per cent from the low end; values beyond an end are held at it."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 2)


def round_scale(values: Iterable[float], count: int = 5) -> Scale:
    """The smallest axis with round ends that holds the values and zero."""
    known = [0.0, *(value for value in values if math.isfinite(value))]
    low, high = min(known), max(known)
    if high - low < 1e-9:
        low, high = -0.1, 0.1
    step = _round_step((high - low) / count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(each * step, 10) for each in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def _round_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(step * magnitude for step in _STEPS if step * magnitude >= rough * (1 - 1e-9))
