"""Dates as people type them, read as spans of days.

In: the value of a date clause (``1942``, ``>now-7d``, ``[1940 TO 1945]``, ``june 1942``) and
the day that is "today". Out: a Span of days, or an Unread to tell the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from hybridsearch.analysis.words import folded
from hybridsearch.domain.notes import NoteKind
from hybridsearch.search.language.months import MONTHS, SEASONS, WINTER
from hybridsearch.search.language.periods import Days, named_period, numeric_period, relative_period
from hybridsearch.search.language.unread import Unread

MAX_VALUE = 80
"""Characters; no date is longer."""

_COMPARED = re.compile(r"(>=|<=|≥|≤|>|<|=)\s*(.*)")
_BRACKETS = re.compile(r"([\[{])\s*(.*?)\s+to\s+(.*?)\s*([\]}])")
_DOTS = re.compile(r"(.*?)\s*\.\.\.?\s*(.*)")
_YEARS = re.compile(r"(\d{4})\s*[-–]\s*(\d{4})")
_OPEN_ENDS = ("", "*")


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``low`` to ``high``, both included, as proleptic ordinals; None is open."""

    low: int | None
    high: int | None
    swapped: bool = False
    """Whether the ends were typed in the wrong order."""

    def __str__(self) -> str:
        return f"{_day(self.low)}..{_day(self.high)}"


def span_of(value: str, today: date) -> Span | Unread:
    """The span that the value of a ``date:`` clause names."""
    if len(value) > MAX_VALUE:
        return Unread(NoteKind.NO_DATE)
    text = _compared_text(value)
    for pattern, read in _FORMS:
        found = pattern.fullmatch(text)
        if found:
            return read(found, today)
    days = _period(text, today)
    return days if isinstance(days, Unread) else Span(*days)


def since(value: str, today: date) -> Span | Unread:
    """From the first day of the date on."""
    return _compared(">=", value, today)


def until(value: str, today: date) -> Span | Unread:
    """Up to the last day of the date."""
    return _compared("<=", value, today)


def before(value: str, today: date) -> Span | Unread:
    """Up to the day before the date begins."""
    return _compared("<", value, today)


def after(value: str, today: date) -> Span | Unread:
    """From the day after the date has ended."""
    return _compared(">", value, today)


def _compared(sign: str, value: str, today: date) -> Span | Unread:
    if len(value) > MAX_VALUE:
        return Unread(NoteKind.NO_DATE)
    days = _period(_compared_text(value), today)
    if isinstance(days, Unread):
        return days
    first, last = days
    match sign:
        case ">":
            return Span(last + 1, None)
        case ">=" | "≥":
            return Span(first, None)
        case "<":
            return Span(None, first - 1)
        case "<=" | "≤":
            return Span(None, last)
    return Span(first, last)


def _brackets(found: re.Match[str], today: date) -> Span | Unread:
    """Square brackets include the end beside them, braces do not, as in Lucene."""
    opening, low, high, closing = found.groups()
    return _between(low, high, today, opening == "{", closing == "}")


def _between(
    low: str, high: str, today: date, after_low: bool = False, before_high: bool = False
) -> Span | Unread:
    ends: list[Days | None] = []
    for text in (low, high):
        days = None if text in _OPEN_ENDS else _period(text, today)
        if isinstance(days, Unread):
            return days
        ends.append(days)
    first, last = ends
    if first is None and last is None:
        return Unread(NoteKind.OPEN_DATES)
    swapped = first is not None and last is not None and first[0] > last[1]
    if swapped:
        first, last = last, first
    return Span(
        first and (first[1] + 1 if after_low else first[0]),
        last and (last[0] - 1 if before_high else last[1]),
        swapped,
    )


def _compared_text(value: str) -> str:
    return folded(value).replace("\u2019", "'")


def _period(text: str, today: date) -> Days | Unread:
    try:
        days = numeric_period(text) or relative_period(text, today) or named_period(text)
    except (ValueError, OverflowError):  # 1942-13, 31 June, the year 12024
        return Unread(NoteKind.NOT_IN_THE_CALENDAR)
    return days or _hint(text)


def _hint(text: str) -> Unread:
    """What to write instead, where it can be guessed."""
    if re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{4}", text):
        return Unread(NoteKind.TWO_DAYS)
    if text in MONTHS or text in SEASONS:
        return Unread(NoteKind.DATE_WITHOUT_YEAR, text)
    if SEASONS.get(text.split(" ")[0]) == WINTER:
        return Unread(NoteKind.WINTER, text.split(" ")[0])
    return Unread(NoteKind.NO_DATE)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Span | Unread]], ...] = (
    (_COMPARED, lambda found, today: _compared(found[1], found[2], today)),
    (_BRACKETS, _brackets),
    (_DOTS, lambda found, today: _between(found[1], found[2], today)),
    (_YEARS, lambda found, today: _between(found[1], found[2], today)),
)


def _day(ordinal: int | None) -> str:
    if ordinal is None:
        return ""
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()
