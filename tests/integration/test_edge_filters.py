"""The embedded engine's filters against the plain rule, on whatever Hypothesis thinks of."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridsearch.adapters.stores.globe import distance_m
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.texts import SEPARATOR
from hybridsearch.domain.filters import (
    AnyOf,
    Between,
    Condition,
    Filter,
    HasPhrase,
    Pictured,
    Present,
    WithinBox,
    WithinRadius,
)
from hybridsearch.ports import Point, SparseQuery, Store
from tests.contract.stores import FILTERED, opened, quick_folder, uid, unit, words

CAPTION, HEADLINE = "text.caption", "text.headline"
WORD = words(t1=1)
PICTURE = unit(1, 0, 0, 0)

tokens = st.sampled_from(["a", "b", "c", "o'brien", "dé", "東京", SEPARATOR])
texts = st.lists(tokens, min_size=1, max_size=6).map(" ".join)
people = st.sampled_from(["ana", "bor", ""])
degrees = st.sampled_from([-180, -179.5, -60, 0, 14.863, 179.999, 180]) | st.floats(-180, 180).map(
    lambda value: round(value, 5)
)
latitudes = st.sampled_from([-89.999999, -45, 0, 45.643, 89.999999]) | st.floats(-89, 89).map(
    lambda value: round(value, 5)
)
locations = st.fixed_dictionaries({"lat": latitudes, "lon": degrees})


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, none, null, or an empty list: all that a payload may have."""
    return values | st.sampled_from([None, []])


matches = st.fixed_dictionaries(
    {},
    optional={
        "people": some(people | st.lists(people, max_size=3)),
        "year": some(st.integers(1940, 1945)),
        "location": locations | st.none(),
    },
)
payloads = st.fixed_dictionaries(
    {"match": matches},
    optional={"text": st.fixed_dictionaries({}, optional={"caption": texts, "headline": texts})},
)
points = st.lists(st.tuples(payloads, st.booleans()), min_size=1, max_size=8)
years = st.none() | st.integers(1939, 1946)

simple: st.SearchStrategy[Condition] = st.one_of(
    st.builds(AnyOf, st.just("match.people"), st.lists(people, max_size=2).map(tuple)),
    st.builds(Between, st.just("match.year"), years, years),
    st.builds(
        HasPhrase,
        st.sampled_from([(CAPTION,), (HEADLINE, CAPTION), FILTERED.text_keys, ()]),
        st.lists(tokens.filter(lambda word: word != SEPARATOR), max_size=3).map(tuple),
    ),
    st.builds(Present, st.sampled_from(["match.people", "match.location", CAPTION, "match.year"])),
    st.just(Pictured()),
    st.builds(WithinBox, st.just("match.location"), latitudes, degrees, latitudes, degrees),
    st.builds(
        WithinRadius,
        st.just("match.location"),
        latitudes,
        degrees,
        st.sampled_from([0.0, 1.0, 1e3]) | st.floats(0, 2.1e7),
    ),
)


def nested(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Filter]:
    some_of = st.lists(inner, max_size=3).map(tuple)
    return st.builds(Filter, some_of, some_of, some_of)


filters = nested(simple | nested(simple | nested(simple)))


def on_the_edge(condition: Condition, payload: dict[str, Any]) -> bool:
    """Whether the engine's arithmetic may round a distance to the circle's other side."""
    if isinstance(condition, Filter):
        inner = (*condition.must, *condition.should, *condition.must_not)
        return any(on_the_edge(each, payload) for each in inner)
    place = payload["match"].get("location")
    if not isinstance(condition, WithinRadius) or place is None:
        return False
    away = distance_m(condition.latitude, condition.longitude, place["lat"], place["lon"])
    return 0 < abs(away - condition.metres) < 0.01


@pytest.fixture(scope="module")
def edge() -> Iterator[Store]:
    with quick_folder() as folder, opened("edge", folder, FILTERED) as store:
        yield store


class Built:
    """No dataclass: Hypothesis would print all of it beside a failing filter."""

    def __init__(self, store: Store, oracle: Store, payloads: list[dict[str, Any]]) -> None:
        self.store = store
        self.oracle = oracle
        self.payloads = payloads


@pytest.fixture(scope="module")
def optimized() -> Iterator[Built]:
    """A store whose indexes have taken their other, read-only form; the same in memory."""
    written = [
        Point(uid(number), PICTURE if number % 3 else None, WORD, payload_by_chance(number))
        for number in range(1, 301)
    ]
    oracle = MemoryStore(FILTERED)
    with quick_folder() as folder, opened("edge-graph", folder, FILTERED) as store:
        for each in (store, oracle):
            each.upsert(written)
            each.delete([uid(number) for number in range(1, 301, 10)])
            each.optimize()
            each.upsert(written[:5])
        yield Built(store, oracle, [dict(each.payload) for each in written])


def payload_by_chance(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    words_in = ["a", "b", "c", "o'brien", "dé", "東京", SEPARATOR]
    payload: dict[str, Any] = {"match": {}, "text": {}}
    if rng.random() < 0.7:
        payload["match"]["people"] = rng.choices(["ana", "bor", ""], k=rng.randrange(3))
    if rng.random() < 0.7:
        payload["match"]["year"] = rng.randrange(1940, 1946)
    if rng.random() < 0.7:
        latitude = rng.choice([-89.999999, 0, 45.643, round(rng.uniform(-89, 89), 5)])
        longitude = rng.choice([-180, 0, 14.863, 180, round(rng.uniform(-180, 180), 5)])
        payload["match"]["location"] = {"lat": latitude, "lon": longitude}
    for name in ("caption", "headline"):
        if rng.random() < 0.6:
            payload["text"][name] = " ".join(rng.choices(words_in, k=rng.randrange(1, 7)))
    return payload


def compare(store: Store, oracle: Store, condition: Filter) -> None:
    query = SparseQuery("words", WORD, 400, condition)
    (ours,), (plain,) = store.rank([query]), oracle.rank([query])
    assert {each.point_id for each in ours.entries} == {each.point_id for each in plain.entries}
    assert store.count(condition) == oracle.count(condition)
    ours_counted = store.facet("match.people", 5, condition)
    assert ours_counted == oracle.facet("match.people", 5, condition)


@settings(max_examples=60, deadline=None)
@given(points, st.lists(filters, min_size=1, max_size=5))
def test_the_same_points_pass_as_by_the_plain_rule(
    edge: Store, drawn: list[tuple[dict[str, Any], bool]], conditions: list[Filter]
) -> None:
    oracle = MemoryStore(FILTERED)
    edge.delete([uid(number) for number in range(1, 9)])
    for store in (edge, oracle):
        store.upsert(
            [
                Point(uid(number), PICTURE if pictured else None, WORD, payload)
                for number, (payload, pictured) in enumerate(drawn, 1)
            ]
        )
    for condition in conditions:
        if not any(on_the_edge(condition, payload) for payload, _ in drawn):
            compare(edge, oracle, condition)


@settings(max_examples=150, deadline=None)
@given(filters)
def test_and_by_indexes_that_were_built_anew(optimized: Built, condition: Filter) -> None:
    if not any(on_the_edge(condition, payload) for payload in optimized.payloads):
        compare(optimized.store, optimized.oracle, condition)
