"""The product's own ranking: what a user's search would list, without reading the pictures."""

from __future__ import annotations

from collections.abc import Sequence

from eval.collections import JudgedQuery
from eval.indexing import Indexed
from eval.runs import Run, in_order
from hybridsearch.domain.plan import Method
from hybridsearch.domain.query import Query
from hybridsearch.search.weights import PlannerNumbers


def planner_run(
    indexed: Indexed,
    queries: Sequence[JudgedQuery],
    name: str = "planner",
    numbers: PlannerNumbers | None = None,
    method: Method | None = None,
) -> Run:
    """Every query through the search engine as it is configured, to the depth that it fuses.

    ``numbers`` stand in for those of ``planner.toml``, ``method`` for the configured fusion.
    """
    engine = indexed.archive.search(numbers)
    asset_of = indexed.asset_of
    rankings = {}
    for query in queries:
        asked = Query(query.text, query.picture, filter=query.filter, limit=1, method=method)
        rankings[query.id] = in_order(
            (asset_of[each.point_id], each.score) for each in engine.find(asked).fused.entries
        )
    return Run(name, rankings)
