"""Dates as people type them, against spans worked out by hand. Today is Wednesday, 17 July 2024."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.adapters.stores.matching import passes
from hybridsearch.domain.filters import Between, Filter
from hybridsearch.search.language import understand
from hybridsearch.search.language.dates import Span, span_of
from hybridsearch.search.language.months import MONTHS, SEASONS
from hybridsearch.search.language.unread import Unread

TODAY = date(2024, 7, 17)


def days(text: str, today: date = TODAY) -> str:
    """The span as the page shows it: first day, two dots, last day."""
    span = span_of(text, today)
    assert isinstance(span, Span), span
    return str(span)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1942", "1942-01-01..1942-12-31"),
        ("1942-10", "1942-10-01..1942-10-31"),
        ("1942-10-05", "1942-10-05..1942-10-05"),
        ("1942-1-5", "1942-01-05..1942-01-05"),
        ("1942-10-05T12:30:00+01:00", "1942-10-05..1942-10-05"),
        ("19421005", "1942-10-05..1942-10-05"),
        ("1942/10/05", "1942-10-05..1942-10-05"),
        ("5.10.1942", "1942-10-05..1942-10-05"),
        ("5. 10. 1942", "1942-10-05..1942-10-05"),
        ("10/1942", "1942-10-01..1942-10-31"),
        ("13/10/1942", "1942-10-13..1942-10-13"),
        ("10/13/1942", "1942-10-13..1942-10-13"),
        ("5/5/1942", "1942-05-05..1942-05-05"),
        ("1944-02", "1944-02-01..1944-02-29"),
        ("1940s", "1940-01-01..1949-12-31"),
        ("1940's", "1940-01-01..1949-12-31"),
        ("1940er", "1940-01-01..1949-12-31"),
        ("1900s", "1900-01-01..1909-12-31"),
        ("[2024-01-01 TO 2024-06-30]", "2024-01-01..2024-06-30"),
        ("[1940 to 1945]", "1940-01-01..1945-12-31"),
        ("{1940 TO 1945}", "1941-01-01..1944-12-31"),
        ("[1940 TO 1945}", "1940-01-01..1944-12-31"),
        ("[* TO 1945]", "..1945-12-31"),
        ("[june 1942 TO *]", "1942-06-01.."),
        ("2024-01..2024-06", "2024-01-01..2024-06-30"),
        ("1940..", "1940-01-01.."),
        ("..1945", "..1945-12-31"),
        ("1940...1945", "1940-01-01..1945-12-31"),
        ("1940-1945", "1940-01-01..1945-12-31"),
        ("1940–1945", "1940-01-01..1945-12-31"),
        ("may 1942..june 1942", "1942-05-01..1942-06-30"),
        (">1940", "1941-01-01.."),
        (">=1940", "1940-01-01.."),
        ("≥1940", "1940-01-01.."),
        ("<1940", "..1939-12-31"),
        ("<=1940", "..1940-12-31"),
        ("≤ 1940", "..1940-12-31"),
        ("=1940", "1940-01-01..1940-12-31"),
        (">june 1942", "1942-07-01.."),
        ("now-7d", "2024-07-10..2024-07-10"),
        (">now-7d", "2024-07-11.."),
        (">=now-7d", "2024-07-10.."),
        (">=now-2w", "2024-07-03.."),
        (">=now-1m", "2024-06-17.."),
        (">=now-7m", "2023-12-17.."),
        (">=today-1y", "2023-07-17.."),
        ("today", "2024-07-17..2024-07-17"),
        ("Yesterday", "2024-07-16..2024-07-16"),
        ("včeraj", "2024-07-16..2024-07-16"),
        ("aujourd’hui", "2024-07-17..2024-07-17"),
        ("this week", "2024-07-15..2024-07-21"),
        ("last week", "2024-07-08..2024-07-14"),
        ("last-week", "2024-07-08..2024-07-14"),
        ("this month", "2024-07-01..2024-07-31"),
        ("last month", "2024-06-01..2024-06-30"),
        ("this year", "2024-01-01..2024-12-31"),
        ("previous year", "2023-01-01..2023-12-31"),
        ("last 7 days", "2024-07-11..2024-07-17"),
        ("past 2 weeks", "2024-07-04..2024-07-17"),
        ("last 1 month", "2024-06-18..2024-07-17"),
        ("june 1942", "1942-06-01..1942-06-30"),
        ("Jun. 1942", "1942-06-01..1942-06-30"),
        ("1942 June", "1942-06-01..1942-06-30"),
        ("5 june 1942", "1942-06-05..1942-06-05"),
        ("June 5th, 1942", "1942-06-05..1942-06-05"),
        ("5th of June 1942", "1942-06-05..1942-06-05"),
        ("5. junija 1942", "1942-06-05..1942-06-05"),
        ("5. lipnja 1942.", "1942-06-05..1942-06-05"),
        ("am 5. Juni 1942", "1942-06-05..1942-06-05"),
        ("März 1938", "1938-03-01..1938-03-31"),
        ("1er août 1914", "1914-08-01..1914-08-01"),
        ("1° maggio 1945", "1945-05-01..1945-05-01"),
        ("veljača 1942", "1942-02-01..1942-02-28"),
        ("summer 1942", "1942-06-01..1942-08-31"),
        ("pomlad 1945", "1945-03-01..1945-05-31"),
        ("jeseni 1944", "1944-09-01..1944-11-30"),
        ("winter 1941/42", "1941-12-01..1942-02-28"),
        ("hiver 1999-2000", "1999-12-01..2000-02-29"),
    ],
)
def test_dates_are_read(text: str, span: str) -> None:
    assert days(text) == span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("since:1940", "1940-01-01.."),
        ("until:1945", "..1945-12-31"),
        ("before:1940", "..1939-12-31"),
        ("after:1940", "1941-01-01.."),
        ('after:"june 1942"', "1942-07-01.."),
        ("year:1942", "1942-01-01..1942-12-31"),
        ('date:>="june 1942"', "1942-06-01.."),
        ("date:[1940 TO 1945]", "1940-01-01..1945-12-31"),
        ("date:{1940 TO 1945}", "1941-01-01..1944-12-31"),
        ("since:yesterday", "2024-07-16.."),
        ("date:>9999", "9999-12-31.."),
        ("date:<0001", "..0001-01-01"),
    ],
)
def test_clauses_of_dates(text: str, span: str) -> None:
    made = understand(f"fire {text}", TODAY)
    assert made.text == "fire"
    assert made.parts[1].value == span
    assert made.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "june",
        "summer",
        "winter 1942",
        "winter 1941/43",
        "summer 1941/42",
        "42",
        "40s",
        "june 42",
        "june 1942 1943",
        "5 6 june 1942",
        "may june 1942",
        "foo 1942",
        "june ½ 1942",
        "5/10/1942",
        "1942-13",
        "1942-02-30",
        "31 june 1942",
        "0000",
        "now-9999y",
        "now-99999m",
        "last 9999 years",
        "[1940 TO]",
        "[* TO *]",
        "..",
        "1940..foo",
        ">foo",
        ">",
        "1942 1945",
        "1945-10-05 and more",
        "june " * 30,
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert isinstance(span_of(text, TODAY), Unread)


def test_ends_in_the_wrong_order_are_turned() -> None:
    assert span_of("1945..1940", TODAY) == Span(
        date(1940, 1, 1).toordinal(), date(1945, 12, 31).toordinal(), swapped=True
    )


@pytest.mark.parametrize(
    ("today", "text", "span"),
    [
        (date(2024, 1, 1), "last month", "2023-12-01..2023-12-31"),
        (date(2024, 1, 1), "last week", "2023-12-25..2023-12-31"),
        (date(2024, 3, 31), "now-1m", "2024-02-29..2024-02-29"),
        (date(2024, 2, 29), "now-1y", "2023-02-28..2023-02-28"),
        (date(2024, 7, 21), "this week", "2024-07-15..2024-07-21"),
    ],
)
def test_relative_dates_follow_the_calendar(today: date, text: str, span: str) -> None:
    assert days(text, today) == span


@given(st.dates(), st.sampled_from(sorted(MONTHS)))
def test_a_written_day_is_that_day(day: date, name: str) -> None:
    day = day.replace(month=MONTHS[name], day=min(day.day, 28))
    assert days(f"{day.day}. {name} {day.year:04}") == f"{day}..{day}"
    last = calendar.monthrange(day.year, day.month)[1]
    assert days(f"{name} {day.year:04}") == f"{day.replace(day=1)}..{day.replace(day=last)}"


def test_every_month_has_its_names() -> None:
    assert sorted(set(MONTHS.values())) == list(range(1, 13))
    assert not set(MONTHS) & set(SEASONS)


@given(st.dates(date(2, 1, 1), date(9998, 1, 1)), st.integers(0, 300))
def test_now_minus_days_is_so_many_days_ago(today: date, count: int) -> None:
    day = today - timedelta(days=count)
    assert days(f"now-{count}d", today) == f"{day}..{day}"
    assert days(f"last {count + 1} days", today) == f"{day}..{today}"


@given(st.text(max_size=30))
def test_any_value_is_read_or_told(text: str) -> None:
    found = span_of(text, TODAY)
    if isinstance(found, Span):
        assert found.low is not None or found.high is not None
        assert str(found)
    else:
        assert text in str(found.note(text))


def test_a_picture_of_some_day_of_a_year_may_be_of_the_span() -> None:
    payload = {"match": {"date_first": _day(1942, 1, 1), "date_last": _day(1942, 12, 31)}}
    found = {
        text: passes(payload, understand(text, TODAY).filter)
        for text in (
            "date:1942-06",
            "since:1942-06",
            "until:1942-06",
            "after:1942",
            "-date:1942-06",
        )
    }
    assert found == {
        "date:1942-06": True,
        "since:1942-06": True,
        "until:1942-06": True,
        "after:1942": False,
        "-date:1942-06": False,
    }


def test_a_span_becomes_conditions_on_both_ends() -> None:
    assert understand("date:1942", TODAY).filter == Filter(
        must=(
            Between("match.date_last", low=_day(1942, 1, 1)),
            Between("match.date_first", high=_day(1942, 12, 31)),
        )
    )


def _day(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()
