"""Retrieval: every leg of the plan asked in one call to the store."""

from __future__ import annotations

from collections.abc import Mapping

from hybridsearch.domain.fusion import Ranking
from hybridsearch.domain.plan import Leg, Plan
from hybridsearch.ports import DenseQuery, RankQuery, SparseQuery, SparseVector, Store, Vector


def retrieve(plan: Plan, store: Store, vectors: Mapping[str, Vector]) -> list[Ranking]:
    """One ranking for each leg, in the plan's order; ``vectors`` holds the dense legs' vectors."""
    return store.rank([_query_for(leg, plan, vectors) for leg in plan.legs]) if plan.legs else []


def _query_for(leg: Leg, plan: Plan, vectors: Mapping[str, Vector]) -> RankQuery:
    if leg.is_dense:
        return DenseQuery(leg.name, vectors[leg.name], leg.depth, plan.filter)
    known = sorted((term.id, term.weight) for term in leg.terms if term.idf is not None)
    vector = SparseVector(tuple(key for key, _ in known), tuple(weight for _, weight in known))
    return SparseQuery(leg.name, vector, leg.depth, plan.filter)
