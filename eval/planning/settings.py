"""The settings that the study tries: the planner's own numbers, and fixed weights to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eval.systems import Convex, Rrf, System
from hybridsearch.search.weights import PlannerNumbers, fitted_numbers

LOOKS = (0.75, 0.5, 1.0, 0.25, 1.25)
LOOKS_OF_NAMES = (0.5, 0.25, 1.0)


@dataclass(frozen=True, slots=True)
class PlannerSetting:
    """Numbers of the planner, under a name for tables."""

    name: str
    numbers: PlannerNumbers


def planner_grid() -> Iterator[PlannerSetting]:
    """The settings; a tie is decided for the first, which is the plainest."""
    for looks in LOOKS:
        for share in LOOKS_OF_NAMES:
            numbers = replace(fitted_numbers(), looks=looks, looks_of_names=share)
            yield PlannerSetting(f"looks={looks:g} looks_of_names={share:g}", numbers)


def fixed_weights() -> Iterator[System]:
    """Fusions with one weight for every query: what a planner must beat."""
    for dense in (1.0, 0.5, 0.25, 0.1, 0.05, 2.0, 4.0):
        yield Rrf(f"rrf dense={dense:g}", dense=dense)
    for dense in (0.05, 0.1, 0.2, 0.3, 0.5, 0.7):
        yield Convex(f"convex dense={dense:g}", dense=dense, depth=1000)
