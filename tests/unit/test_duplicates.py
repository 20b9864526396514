from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.payload import LOOKS_KEY
from hybridsearch.ports import Point, SparseVector, StoreSchema
from hybridsearch.search.duplicates import NEAR, Fold, fold, looks_of, near_duplicates

bits = st.integers(0, 2**64 - 1)
flips = st.lists(st.integers(0, 63), max_size=9)


def looks(value: int) -> str:
    return f"{value:016x}"


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@st.composite
def families(draw: st.DrawFn) -> list[str | None]:
    """Hashes that lie about a few, some just beyond the threshold, some missing."""
    centres = draw(st.lists(bits, min_size=1, max_size=3))
    found: list[str | None] = []
    for centre, flipped in draw(st.lists(st.tuples(st.sampled_from(centres), flips), max_size=25)):
        value = centre
        for bit in flipped:
            value ^= 1 << bit
        found.append(looks(value))
    missing = draw(st.sets(st.integers(0, 24), max_size=5))
    return [None if at in missing else each for at, each in enumerate(found)]


def by_the_book(hashes: list[str | None]) -> list[int | None]:
    into: list[int | None] = []
    for at, each in enumerate(hashes):
        stays = (n for n in range(at) if into[n] is None)
        near = (
            first
            for first in stays
            if each is not None
            and (other := hashes[first]) is not None
            and apart(each, other) <= NEAR
        )
        into.append(next(near, None))
    return into


@given(families())
def test_each_folds_into_the_first_that_stays_and_looks_like_it(hashes: list[str | None]) -> None:
    assert near_duplicates(hashes) == by_the_book(hashes)


@given(families())
def test_a_fold_loses_nothing_and_keeps_the_order(hashes: list[str | None]) -> None:
    ids = [f"id {number}" for number in range(len(hashes))]
    known = {each: found for each, found in zip(ids, hashes, strict=True) if found is not None}
    folds = fold(ids, known)
    kept = [each.point_id for each in folds]
    assert kept == [each for each in ids if each in set(kept)]
    assert sorted(point for each in folds for point in (each.point_id, *each.folded)) == sorted(ids)
    assert sum(each.count for each in folds) == len(ids)
    for each in folds:
        assert list(each.folded) == [point for point in ids if point in set(each.folded)]
        assert all(apart(known[each.point_id], known[point]) <= NEAR for point in each.folded)


def test_the_threshold_is_included_and_one_bit_more_is_not() -> None:
    near, far = looks(2**NEAR - 1), looks(2 ** (NEAR + 1) - 1)
    assert near_duplicates([looks(0), near, far]) == [None, 0, None]
    assert near_duplicates([looks(0), far, near]) == [None, None, 0]
    assert near_duplicates([looks(0), far], near=NEAR + 1) == [None, 0]


def test_what_was_folded_folds_nothing() -> None:
    chain = [looks(2 ** (4 * step) - 1) for step in range(4)]
    assert near_duplicates(chain) == [None, 0, None, 2]


def test_all_bits_count() -> None:
    assert near_duplicates(["f" * 16, "f" * 16, "0" * 16, "8" + "0" * 15]) == [None, 0, None, 2]


def test_a_thousand_candidates() -> None:
    rng = random.Random(4)
    originals = [rng.getrandbits(64) for _ in range(600)]
    copies = [each ^ (1 << rng.randrange(64)) for each in originals[:400]]
    ids = [str(number) for number in range(1000)]
    hashes = [looks(each) for each in (*originals, *copies)]
    folds = fold(ids, dict(zip(ids, hashes, strict=True)))
    assert folds[:3] == tuple(Fold(str(n), (str(600 + n),)) for n in range(3))
    assert len(folds) == 600


def test_hashes_are_read_from_the_store() -> None:
    ids = [f"{number:016x}" for number in range(3)]
    store = MemoryStore(StoreSchema(None))
    empty = SparseVector((), ())
    store.upsert(
        [Point(ids[0], None, empty, {LOOKS_KEY: looks(1)}), Point(ids[1], None, empty, {})]
    )
    assert looks_of(store, ids) == {ids[0]: looks(1)}
