"""Retrieval: every leg of the plan asked in one call to the store."""

from __future__ import annotations

from collections.abc import Mapping

from hybridsearch.analysis.payload import DATE_FIRST_KEY, DATE_LAST_KEY
from hybridsearch.domain.plan import Leg, LegKind, Method, Plan
from hybridsearch.domain.ranking import Ranking
from hybridsearch.ports import DenseQuery, RankQuery, SparseQuery, SparseVector, Store, Vector


def retrieve(plan: Plan, store: Store, vectors: Mapping[str, Vector]) -> list[Ranking]:
    """One ranking for each leg, in the plan's order; ``vectors`` holds the dense legs' vectors.

    Fusion by evidence adds up scores, so each leg scores what only the others listed as well.
    """
    if not plan.legs:
        return []
    if plan.legs[0].kind is LegKind.DATE:
        return [_by_date(plan.legs[0], plan, store)]
    queries = [_query_for(leg, plan, vectors) for leg in plan.legs]
    return store.rank(queries, complete=plan.method is Method.EVIDENCE and len(queries) > 1)


def _by_date(leg: Leg, plan: Plan, store: Store) -> Ranking:
    """The newest by the last day that their date covers, the oldest by the first."""
    key = DATE_LAST_KEY if leg.newest else DATE_FIRST_KEY
    found = store.dated(key, leg.depth, plan.filter, newest=leg.newest)
    return Ranking(leg.name, found.entries)


def _query_for(leg: Leg, plan: Plan, vectors: Mapping[str, Vector]) -> RankQuery:
    if leg.is_dense:
        return DenseQuery(leg.name, vectors[leg.name], leg.depth, plan.filter)
    known = sorted((term.id, term.weight) for term in leg.terms if term.idf is not None)
    vector = SparseVector(tuple(key for key, _ in known), tuple(weight for _, weight in known))
    return SparseQuery(leg.name, vector, leg.depth, plan.filter)
