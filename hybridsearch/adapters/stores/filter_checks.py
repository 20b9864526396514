"""Checks on filters, made before an engine sees them.

In: a filter and the schema. Out: nothing, or an error that names what is wrong. An engine
answers a phrase on a key without a text index by other rules, and a place that is none by an
error of its own or with nothing.
"""

from __future__ import annotations

import math

from hybridsearch.domain.filters import Condition, Filter, HasPhrase, WithinBox, WithinRadius
from hybridsearch.errors import StoreError
from hybridsearch.ports import StoreSchema


def check_filter(condition: Condition, schema: StoreSchema) -> None:
    """Refuse what the schema has no index for, and numbers that are no place on the globe.

    Raises:
        StoreError: an unknown text or location key, or coordinates out of range.
    """
    if isinstance(condition, Filter):
        for each in (*condition.must, *condition.should, *condition.must_not):
            check_filter(each, schema)
    elif isinstance(condition, HasPhrase):
        for key in condition.keys:
            _must_be_in(key, schema.text_keys, "text")
    elif isinstance(condition, WithinBox):
        _must_be_in(condition.key, schema.location_keys, "location")
        _check_place(condition.south, condition.west)
        _check_place(condition.north, condition.east)
    elif isinstance(condition, WithinRadius):
        _must_be_in(condition.key, schema.location_keys, "location")
        _check_place(condition.latitude, condition.longitude)
        if not (math.isfinite(condition.metres) and condition.metres >= 0):
            raise StoreError(
                f"A radius of {condition.metres} m is none.", "Give metres, 0 or more."
            )


def check_facet(key: str, filter: Filter, schema: StoreSchema) -> None:
    """The same for what is counted: only keyword keys have values to count.

    Raises:
        StoreError: as ``check_filter``, or the key is no keyword key.
    """
    _must_be_in(key, schema.keyword_keys, "keyword")
    check_filter(filter, schema)


def _must_be_in(key: str, keys: tuple[str, ...], kind: str) -> None:
    if key not in keys:
        raise StoreError(
            f"The store keeps no {kind} index of {key!r}.",
            f"Choose from {', '.join(keys)}." if keys else f"Its schema names no {kind} key.",
        )


def _check_place(latitude: float, longitude: float) -> None:
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise StoreError(
            f"There is no place at latitude {latitude}, longitude {longitude}.",
            "Give degrees from -90 to 90 and from -180 to 180.",
        )
