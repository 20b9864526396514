from __future__ import annotations

import pytest

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.payload import (
    INTEGER_KEYS,
    KEYWORD_KEYS,
    TEXT_KEYS,
    Stamp,
    payload_of,
    point_id,
)
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.filters import AnyOf, Filter
from hybridsearch.errors import QueryError
from hybridsearch.ports import Point, SparseVector, StoreSchema
from hybridsearch.search.facets import Bar, FacetValue, facets, histogram


def store_of(*assets: Asset) -> MemoryStore:
    store = MemoryStore(StoreSchema(None, KEYWORD_KEYS, INTEGER_KEYS, TEXT_KEYS))
    stamp = Stamp(None, None, None, "")
    store.upsert(
        [
            Point(point_id("x", each.id), None, SparseVector((), ()), payload_of(each, stamp, {}))
            for each in assets
        ]
    )
    return store


STORE = store_of(
    Asset("1", people=("Jack Delano", "Ana"), city="Butte", date_created="1942-10"),
    Asset("2", people=("Jack Delano",), city="Chicago", date_created="1942"),
    Asset("3", people=("Ana",), city="Butte", date_created="1944-01-02"),
    Asset("4", people=("Bea",), date_created="1941-12-31/1942-01-01"),
)


def test_counts_are_exact_most_frequent_first_as_the_archive_spells_them() -> None:
    spelled = {"jack delano": "Jack Delano", "ana": "Ana"}
    [people] = facets(
        STORE, names=["people"], limit=2, display=lambda _, value: spelled.get(value, value)
    )
    assert people.values == (
        FacetValue("ana", "Ana", 2),
        FacetValue("jack delano", "Jack Delano", 2),
    )


def test_a_filter_counts_its_matches_and_empty_facets_are_left_out() -> None:
    found = facets(STORE, Filter(must=(AnyOf("match.city", ("butte",)),)))
    counts = {facet.name: {each.value: each.count for each in facet.values} for facet in found}
    assert counts == {
        "people": {"ana": 2, "jack delano": 1},
        "city": {"butte": 2},
        "year": {"1942": 1, "1944": 1},
    }


def test_an_unknown_facet_is_told() -> None:
    with pytest.raises(QueryError, match="colour"):
        facets(STORE, names=["colour"])


def test_the_histogram_has_every_year_between_the_first_and_the_last() -> None:
    assert histogram(STORE) == (Bar(1942, 1942, 2), Bar(1943, 1943, 0), Bar(1944, 1944, 1))


def test_many_years_are_told_by_decades() -> None:
    store = store_of(Asset("1", date_created="1899"), Asset("2", date_created="1942"))
    bars = histogram(store)
    assert [(bar.first, bar.last) for bar in bars][:2] == [(1890, 1899), (1900, 1909)]
    assert [bar.count for bar in bars] == [1, 0, 0, 0, 0, 1]


def test_nothing_dated_has_no_histogram() -> None:
    assert histogram(store_of(Asset("1"))) == ()
