"""How good each answer was: ir-measures' figures, query by query.

In: a run and judged queries. Out: scores, every judged query included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ir_measures

from eval.collections import JudgedQuery
from eval.evaluation import Scores
from eval.runs import RankedAsset, Run
from hybridsearch.errors import ConfigError

DEFAULT: tuple[str, ...] = (
    "nDCG@10",
    "AP",
    "RR",
    "P@5",
    "P@10",
    "R@10",
    "R@100",
    "Success@1",
    "Judged@10",
)
"""As ir-measures writes them. All lie between 0 and 1, and higher is better."""


def measure(run: Run, queries: Sequence[JudgedQuery], measures: Sequence[str] = DEFAULT) -> Scores:
    """Every measure of every query.

    nDCG@10 is Järvelin and Kekäläinen's (2002) as trec_eval computes it: the gain is the grade,
    the discount ``log2(rank + 1)``, and the ideal order is that of all judged assets. AP, RR,
    P@k, R@k and Success@k are binary: a grade of 1 or more is relevant. An asset without a grade
    counts as not relevant; Judged@10 tells which share of the returned top 10 has a grade, 0
    included. A query that was answered with nothing has 0 in every measure, Judged@10 too.

    Raises:
        ConfigError: ir-measures knows no measure of that name.
        ValueError: a ranking holds an asset twice.
    """
    parsed = [_parsed(name) for name in measures]
    names = [str(each) for each in parsed]
    per_query = {query.id: dict.fromkeys(names, 0.0) for query in queries}
    judged = {query.id: dict(query.relevant) for query in queries if query.relevant}
    # Judged@k divides by the number of results: empty answers keep their zeros without asking.
    answered = {
        query_id: _by_position(ranking)
        for query_id in judged
        if (ranking := run.rankings.get(query_id, ()))
    }
    if answered:
        for found in ir_measures.iter_calc(parsed, judged, answered):
            per_query[found.query_id][str(found.measure)] = float(found.value)
    return Scores(run.system, per_query)


def mean(scores: Scores, query_ids: Iterable[str], measure: str) -> float:
    """The mean over the queries; 0 over none.

    Raises:
        KeyError: a query or the measure is not among the scores.
    """
    values = [scores.per_query[query_id][measure] for query_id in query_ids]
    return sum(values) / len(values) if values else 0.0


def _by_position(ranking: Sequence[RankedAsset]) -> dict[str, float]:
    """Falling whole numbers as scores.

    trec_eval sorts by score, as a 32-bit float, and breaks ties by id, descending; our order
    breaks them ascending. Only the position goes in, so that it measures the order that is shown.
    """
    scores = {entry.asset_id: float(-rank) for rank, entry in enumerate(ranking)}
    if len(scores) != len(ranking):
        raise ValueError("a ranking holds an asset twice")
    return scores


def _parsed(name: str) -> ir_measures.Measure:
    try:
        return ir_measures.parse_measure(name)
    except (NameError, ValueError, SyntaxError) as error:
        raise ConfigError(
            f"There is no measure {name!r}.", f"Write it as ir-measures does: {', '.join(DEFAULT)}."
        ) from error
