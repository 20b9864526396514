from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hybridsearch.domain.query import Order, Query
from hybridsearch.domain.upload import Upload
from hybridsearch.search.recent import RecentLists

TODAY = date(2026, 11, 22)


class Desk:
    """Makes a new list each time it is asked, in a world with a version and a clock."""

    def __init__(self, kept: int = 2, seconds: float = 10) -> None:
        self.version = 0
        self.now = 0.0
        self.made = 0
        self.lists: RecentLists[int] = RecentLists(
            lambda: self.version, kept, seconds, lambda: self.now
        )

    def of(self, query: Query, today: date = TODAY) -> int:
        return self.lists.of(query, today, self._make)

    def _make(self) -> int:
        self.made += 1
        return self.made


def test_reading_on_makes_no_new_list() -> None:
    desk = Desk()
    pages = [Query("fire", paged=True, cursor=cursor) for cursor in (None, "a", "b")]
    assert [desk.of(each) for each in pages] == [1, 1, 1]


def test_how_a_list_is_shown_makes_no_new_list() -> None:
    desk = Desk()
    shown = [Query("fire"), Query("fire", fold=True), Query("fire", min_relevance=0.5)]
    assert [desk.of(each) for each in shown] == [1, 1, 1]


@pytest.mark.parametrize(
    "other",
    [
        Query("water"),
        Query("fire", limit=20),
        Query("fire", paged=True),
        Query("fire", order=Order.NEWEST),
        Query("fire", picture=Upload(b"1", "one.jpg")),
    ],
)
def test_another_query_is_another_list(other: Query) -> None:
    desk = Desk()
    assert desk.of(Query("fire")) != desk.of(other)


def test_a_write_ends_a_list() -> None:
    desk = Desk()
    assert desk.of(Query("fire")) == 1
    desk.version += 1
    assert desk.of(Query("fire")) == 2


def test_a_list_made_before_a_write_is_not_taken_for_one_of_after_it() -> None:
    desk = Desk()

    def make() -> int:
        desk.version += 1  # somebody writes while the list is made
        return -1

    assert desk.lists.of(Query("fire"), TODAY, make) == -1
    assert desk.of(Query("fire")) == 1


def test_time_ends_a_list() -> None:
    desk = Desk(seconds=10)
    assert desk.of(Query("fire")) == 1
    desk.now = 9.9
    assert desk.of(Query("fire")) == 1
    desk.now = 10
    assert desk.of(Query("fire")) == 2


def test_midnight_ends_a_list() -> None:
    desk = Desk()
    assert desk.of(Query("date:yesterday"), date(2026, 11, 22)) == 1
    assert desk.of(Query("date:yesterday"), date(2026, 11, 23)) == 2


def test_the_list_that_was_read_longest_ago_goes_first() -> None:
    desk = Desk(kept=2)
    a, b, c = Query("a"), Query("b"), Query("c")
    assert [desk.of(each) for each in (a, b, a, c)] == [1, 2, 1, 3]
    assert desk.of(a) == 1
    assert desk.of(b) == 4


def test_none_are_kept_where_none_shall_be() -> None:
    desk = Desk(kept=0)
    assert [desk.of(Query("a")), desk.of(Query("a"))] == [1, 2]


def test_a_file_may_change() -> None:
    desk = Desk()
    query = Query(picture=Path("one.jpg"))
    assert [desk.of(query), desk.of(query)] == [1, 2]
