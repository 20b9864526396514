"""Partial dates (1942, 1942-10, 1942-10-05) as spans of days, so that ranges can be compared."""

from __future__ import annotations

import calendar
from datetime import date

import regex

_PARTIAL = regex.compile(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$")


def days_of(value: str) -> tuple[int, int] | None:
    """First and last day that a partial ISO 8601 date covers, as proleptic ordinals.

    None where the text is no such date (a date "about 1900" is shown, not compared).
    """
    found = _PARTIAL.match(value.strip())
    if found is None:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        last = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError:
        return None
    return first.toordinal(), last.toordinal()


def year_of(days: tuple[int, int]) -> int | None:
    """The year that both ends of a span of days lie in; None where the span touches two."""
    first, last = (date.fromordinal(each).year for each in days)
    return first if first == last else None
