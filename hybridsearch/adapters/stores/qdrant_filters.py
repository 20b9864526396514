"""Filters in the server's words.

In: a filter of the domain. Out: the server's filter, or None where everything passes.
"""

from __future__ import annotations

from qdrant_client import models

from hybridsearch.adapters.stores.globe import open_boxes, open_radius
from hybridsearch.adapters.stores.qdrant_config import PICTURE
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

_Condition = models.FieldCondition | models.Filter | models.HasVectorCondition


def server_filter(condition: Filter) -> models.Filter | None:
    """None for the empty filter. Phrases are those of the one text (see ``phrases``)."""
    return _filter(condition) if condition else None


def _filter(condition: Filter) -> models.Filter:
    return models.Filter(
        must=[_condition(each) for each in condition.must] or None,
        should=[_condition(each) for each in condition.should] or None,
        must_not=[_condition(each) for each in condition.must_not] or None,
    )


def _condition(condition: Condition) -> _Condition:
    if isinstance(condition, AnyOf):
        match = models.MatchAny(any=list(condition.values))
        return models.FieldCondition(key=condition.key, match=match)
    if isinstance(condition, Between):
        bounds = models.Range(gte=condition.low, lte=condition.high)
        return models.FieldCondition(key=condition.key, range=bounds)
    if isinstance(condition, HasPhrase):
        return _phrase(condition)
    if isinstance(condition, Present):
        empty = models.IsEmptyCondition(is_empty=models.PayloadField(key=condition.key))
        return models.Filter(must_not=[empty])
    if isinstance(condition, Pictured):
        return models.HasVectorCondition(has_vector=PICTURE)
    if isinstance(condition, WithinBox):
        return _box(condition)
    if isinstance(condition, WithinRadius):
        return _circle(condition)
    return _filter(condition)


def _phrase(condition: HasPhrase) -> _Condition:
    phrase = models.MatchPhrase(phrase=" ".join(condition.words))
    return _either([models.FieldCondition(key=key, match=phrase) for key in condition.keys])


def _box(condition: WithinBox) -> _Condition:
    boxes = [
        models.GeoBoundingBox(
            top_left=models.GeoPoint(lon=box.west, lat=box.north),
            bottom_right=models.GeoPoint(lon=box.east, lat=box.south),
        )
        for box in open_boxes(condition)
    ]
    return _either(
        [models.FieldCondition(key=condition.key, geo_bounding_box=box) for box in boxes]
    )


def _circle(condition: WithinRadius) -> _Condition:
    centre = models.GeoPoint(lon=condition.longitude, lat=condition.latitude)
    circle = models.GeoRadius(center=centre, radius=open_radius(condition.metres))
    return models.FieldCondition(key=condition.key, geo_radius=circle)


def _either(conditions: list[models.FieldCondition]) -> _Condition:
    """At least one of them."""
    return conditions[0] if len(conditions) == 1 else models.Filter(should=[*conditions])
