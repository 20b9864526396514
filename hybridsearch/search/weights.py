"""How much each leg counts: the planner's fitted numbers and the rule that uses them.

In: what the plan knows of the query, what the archive's background tells of the encoder. Out:
the weight of looks and of words under each method of fusion.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hybridsearch.domain.plan import Method

FILE = "planner.toml"


@dataclass(frozen=True, slots=True)
class PlannerNumbers:
    """The numbers of ``planner.toml``, which tells what each is and how it was chosen."""

    looks: float
    looks_of_names: float
    minus: float
    convex_looks: float


@cache
def fitted_numbers() -> PlannerNumbers:
    """The numbers as they stand in the file beside this one."""
    text = resources.files(__package__).joinpath(FILE).read_text("utf-8")
    return PlannerNumbers(**tomllib.loads(text))


def weight_of_looks(
    method: Method, numbers: PlannerNumbers, distance: float, only_names: bool
) -> float:
    """What looks count where words count ``weight_of_words``.

    ``distance`` is the encoder's ``d'`` on this archive; it matters for evidence alone, since
    the other methods see ranks or shares of the best.
    """
    if method is Method.RRF:
        return 1.0
    if method is Method.CONVEX:
        return numbers.convex_looks
    return numbers.looks * distance * (numbers.looks_of_names if only_names else 1.0)


def weight_of_words(method: Method, numbers: PlannerNumbers) -> float:
    """1, or what the convex combination leaves."""
    return 1.0 - numbers.convex_looks if method is Method.CONVEX else 1.0
