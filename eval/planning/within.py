"""The order within a name's own pictures: where every caption says the name, only looks can tell.

In: a run, queries whose judgements have two grades or more. Out: how well the better grades come
before the lowest, among judged pictures alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eval.collections import JudgedQuery
from eval.measures import measure
from eval.runs import Run

MEASURE = "AP"


def within_names(run: Run, queries: Sequence[JudgedQuery]) -> float:
    """Mean average precision of the higher grades among the judged pictures of each query.

    Queries with one grade only have no order to find and are left out. Judged pictures that the
    run does not list come last. 0 where no query has two grades.
    """
    graded = [query for query in queries if len(set(query.relevant.values()) - {0}) > 1]
    if not graded:
        return 0.0
    lowest = {query.id: min(set(query.relevant.values()) - {0}) for query in graded}
    raised = [
        replace(
            query,
            relevant={
                asset: grade - lowest[query.id] for asset, grade in query.relevant.items() if grade
            },
        )
        for query in graded
    ]
    judged = Run(
        run.system,
        {
            query.id: tuple(
                entry
                for entry in run.rankings.get(query.id, ())
                if query.relevant.get(entry.asset_id, 0) > 0
            )
            for query in graded
        },
    )
    scores = measure(judged, raised, (MEASURE,))
    return sum(each[MEASURE] for each in scores.per_query.values()) / len(raised)
