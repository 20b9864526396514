from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.analysis.dates import days_of, year_of


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1942", date(1942, 1, 1), date(1942, 12, 31)),
        ("1944-02", date(1944, 2, 1), date(1944, 2, 29)),
        ("1942-10-05", date(1942, 10, 5), date(1942, 10, 5)),
        ("2024-06-30T23:59:00+02:00", date(2024, 6, 30), date(2024, 6, 30)),
    ],
)
def test_partial_dates_are_spans(text: str, first: date, last: date) -> None:
    assert days_of(text) == (first.toordinal(), last.toordinal())


@pytest.mark.parametrize("text", ["", "about 1900", "1942-13", "1942-02-30", "19420230", "0000"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert days_of(text) is None


@given(st.dates())
def test_a_day_lies_in_its_month_and_year(day: date) -> None:
    for text in (f"{day:%Y}".zfill(4), f"{day.year:04}-{day.month:02}"):
        span = days_of(text)
        assert span is not None
        assert span[0] <= day.toordinal() <= span[1]


def test_a_span_has_a_year_where_it_lies_in_one() -> None:
    first, last = date(1942, 1, 1).toordinal(), date(1942, 12, 31).toordinal()
    assert year_of((first, last)) == 1942
    assert year_of((last, last)) == 1942
    assert year_of((last, last + 1)) is None
