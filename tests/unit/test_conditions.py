from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import pytest

from hybridsearch.adapters.stores.matching import passes
from hybridsearch.analysis.payload import Stamp, payload_of
from hybridsearch.domain.asset import Asset, Location
from hybridsearch.domain.filters import AnyOf, Between, Condition, Filter, HasPhrase
from hybridsearch.errors import QueryError
from hybridsearch.search.conditions import (
    field_has,
    field_is,
    filter_from,
    has,
    in_box,
    taken,
    within,
)

ASSET = Asset(
    "IMG 1",
    caption="Steam engine at the Melamin works",
    people=("Jack Delano", "Aleš Kremenšek"),
    city="Kočevje",
    country="Slovenia",
    creator="John Vachon",
    usage_terms="No known restrictions",
    date_created="1942-10",
    location=Location(45.643, 14.863),
    language="en",
    media_type="image/jpeg",
    width=1500,
    height=700,
)
BARE = Asset("2", caption="Engine")


def holds(condition: Condition, asset: Asset = ASSET, pictured: bool = True) -> bool:
    return passes(payload_of(asset, Stamp(None, None, None, ""), {}), condition, pictured)


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


def test_clauses_of_words_and_short_names() -> None:
    made = filter_from(["by = A", "photographer=B", "caption ~ Steam Engine", "caption!~ wife"])
    assert made == Filter(
        must=(
            AnyOf("match.creator", ("a", "b")),
            HasPhrase(("text.caption",), ("steam", "engine")),
        ),
        must_not=(HasPhrase(("text.caption",), ("wife",)),),
    )


def test_values_may_hold_any_sign() -> None:
    assert filter_from(["credit=A=B ~ C!"]) == Filter(
        must=(AnyOf("match.credit", ("a=b ~ c!",)),),
    )


def test_no_clause_is_no_filter() -> None:
    assert not filter_from([])


@pytest.mark.parametrize(
    ("clauses", "since", "told"),
    [
        (["city"], None, "city"),
        (["city="], None, "city="),
        (["=Butte"], None, "=Butte"),
        (["town=Butte"], None, "town"),
        (["town~Butte"], None, "town"),
        (["caption=engine"], None, "caption"),
        (["caption~?!"], None, "?!"),
        ([], "yesterday", "yesterday"),
    ],
)
def test_what_cannot_be_read_is_named(clauses: list[str], since: str | None, told: str) -> None:
    with pytest.raises(QueryError) as error:
        filter_from(clauses, since)
    assert told in error.value.message
    assert error.value.remedy


HOLDING: dict[str, Condition] = {
    "value": field_is("people", "ALES  kremensek"),
    "one of": field_is("city", "Butte", "kocevje"),
    "id": field_is("id", "IMG 1"),
    "short name": field_is("photographer", "john vachon"),
    "any part of the place": field_is("in", "Slovenia"),
    "date": field_is("date", "1942"),
    "day within": field_is("date", "1942-10-31"),
    "one of the dates": field_is("date", "1800", "1942-10"),
    "rights": field_is("rights", "no known restrictions"),
    "language": field_is("lang", "EN"),
    "words": field_has("caption", "the Melamin"),
    "accents": field_has("person", "Kremensek"),
    "place": field_has("in", "kočevje"),
    "has people": has("people"),
    "has a place": has("in"),
    "has a caption": has("description"),
    "has a picture": has("picture"),
    "has a location": has("location"),
    "has a date": has("date"),
    "box": in_box(45, 14, 46, 15),
    "circle": within(45.6, 14.9, 6_000),
    "span": Filter(must=taken("1942-10-15", None)),
}


@pytest.mark.parametrize("name", HOLDING)
def test_conditions_hold_for_what_they_describe_and_for_nothing_else(name: str) -> None:
    assert holds(HOLDING[name])
    bare = holds(HOLDING[name], BARE, pictured=False)
    assert bare == (name == "has a caption")


NOT_HOLDING: dict[str, Condition] = {
    "other value": field_is("city", "Butte"),
    "part of a value": field_is("people", "Jack"),
    "day after": field_is("date", "1942-11-01"),
    "over two people": field_has("people", "Delano Ales"),
    "part of a word": field_has("caption", "melam"),
    "too far": within(45.6, 14.9, 5_000),
}


@pytest.mark.parametrize("name", NOT_HOLDING)
def test_conditions_that_do_not_hold(name: str) -> None:
    assert not holds(NOT_HOLDING[name])


UNREADABLE: dict[str, tuple[Callable[[], object], str]] = {
    "no field": (lambda: field_is("town", "x"), "'town'"),
    "no value": (lambda: field_is("city"), "'city'"),
    "a field of text": (lambda: field_is("caption", "x"), "'caption'"),
    "a clause": (lambda: field_is("near", "x"), "'near'"),
    "a field of values": (lambda: field_has("lang", "x"), "'lang'"),
    "no word": (lambda: field_has("caption", "?!"), "'?!'"),
    "nothing to have": (lambda: has("hope"), "'hope'"),
    "no date": (lambda: field_is("date", "soon"), "'soon'"),
    "no latitude": (lambda: in_box(0, 0, 91, 1), "latitude 91"),
    "no longitude": (lambda: within(0, 181, 1), "longitude 181"),
    "no number": (lambda: within(math.nan, 0, 1), "latitude nan"),
    "upside down": (lambda: in_box(2, 0, 1, 1), "south (2)"),
    "no radius": (lambda: within(0, 0, -1), "-1 m"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_there_is_not_is_named_with_the_choices(name: str) -> None:
    made, told = UNREADABLE[name]
    with pytest.raises(QueryError) as error:
        made()
    assert told in error.value.message
    assert error.value.remedy
