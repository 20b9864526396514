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
class Filter:
    """All of ``must``, at least one of ``should`` (where given), none of ``must_not``."""

    must: tuple[Condition, ...] = ()
    should: tuple[Condition, ...] = ()
    must_not: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.must or self.should or self.must_not)


Condition = AnyOf | Between | Filter

EVERYTHING = Filter()
