from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.domain.filters import EVERYTHING
from hybridsearch.domain.plan import Method, Plan
from hybridsearch.domain.query import Order
from hybridsearch.domain.ranking import Ranked
from hybridsearch.ports import Point, SparseVector, StoreSchema
from hybridsearch.search.ordering import by_date

IDS = {name: f"{n:016x}" for n, name in enumerate("abcdef", 1)}
NAMES = {point_id: name for name, point_id in IDS.items()}


def store_of(dates: Mapping[str, tuple[str, str] | None]) -> MemoryStore:
    store = MemoryStore(StoreSchema(None, (), ("match.date_first", "match.date_last")))
    points = []
    for name, days in dates.items():
        match = {}
        if days is not None:
            first, last = (date.fromisoformat(day).toordinal() for day in days)
            match = {"date_first": first, "date_last": last}
        points.append(Point(IDS[name], None, SparseVector((), ()), {"match": match}))
    store.upsert(points)
    return store


def ranked(**scores: float) -> list[Ranked]:
    return [Ranked(IDS[name], score) for name, score in scores.items()]


def plan(method: Method) -> Plan:
    return Plan((), EVERYTHING, 10, method)


STORE = store_of(
    {
        "a": ("1942-01-01", "1942-12-31"),
        "b": ("1942-06-01", "1942-06-30"),
        "c": None,
        "d": ("1950-01-01", "1950-01-01"),
    }
)


@pytest.mark.parametrize(("order", "found"), [(Order.NEWEST, "dabc"), (Order.OLDEST, "abdc")])
def test_a_partial_date_is_as_new_as_its_end_and_as_old_as_its_beginning(
    order: Order, found: str
) -> None:
    entries = ranked(c=9.0, b=8.0, a=7.0, d=6.0)
    ordered = by_date(entries, plan(Method.EVIDENCE), order, STORE)
    assert "".join(NAMES[each.point_id] for each in ordered) == found


def test_what_hardly_answers_is_not_put_first_for_being_new() -> None:
    entries = ranked(b=8.0, a=4.0, d=3.9)
    ordered = by_date(entries, plan(Method.EVIDENCE), Order.NEWEST, STORE)
    assert [NAMES[each.point_id] for each in ordered] == ["a", "b"]


def test_ranks_tell_nothing_of_how_well_a_hit_answers() -> None:
    entries = ranked(b=8.0, a=4.0, d=0.1)
    ordered = by_date(entries, plan(Method.RRF), Order.NEWEST, STORE)
    assert [NAMES[each.point_id] for each in ordered] == ["d", "a", "b"]


def test_equal_dates_stay_in_the_order_of_relevance() -> None:
    same = store_of(dict.fromkeys("abc", ("1942-01-01", "1942-01-01")))
    ordered = by_date(ranked(c=3.0, a=2.5, b=2.0), plan(Method.EVIDENCE), Order.OLDEST, same)
    assert [NAMES[each.point_id] for each in ordered] == ["c", "a", "b"]
