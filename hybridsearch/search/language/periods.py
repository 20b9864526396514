"""One date as its first and last day: in figures, relative to today, or in words.

In: a value without case and accents. Out: its Days, or None where it is written otherwise.
A date that no calendar has raises ValueError or OverflowError.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from hybridsearch.analysis.dates import days_of
from hybridsearch.search.language.months import DAYS_AGO, FILLERS, MONTHS, SEASONS, WINTER

Days = tuple[int, int]
"""First and last day, as proleptic ordinals."""

_ISO = re.compile(r"\d{4}(-\d{1,2}){0,2}|\d{4}-\d{1,2}-\d{1,2}[t ][\d:.,z+-]*")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})(?:[./](\d{1,2}))?\.?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[./] ?(\d{4})")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DECADE = re.compile(r"(\d{3}0)(?:'?s|er)")

_AGO = re.compile(r"(?:now|today)-(\d{1,5})([dwmy])")
_NAMED = re.compile(r"(this|last|past|previous)[ _-](week|month|year)")
_LAST = re.compile(r"(?:last|past)[ _-](\d{1,5})[ _-](day|week|month|year)s?")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")


def numeric_period(text: str) -> Days | None:
    """``1942``, ``1942-10-05``, ``19421005``, ``5. 10. 1942``, ``10/1942``, ``1940s``."""
    if _ISO.fullmatch(text):
        return _calendar(text.split("t")[0].split(" ")[0])
    if found := _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _calendar("-".join(part for part in found.groups() if part))
    if found := _MONTH_YEAR.fullmatch(text):
        return _calendar(f"{found[2]}-{found[1]}")
    if found := _DAY_MONTH_YEAR.fullmatch(text):
        return _calendar(f"{found[3]}-{found[2]}-{found[1]}")
    if found := _DECADE.fullmatch(text):
        first = int(found[1])
        return date(first, 1, 1).toordinal(), date(first + 9, 12, 31).toordinal()
    return _slashed(text)


def _slashed(text: str) -> Days | None:
    """Day and month in either order, where only one of them can be right."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    one, two, year = (int(part) for part in found.groups())
    if one <= 12 and two <= 12 and one != two:
        return None
    month, day = (one, two) if one <= 12 else (two, one)
    return _one_day(date(year, month, day))


def relative_period(text: str, today: date) -> Days | None:
    """``today``, ``yesterday``, ``now-7d``, ``last week``, ``this year``, ``last 7 days``.

    Weeks begin on Monday (ISO 8601). ``last 7 days`` end today.
    """
    if text in DAYS_AGO:
        return _one_day(today - timedelta(days=DAYS_AGO[text]))
    if found := _AGO.fullmatch(text):
        return _one_day(_ago(today, int(found[1]), found[2]))
    if found := _LAST.fullmatch(text):
        begin = _ago(today, int(found[1]), found[2][0])
        return begin.toordinal() + 1, today.toordinal()
    if found := _NAMED.fullmatch(text):
        return _unit(today, found[2], back=found[1] != "this")
    return None


def _ago(today: date, count: int, unit: str) -> date:
    if unit in "dw":
        return today - timedelta(days=count * (7 if unit == "w" else 1))
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1] if year > 0 else 1
    return date(year, month + 1, min(today.day, last))


def _unit(today: date, unit: str, back: bool) -> Days:
    """The calendar week, month or year of today, or the one before it."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday.toordinal(), monday.toordinal() + 6
    if unit == "year":
        return date(today.year - back, 1, 1).toordinal(), date(
            today.year - back, 12, 31
        ).toordinal()
    first = _ago(today.replace(day=1), int(back), "m")
    return _month(first.year, first.month)


def named_period(text: str) -> Days | None:
    """``june 1942``, ``5. junija 1942``, ``June 5, 1942``, ``summer 1942``, ``winter 1941/42``."""
    words = [each for each in _TOKEN.findall(text) if each not in FILLERS]
    names = [each for each in words if each.isalpha()]
    numbers = [each for each in words if each.isdecimal()]
    if len(names) != 1 or not 1 <= len(numbers) <= 2 or len(words) != 1 + len(numbers):
        return None
    name = names[0]
    if name in MONTHS:
        return _month_named(MONTHS[name], numbers)
    if name in SEASONS:
        return _season(SEASONS[name], numbers)
    return None


def _month_named(month: int, numbers: list[str]) -> Days | None:
    years = [int(each) for each in numbers if len(each) == 4]
    days = [int(each) for each in numbers if len(each) <= 2]
    if len(years) != 1 or len(days) != len(numbers) - 1:
        return None
    return _one_day(date(years[0], month, days[0])) if days else _month(years[0], month)


def _season(month: int, numbers: list[str]) -> Days | None:
    """Three months; a winter begins in the first of the two years it must be given."""
    year = int(numbers[0])
    if len(numbers[0]) != 4 or (len(numbers) == 2) != (month == WINTER):
        return None
    if month != WINTER:
        return date(year, month, 1).toordinal(), _month(year, month + 2)[1]
    if not str(year + 1).endswith(numbers[1]):
        return None
    return date(year, month, 1).toordinal(), _month(year + 1, 2)[1]


def _calendar(text: str) -> Days:
    days = days_of(text)
    if days is None:
        raise ValueError(text)
    return days


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1).toordinal()
    return first, first + calendar.monthrange(year, month)[1] - 1


def _one_day(day: date) -> Days:
    return day.toordinal(), day.toordinal()
