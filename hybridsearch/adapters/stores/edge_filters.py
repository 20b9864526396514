"""Filters in the embedded engine's words.

In: a filter of the domain. Out: the engine's filter, or None where everything passes.
"""

from __future__ import annotations

import qdrant_edge as qe

from hybridsearch.domain.filters import AnyOf, Between, Condition, Filter


def edge_filter(condition: Filter) -> qe.Filter | None:
    """None for the empty filter: the engine plans an unfiltered search faster."""
    return _filter(condition) if condition else None


def _filter(condition: Filter) -> qe.Filter:
    return qe.Filter(
        must=[_condition(each) for each in condition.must] or None,
        should=[_condition(each) for each in condition.should] or None,
        must_not=[_condition(each) for each in condition.must_not] or None,
    )


def _condition(condition: Condition) -> qe.FieldCondition | qe.Filter:
    if isinstance(condition, AnyOf):
        return qe.FieldCondition(key=condition.key, match=qe.MatchAny(list(condition.values)))
    if isinstance(condition, Between):
        bounds = qe.RangeFloat(gte=condition.low, lte=condition.high)
        return qe.FieldCondition(key=condition.key, range=bounds)
    return _filter(condition)
