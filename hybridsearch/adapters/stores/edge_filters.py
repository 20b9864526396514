"""Filters in the embedded engine's words.

In: a filter of the domain. Out: the engine's filter, or None where everything passes.
"""

from __future__ import annotations

from collections.abc import Sequence

import qdrant_edge as qe

from hybridsearch.adapters.stores.edge_config import PICTURE
from hybridsearch.adapters.stores.globe import open_boxes, open_radius
from hybridsearch.adapters.stores.phrases import rewritten_filter
from hybridsearch.domain.filters import (
    AnyOf,
    Between,
    Condition,
    Filter,
    HasPhrase,
    Pictured,
    Present,
    WithinBox,
    WithinRadius,
)

_Condition = qe.FieldCondition | qe.Filter | qe.HasVectorCondition


def edge_filter(condition: Filter, text_keys: Sequence[str]) -> qe.Filter | None:
    """None for the empty filter: the engine plans an unfiltered search faster.

    ``text_keys`` are the schema's, whose texts lie in one (see ``phrases``).
    """
    return _filter(rewritten_filter(condition, text_keys)) if condition else None


def _filter(condition: Filter) -> qe.Filter:
    return qe.Filter(
        must=[_condition(each) for each in condition.must] or None,
        should=[_condition(each) for each in condition.should] or None,
        must_not=[_condition(each) for each in condition.must_not] or None,
    )


def _condition(condition: Condition) -> _Condition:
    if isinstance(condition, AnyOf):
        return qe.FieldCondition(key=condition.key, match=qe.MatchAny(list(condition.values)))
    if isinstance(condition, Between):
        bounds = qe.RangeFloat(gte=condition.low, lte=condition.high)
        return qe.FieldCondition(key=condition.key, range=bounds)
    if isinstance(condition, HasPhrase):
        return _phrase(condition)
    if isinstance(condition, Present):
        return qe.FieldCondition(key=condition.key, is_empty=False)
    if isinstance(condition, Pictured):
        return qe.HasVectorCondition(PICTURE)
    if isinstance(condition, WithinBox):
        return _box(condition)
    if isinstance(condition, WithinRadius):
        return _circle(condition)
    return _filter(condition)


def _phrase(condition: HasPhrase) -> _Condition:
    phrase = qe.MatchPhrase(" ".join(condition.words))
    return _either([qe.FieldCondition(key=key, match=phrase) for key in condition.keys])


def _box(condition: WithinBox) -> _Condition:
    boxes = [
        qe.GeoBoundingBox(
            top_left=qe.GeoPoint(lon=box.west, lat=box.north),
            bottom_right=qe.GeoPoint(lon=box.east, lat=box.south),
        )
        for box in open_boxes(condition)
    ]
    return _either([qe.FieldCondition(key=condition.key, geo_bounding_box=box) for box in boxes])


def _circle(condition: WithinRadius) -> _Condition:
    centre = qe.GeoPoint(lon=condition.longitude, lat=condition.latitude)
    radius = qe.GeoRadius(center=centre, radius=open_radius(condition.metres))
    return qe.FieldCondition(key=condition.key, geo_radius=radius)


def _either(conditions: list[qe.FieldCondition]) -> _Condition:
    """At least one of them."""
    return conditions[0] if len(conditions) == 1 else qe.Filter(should=[*conditions])
