"""The systems as the page shows them: their part in the fusion, and one mark for each.

In: an evaluation. Out: systems in the order of their runs, and the pair that it is about.
"""

from __future__ import annotations

from dataclasses import dataclass

from eval.evaluation import ALL, Evaluation
from eval.report.means import Mean

MARKS = 8
"""So many shapes and colours are told apart; further systems use them again."""


@dataclass(frozen=True, slots=True)
class ShownSystem:
    """A system; ``mark`` is the number of its shape and colour."""

    name: str
    role: str
    mark: int


def shown_systems(evaluation: Evaluation) -> list[ShownSystem]:
    """``fused`` where its regret was taken, ``leg`` where others are held against it.

    Marks go to the fused systems first, the last run of them before all, which is the planner's:
    what the page is about has the strongest colour, and the same one on every collection.
    """
    fused = {regret.system for regret in evaluation.regrets}
    legs = {leg for regret in evaluation.regrets for leg in regret.legs}

    def role(name: str) -> str:
        return "fused" if name in fused else "leg" if name in legs else "other"

    names = dict.fromkeys(scores.system for scores in evaluation.scores)
    first = [name for name in reversed(names) if name in fused]
    marks = [*first, *sorted(set(names) - fused, key=lambda name: (name not in legs, name))]
    return [ShownSystem(name, role(name), marks.index(name) % MARKS) for name in names]


def overall(means: list[Mean], measure: str) -> list[Mean]:
    """The systems' means over all queries, best first; equal ones in the order of their runs."""
    classes = {mean.query_class for mean in means}
    whole = ALL if ALL in classes else next(iter(classes), ALL)
    chosen = [mean for mean in means if mean.measure == measure and mean.query_class == whole]
    return sorted(chosen, key=lambda mean: -mean.interval.mean)


def main_pair(evaluation: Evaluation, means: list[Mean], measure: str) -> tuple[str, str] | None:
    """The best fused system and what it is held against; the best two where nothing is fused."""
    order = [mean.system for mean in overall(means, measure)]
    fused = {regret.system: regret for regret in evaluation.regrets if regret.measure == measure}
    for regret in evaluation.regrets:
        # The row over all queries says best which leg is the better one.
        if regret.measure == measure and regret.query_class == ALL:
            fused[regret.system] = regret
    for name in order:
        if name in fused:
            return name, fused[name].better_leg
    return (order[0], order[1]) if len(order) > 1 else None
