from __future__ import annotations

from datetime import date

import pytest

from hybridsearch.domain.filters import AnyOf, Between, Filter
from hybridsearch.errors import QueryError
from hybridsearch.search.conditions import filter_from


def test_clauses_require_exclude_and_choose() -> None:
    made = filter_from(["city=Butte", "city=LJUBLJANA", "creator!=John Vachon"], "1942", "1943-06")
    assert made == Filter(
        must=(
            AnyOf("match.city", ("butte", "ljubljana")),
            Between("match.date_last", low=date(1942, 1, 1).toordinal()),
            Between("match.date_first", high=date(1943, 6, 30).toordinal()),
        ),
        must_not=(AnyOf("match.creator", ("john vachon",)),),
    )


def test_no_clause_is_no_filter() -> None:
    assert not filter_from([])


@pytest.mark.parametrize(
    ("clauses", "since", "told"),
    [
        (["city"], None, "city"),
        (["city="], None, "city="),
        (["town=Butte"], None, "town"),
        ([], "yesterday", "yesterday"),
    ],
)
def test_what_cannot_be_read_is_named(clauses: list[str], since: str | None, told: str) -> None:
    with pytest.raises(QueryError) as error:
        filter_from(clauses, since)
    assert told in error.value.message
    assert error.value.remedy
