from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.search.duplicates import NEAR, near_duplicates

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
    hashes = [looks(each) for each in (*originals, *copies)]
    assert near_duplicates(hashes) == [*[None] * 600, *range(400)]
