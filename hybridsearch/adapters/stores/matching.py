"""What filters mean, in plain words: the rule that every engine is held to.

In: a point's payload, whether it has a picture, a condition. Out: whether it passes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hybridsearch.adapters.stores.globe import in_box, in_radius
from hybridsearch.adapters.stores.payloads import values_at
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


def passes(payload: Mapping[str, Any], condition: Condition, pictured: bool = False) -> bool:
    """Absent values match nothing but ``must_not``.

    ``pictured`` tells whether the point has a picture's vector.
    """
    if isinstance(condition, Filter):
        return _passes_all(payload, condition, pictured)
    if isinstance(condition, Pictured):
        return pictured
    if isinstance(condition, HasPhrase):
        return any(_has_phrase(payload, key, condition.words) for key in condition.keys)
    values = values_at(payload, condition.key)
    return any(_passes_value(value, condition) for value in values)


def _passes_all(payload: Mapping[str, Any], condition: Filter, pictured: bool) -> bool:
    def holds(each: Condition) -> bool:
        return passes(payload, each, pictured)

    return (
        all(map(holds, condition.must))
        and (not condition.should or any(map(holds, condition.should)))
        and not any(map(holds, condition.must_not))
    )


def _passes_value(
    value: Any, condition: AnyOf | Between | Present | WithinBox | WithinRadius
) -> bool:
    if isinstance(condition, AnyOf):
        return value in condition.values
    if isinstance(condition, Between):
        low = -math.inf if condition.low is None else condition.low
        high = math.inf if condition.high is None else condition.high
        return type(value) is int and low <= value <= high
    if isinstance(condition, WithinBox):
        return in_box(condition, value)
    if isinstance(condition, WithinRadius):
        return in_radius(condition, value)
    return True


def _has_phrase(payload: Mapping[str, Any], key: str, words: tuple[str, ...]) -> bool:
    asked = " ".join(" ".join(words).split())
    texts = [text for text in values_at(payload, key) if isinstance(text, str)]
    return bool(asked) and any(f" {asked} " in f" {' '.join(text.split())} " for text in texts)
