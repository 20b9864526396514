from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.globe import in_box, open_boxes
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.adapters.stores.phrases import (
    PHRASES,
    gathered,
    rewritten_filter,
    scattered,
    text_fault,
    with_phrases,
)
from hybridsearch.analysis.texts import SEPARATOR
from hybridsearch.domain.filters import AnyOf, Filter, HasPhrase, Present, WithinBox
from hybridsearch.errors import ConfigError, InvalidPoint
from hybridsearch.ports import Point, SparseVector, StoreSchema
from tests.contract.stores import quick_folder, uid

KEYS = ("text.caption", "text.people", "deep.er.title", "top")
word = st.text("ab|:ª'é_", min_size=1, max_size=4)
text = st.lists(word, min_size=1, max_size=5).map(" ".join)
others = st.none() | st.integers() | st.lists(text, max_size=2)
payloads = st.fixed_dictionaries(
    {},
    optional={
        "text": st.fixed_dictionaries({}, optional={"caption": text, "people": text, "x": text}),
        "deep": st.just({}) | st.fixed_dictionaries({"er": st.fixed_dictionaries({"title": text})}),
        "top": text,
        "match": st.fixed_dictionaries({"people": others}),
    },
)


@given(payloads)
def test_a_payload_comes_back_as_it_was(payload: dict[str, Any]) -> None:
    before = copy.deepcopy(payload)
    assert text_fault(payload, KEYS) is None
    stored = gathered(payload, KEYS)
    assert payload == before
    assert scattered(stored, KEYS) == before
    assert (PHRASES in stored) == any(
        (
            "caption" in payload.get("text", {}),
            "people" in payload.get("text", {}),
            "er" in payload.get("deep", {}),
            "top" in payload,
        )
    )


def test_words_stand_with_their_field_and_bare() -> None:
    payload = {"text": {"caption": "steam engine", "people": f"ana {SEPARATOR} bor", "x": 1}}
    assert gathered(payload, KEYS) == {
        "text": {"x": 1},
        PHRASES: "caption| caption|steam caption|engine people| people|ana"
        f" people|{SEPARATOR} people|bor {SEPARATOR} steam engine {SEPARATOR} ana {SEPARATOR} bor",
    }


def test_filters_ask_for_words_of_the_field_or_bare_ones() -> None:
    city = AnyOf("city", ("a",))
    asked = Filter(
        must=(HasPhrase(("text.caption",), ("a", "b")), city),
        should=(HasPhrase(KEYS, ("a b",)), Filter(must_not=(Present("text.people"),))),
        must_not=(HasPhrase(("text.caption", "top"), ("a",)), Present("city"), HasPhrase((), ())),
    )
    one = (PHRASES,)
    assert rewritten_filter(asked, KEYS) == Filter(
        must=(Filter(should=(HasPhrase(one, ("caption|a", "caption|b")),)), city),
        should=(HasPhrase(one, ("a b",)), Filter(must_not=(HasPhrase(one, ("people|",)),))),
        must_not=(
            Filter(should=(HasPhrase(one, ("caption|a",)), HasPhrase(one, ("top|a",)))),
            Present("city"),
            Filter(should=(HasPhrase(one, ()),)),
        ),
    )


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (["asset"], ["asset"]),
        (["text"], ["text", PHRASES]),
        (["text.caption"], ["text.caption", PHRASES]),
        (["text.caption.more"], ["text.caption.more", PHRASES]),
        (["textual", "match.text"], ["textual", "match.text"]),
        (["deep"], ["deep", PHRASES]),
        ([], []),
    ],
)
def test_texts_are_read_where_they_are_asked_for(keys: list[str], asked: list[str]) -> None:
    assert with_phrases(keys, KEYS) == asked


def test_texts_are_read_back_by_path() -> None:
    schema = StoreSchema(None, text_keys=("text.caption", "text.people"))
    payload = {"text": {"caption": "a b", "people": "ana", "x": 1}, "asset": "{}"}
    with quick_folder() as folder:
        for store in (MemoryStore(schema), EdgeStore(folder, schema)):
            store.upsert([Point(uid(1), None, SparseVector((), ()), payload)])
            (whole,) = store.retrieve([uid(1)])
            assert whole.payload == payload
            (part,) = store.retrieve([uid(1)], keys=("text.caption",))
            assert part.payload == {"text": {"caption": "a b"}}
            (other,) = store.retrieve([uid(1)], keys=("asset",))
            assert other.payload == {"asset": "{}"}
            ((record,),) = store.scroll(keys=("text",))
            assert record.payload == {"text": payload["text"]}
            store.close()


@pytest.mark.parametrize(
    "payload",
    [
        {"text": {"caption": "two  spaces"}},
        {"text": {"caption": " a"}},
        {"text": {"caption": ""}},
        {"text": {"caption": "a\nb"}},
        {"text": {"caption": ["a"]}},
        {"text": {"caption": 1}},
        {PHRASES: "a"},
    ],
)
def test_texts_that_are_no_words_are_refused(payload: dict[str, Any]) -> None:
    store = MemoryStore(StoreSchema(None, text_keys=("text.caption",)))
    with pytest.raises(InvalidPoint, match=r"text\.caption|_phrases"):
        store.upsert([Point(uid(1), None, SparseVector((), ()), payload)])


def test_keys_must_be_told_apart() -> None:
    with pytest.raises(ConfigError, match="two end in the same name"):
        MemoryStore(StoreSchema(None, text_keys=("a.caption", "b.caption")))


degrees = st.sampled_from([-180.0, -179.5, 0.0, 14.863, 179.99999999, 180.0]) | st.floats(-180, 180)
latitudes = st.sampled_from([-90.0, -45.0, 0.0, 90.0]) | st.floats(-90, 90)


@given(latitudes, degrees, latitudes, degrees, latitudes, degrees)
def test_open_boxes_hold_what_the_closed_one_holds(
    south: float, west: float, north: float, east: float, latitude: float, longitude: float
) -> None:
    box = WithinBox("place", south, west, north, east)
    boxes = open_boxes(box)
    for each in boxes:
        assert each.west < each.east or each.west > 179.99  # never over the 180th but at it
    closed = in_box(box, {"lat": latitude, "lon": longitude})
    opened = any(
        each.south < latitude < each.north
        and (
            each.west < longitude < each.east
            if each.west < each.east
            else longitude > each.west or longitude < each.east
        )
        for each in boxes
    )
    near_an_end = abs(latitude) > 89.9999998 or abs(longitude) > 179.9999997
    assert opened == closed or near_an_end
