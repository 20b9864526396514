from __future__ import annotations

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.payload import LOOKS_KEY, Stamp, payload_of, point_id
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.ranking import Ranked
from hybridsearch.domain.results import Explanation, Hit
from hybridsearch.ports import Point, SparseVector, StoreSchema
from hybridsearch.search.folding import Folding, folded

LOOKS = {"a": "0" * 16, "b": "0" * 15 + "1", "c": "f" * 16, "d": None}
ENTRIES = tuple(Ranked(point_id("x", name), 4.0 - n) for n, name in enumerate(LOOKS))


def store_of(looks: dict[str, str | None]) -> MemoryStore:
    store = MemoryStore(StoreSchema(None))
    for name, each in looks.items():
        asset = Asset(id=name, perceptual_hash=each)
        payload = payload_of(asset, Stamp(None, None, None, ""), {})
        assert payload.get(LOOKS_KEY) == each
        store.upsert([Point(point_id("x", name), None, SparseVector((), ()), payload)])
    return store


def hit(rank: int, name: str) -> Hit:
    return Hit(rank, 5.0 - rank, Asset(id=name), Explanation("", (), ()))


def test_a_list_is_folded_with_the_names_of_what_went() -> None:
    store = store_of(LOOKS)
    folding = folded(ENTRIES, store)
    kept = [point_id("x", name) for name in ("a", "c", "d")]
    assert [each.point_id for each in folding.entries] == kept
    hits = folding.counted([hit(1, "a"), hit(2, "c")], "x", store)
    assert [each.twins for each in hits] == [("b",), ()]


def test_a_list_that_was_not_folded_has_no_twins() -> None:
    store = store_of(LOOKS)
    assert Folding(ENTRIES).counted([hit(1, "a")], "x", store) == (hit(1, "a"),)
