"""Filters: conditions on payload values that every leg of a search obeys.

Keys are payload paths (``match.people``). Absent values match nothing but ``must_not``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The payload value at ``key`` (or one of its list) equals one of ``values``."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The integer at ``key`` lies in [``low``, ``high``]; None leaves that end open."""

    key: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class HasPhrase:
    """The words stand one after the other in the text at one of ``keys``.

    The text at a key is a string of compared words (no case, no accents) with single spaces
    between them; so are ``words``. One word is a phrase of one.
    """

    keys: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value at ``key``."""

    key: str


@dataclass(frozen=True, slots=True)
class Pictured:
    """The point has a picture's vector."""


@dataclass(frozen=True, slots=True)
class WithinBox:
    """The location at ``key`` lies in the box, in degrees (WGS 84), edges included.

    ``west`` greater than ``east`` is a box over the 180th meridian.
    """

    key: str
    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class WithinRadius:
    """The location at ``key`` is at most ``metres`` from the centre, along a great circle."""

    key: str
    latitude: float
    longitude: float
    metres: float


@dataclass(frozen=True, slots=True)
class Filter:
    """All of ``must``, at least one of ``should`` (where given), none of ``must_not``."""

    must: tuple[Condition, ...] = ()
    should: tuple[Condition, ...] = ()
    must_not: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.must or self.should or self.must_not)


Condition = AnyOf | Between | HasPhrase | Present | Pictured | WithinBox | WithinRadius | Filter

EVERYTHING = Filter()
