"""Payloads: whether one is plain JSON of bounded size, and how filters read it.

In: the payload of one point. Out: its fault, if any; the values at a payload path.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MAX_CHARACTERS = 1_000_000
"""Characters of all strings and keys together, each other value counted as 8."""

MAX_DEPTH = 16

_REMEDY = "Payloads are JSON: strings, finite numbers, booleans, null, lists, objects."


def payload_fault(payload: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a payload, and the remedy; None when nothing is."""
    if not isinstance(payload, Mapping):
        return "its payload is not a mapping", _REMEDY
    try:
        size = sum(_size(key, 1) + _size(value, 1) for key, value in payload.items())
    except (TypeError, ValueError) as unfit:
        return f"its payload {unfit}", _REMEDY
    if size > MAX_CHARACTERS:
        return (
            f"its payload has {size} characters, more than {MAX_CHARACTERS}",
            "Shorten its texts; the OCR text is the usual cause.",
        )
    return None


def _size(value: Any, depth: int) -> int:
    """Characters in a JSON value.

    Raises:
        TypeError, ValueError: the value is none; the text continues "its payload ...".
    """
    kind = type(value)
    if isinstance(value, str):
        if not value.isascii():
            _must_encode(value)
        return len(value)
    if value is None or kind is bool:
        return 8
    if kind is int:
        if not -(2**63) <= value < 2**63:
            raise ValueError("holds an integer of more than 64 bits")
        return 8
    if kind is float:
        if not math.isfinite(value):
            raise ValueError("holds a number that is not finite")
        return 8
    return _size_of_many(value, depth + 1)


def _size_of_many(value: Any, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, list | tuple):
        return sum(_size(each, depth) for each in value)
    if type(value) is dict:
        if not all(isinstance(key, str) for key in value):
            raise TypeError("has a key that is not a string")
        return sum(_size(key, depth) + _size(each, depth) for key, each in value.items())
    raise TypeError(f"holds a {type(value).__name__}")


def _must_encode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("holds text with a lone surrogate") from None


def values_at(payload: Mapping[str, Any], path: str) -> list[Any]:
    """The values at a dotted payload path: the members of a list, or the one value; none, []."""
    value: Any = payload
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return []
        value = value[step]
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def only(payload: Mapping[str, Any], keys: tuple[str, ...] | None) -> dict[str, Any]:
    """The payload limited to those paths; all of it where ``keys`` is None.

    Objects on the way to a path stay, even with nothing in them, as engines leave them.
    """
    if keys is None:
        return dict(payload)
    limited: dict[str, Any] = _chosen(payload, [key.split(".") for key in keys])
    return limited


def _chosen(value: Any, paths: list[list[str]]) -> Any:
    if [] in paths:
        return value
    if isinstance(value, list | tuple):
        return []
    if not isinstance(value, Mapping):
        return value
    chosen = {}
    for key, below in value.items():
        further = [path[1:] for path in paths if path[0] == key]
        if further:
            chosen[key] = _chosen(below, further)
    return chosen
