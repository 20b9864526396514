from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.adapters.stores.points import check_points
from hybridsearch.analysis.payload import (
    INTEGER_KEYS,
    KEYWORD_KEYS,
    LOCATION_KEYS,
    ORIENTATIONS,
    TEXT_KEYS,
    Stamp,
    asset_of,
    lengths_of,
    orientation_of,
    payload_of,
    point_id,
    stamp_of,
)
from hybridsearch.analysis.texts import SEPARATOR, compared_words
from hybridsearch.domain.asset import Asset, Location, Provenance
from hybridsearch.ports import Point, SparseVector, StoreSchema

text = st.text(min_size=1, max_size=20)
maybe = st.none() | text
assets = st.builds(
    Asset,
    id=text,
    uri=maybe,
    headline=maybe,
    caption=maybe,
    keywords=st.lists(text, max_size=3).map(tuple),
    people=st.lists(text, max_size=3).map(tuple),
    event=maybe,
    city=maybe,
    location=st.none()
    | st.builds(
        Location,
        latitude=st.floats(-90, 90, allow_nan=False),
        longitude=st.floats(-180, 180, allow_nan=False),
    ),
    date_created=st.none() | st.dates().map(lambda day: day.isoformat()),
    extra=st.dictionaries(text, text, max_size=3),
    width=st.none() | st.integers(1, 10_000),
    provenance=st.dictionaries(st.sampled_from(["caption", "city"]), st.sampled_from(Provenance)),
)
STAMP = Stamp(10, 20, "hash", "fields")


@given(assets)
def test_an_asset_survives_its_payload_as_json(asset: Asset) -> None:
    payload = json.loads(json.dumps(payload_of(asset, STAMP, {"caption": 3})))
    assert asset_of(payload) == asset
    assert stamp_of(payload) == STAMP
    assert lengths_of(payload) == {"caption": 3}


def test_filters_compare_folded_values_and_days() -> None:
    asset = Asset("IMG 1", people=("Aleš  KREMENŠEK",), date_created="1942-02")
    match = payload_of(asset, STAMP, {})["match"]
    assert match["people"] == ["ales kremensek"]
    assert match["id"] == ["IMG 1"]
    assert match["date_last"] - match["date_first"] == 27


def payload(**fields: Any) -> dict[str, Any]:
    return payload_of(Asset("a", **fields), STAMP, {})


def test_texts_are_compared_words_and_values_stay_apart() -> None:
    texts = payload(
        headline="The  Steam-Engine: No. 9!",
        caption="L’avion d'Élise, Gorky's dog",
        people=("Aleš KREMENŠEK", "?!", "Ana"),
        city="Kočevje",
        country="Slovenia",
        usage_terms="© 1942",
        ocr_text="?",
    )["text"]
    assert texts == {
        "headline": "the steam engine no 9",
        "caption": "l'avion d'elise gorky's dog",
        "people": f"ales kremensek {SEPARATOR} ana",
        "place": f"kocevje {SEPARATOR} slovenia",
        "usage_terms": "1942",
    }
    assert "text" not in payload(caption="...")


@given(st.text(max_size=60))
def test_compared_words_are_words_whatever_the_text(value: str) -> None:
    words = compared_words(value)
    assert SEPARATOR not in words
    assert all(word and word == "".join(word.split()) for word in words)


@given(assets)
def test_every_payload_fits_into_a_store(asset: Asset) -> None:
    schema = StoreSchema(None, KEYWORD_KEYS, INTEGER_KEYS, TEXT_KEYS, LOCATION_KEYS)
    made = payload_of(asset, STAMP, {})
    check_points([Point(point_id("x", "1"), None, SparseVector((), ()), made)], schema)


@pytest.mark.parametrize(
    ("date", "year"),
    [("1942", "1942"), ("0942-02", "0942"), ("2024-06-30T23:59:00", "2024"), ("soon", None)],
)
def test_the_year_is_a_value_of_its_own(date: str, year: str | None) -> None:
    assert payload(date_created=date)["match"].get("year") == year


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1500, 1000), "landscape"),
        ((1000, 1500), "portrait"),
        ((1000, 1000), "square"),
        ((1040, 1000), "square"),
        ((1000, 1040), "square"),
        ((1050, 1000), "landscape"),
        ((2000, 1000), "panorama"),
        ((1999, 1000), "landscape"),
        ((1000, 2000), "portrait"),
        ((1, 1), "square"),
        ((2, 1), "panorama"),
    ],
)
def test_shapes(size: tuple[int, int], shape: str) -> None:
    assert orientation_of(*size) == shape
    width, height = size
    assert payload(width=width, height=height)["match"]["orientation"] == shape
    assert shape in ORIENTATIONS


def test_a_picture_of_unknown_size_has_no_shape() -> None:
    assert "orientation" not in payload(width=10)["match"]


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ((46.05, 14.5), {"lat": 46.05, "lon": 14.5}),
        ((90.0, 10.0), {"lat": 89.999999, "lon": 10.0}),
        ((-90.0, -180.0), {"lat": -89.999999, "lon": -180.0}),
        ((91.0, 0.0), None),
        ((0.0, 180.5), None),
        ((float("nan"), 0.0), None),
    ],
)
def test_locations_are_places_on_the_globe(
    place: tuple[float, float], kept: dict[str, float] | None
) -> None:
    assert payload(location=Location(*place))["match"].get("location") == kept


def test_looks_stand_beside_the_rest() -> None:
    assert payload(perceptual_hash="00ff00ff00ff00ff")["looks"] == "00ff00ff00ff00ff"
    assert "looks" not in payload()


def test_point_ids_are_numbers_of_64_bits_from_archive_and_asset() -> None:
    assert point_id("a", "1") == "4bf63f0a777e8611"
    assert len({point_id("a", "1"), point_id("a", "2"), point_id("b", "1")}) == 3
    made = [int(point_id("a", str(number)), 16) for number in range(2000)]
    assert 900 < sum(each >= 2**63 for each in made) < 1100  # all 64 bits are used
    assert len(set(made)) == 2000
