"""What fusing cost: the fused ranking against the better single leg, class by class.

In: scores of the fused systems and of the legs. Out: regrets with their intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.collections import JudgedQuery
from eval.comparison import ROUNDS, SEED, differences, intervals, named
from eval.evaluation import Regret, Scores, classes_of
from eval.measures import mean


def regrets(
    scores: Sequence[Scores],
    fused: Sequence[str],
    legs: Sequence[str],
    measure: str,
    queries: Sequence[JudgedQuery],
    rounds: int = ROUNDS,
    seed: int = SEED,
) -> list[Regret]:
    """Each fused system minus the leg with the highest mean, on each class and on all queries.

    The better leg is chosen on the very queries it is then compared on. Between legs of about
    equal quality that choice favours the leg that was lucky, so the difference errs against the
    fused system: a figure above zero may be believed, one just below zero, with legs that lie
    close together (see ``Regret.legs``), may be the choice and no cost of fusing. The interval
    takes the leg as given and tells the spread of the paired differences only. A bar of the
    better leg for each single query would be one no system can reach, so it is none here.

    Equal legs: the one named first. Means, differences and intervals are in units of the measure.

    Raises:
        ValueError: no legs, or a system that has no scores.
        KeyError: a query or the measure is not among the scores.
    """
    if not legs:
        raise ValueError("regret needs at least one leg")
    of_leg = {leg: named(scores, leg) for leg in legs}
    of_fused = [named(scores, system) for system in fused]
    found = []
    for kind, asked in classes_of(queries).items() if fused else ():
        ids = [query.id for query in asked]
        means = {leg: mean(each, ids, measure) for leg, each in of_leg.items()}
        better = max(means, key=means.__getitem__)
        table = np.column_stack(
            [differences(each, of_leg[better], ids, measure) for each in of_fused]
        )
        for system, difference in zip(
            fused, intervals(table, rounds=rounds, seed=seed), strict=True
        ):
            found.append(Regret(system, measure, kind, len(ids), better, means, difference))
    return found
