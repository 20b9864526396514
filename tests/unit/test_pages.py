from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.domain.generation import Generation
from hybridsearch.domain.query import Order, Query
from hybridsearch.errors import QueryError
from hybridsearch.search.pages import DEEPEST, page_of

GENERATION = Generation(1, "a", None, None, "v", {}, {}, "2026-01-01", complete=True)
QUERY = Query("fire", limit=10, paged=True)


def test_a_list_that_is_not_paged_has_no_next_page() -> None:
    query = replace(QUERY, paged=False)
    page = page_of(query, GENERATION)
    assert (page.start, page.end) == (0, 10)
    assert page.next_cursor(query, GENERATION, 500) is None


@given(st.integers(1, 60), st.integers(0, 1500))
def test_pages_cover_the_list_once(limit: int, listed: int) -> None:
    query = replace(QUERY, limit=limit)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        now = replace(query, cursor=cursor)
        page = page_of(now, GENERATION)
        seen.extend(range(page.start, min(page.end, listed)))
        cursor = page.next_cursor(now, GENERATION, listed)
        if cursor is None:
            break
    assert seen == list(range(min(listed, DEEPEST)))


def test_the_next_page_may_be_longer() -> None:
    cursor = page_of(QUERY, GENERATION).next_cursor(QUERY, GENERATION, 100)
    page = page_of(replace(QUERY, cursor=cursor, limit=25), GENERATION)
    assert (page.start, page.end) == (10, 35)


@pytest.mark.parametrize(
    "other",
    [
        replace(QUERY, text="smoke"),
        replace(QUERY, order=Order.NEWEST),
        replace(QUERY, fold=True),
        replace(QUERY, min_relevance=0.5),
    ],
)
def test_a_cursor_of_another_query_is_refused(other: Query) -> None:
    cursor = page_of(QUERY, GENERATION).next_cursor(QUERY, GENERATION, 100)
    with pytest.raises(QueryError, match="another query"):
        page_of(replace(other, cursor=cursor), GENERATION)


def test_a_cursor_of_an_older_index_is_refused() -> None:
    cursor = page_of(QUERY, GENERATION).next_cursor(QUERY, GENERATION, 100)
    with pytest.raises(QueryError, match="older index"):
        page_of(replace(QUERY, cursor=cursor), replace(GENERATION, number=2))


@given(st.text(max_size=60))
def test_whatever_is_given_as_a_cursor_is_told_or_taken(cursor: str) -> None:
    try:
        page = page_of(replace(QUERY, cursor=cursor), GENERATION)
    except QueryError as error:
        assert error.remedy
    else:
        assert page.start == 0  # the empty cursor
