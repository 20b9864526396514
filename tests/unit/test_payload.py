from __future__ import annotations

import json
import uuid

from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.analysis.payload import (
    Stamp,
    asset_of,
    lengths_of,
    payload_of,
    point_id,
    stamp_of,
)
from hybridsearch.domain.asset import Asset, Location, Provenance

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


def test_point_ids_are_uuids_of_archive_and_asset() -> None:
    assert point_id("a", "1") == point_id("a", "1")
    assert uuid.UUID(point_id("a", "1")).version == 5
    assert len({point_id("a", "1"), point_id("a", "2"), point_id("b", "1")}) == 3
