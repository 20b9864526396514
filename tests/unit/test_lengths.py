"""Average lengths that are kept up with what is written: exact, and no reading of the store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.bm25f import LengthSums, average_lengths
from hybridsearch.errors import StoreError
from hybridsearch.ingest.lengths import KeptLengths
from hybridsearch.ports import Point, PointRecord, SparseVector, StoreSchema

Lengths = Mapping[str, int]

DOCUMENTS = st.dictionaries(st.sampled_from(["caption", "people", "city"]), st.integers(0, 9))


class CountingStore(MemoryStore):
    """Counts how often it was read whole."""

    def __init__(self) -> None:
        super().__init__(StoreSchema(None))
        self.read = 0

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        self.read += 1
        return super().scroll(batch=batch, keys=keys)


def put(store: MemoryStore, number: int, lengths: Lengths) -> None:
    store.upsert(
        [Point(f"{number:016x}", None, SparseVector((), ()), {"lengths": json.dumps(lengths)})]
    )


def nothing(done: int) -> None:
    """Nobody watches."""


@given(st.lists(st.tuples(st.integers(1, 5), st.none() | DOCUMENTS)))
def test_they_are_those_of_all_documents_and_nothing_is_read(
    changes: list[tuple[int, Lengths | None]],
) -> None:
    store = CountingStore()
    kept = KeptLengths(store)
    there: dict[int, Lengths] = {}
    for number, lengths in changes:
        gone = [there[number]] if number in there else []
        if lengths is None:
            with kept.changing(gone):
                store.delete([f"{number:016x}"])
            there.pop(number, None)
        else:
            with kept.changing(gone, [lengths]):
                put(store, number, lengths)
            there[number] = lengths
    assert kept.sums(nothing).averages() == pytest.approx(average_lengths(there.values()))
    assert store.read == (0 if changes else 1)


@given(st.lists(DOCUMENTS), st.lists(DOCUMENTS))
def test_sums_go_on_from_what_was_told(before: list[Lengths], later: list[Lengths]) -> None:
    told = LengthSums()
    for each in before:
        told.add(each)
    again = LengthSums(told.documents, told.having, told.averages())
    for each in later:
        again.add(each)
    for each in before:
        again.remove(each)
    assert again.documents == len(later)
    assert again.averages() == average_lengths(later)


def test_a_store_that_held_something_is_read_once() -> None:
    store = CountingStore()
    put(store, 1, {"caption": 4})
    kept = KeptLengths(store)
    with kept.changing([], [{"caption": 8}]):
        put(store, 2, {"caption": 8})
    assert kept.sums(nothing).averages() == {"caption": 6}
    with kept.changing([{"caption": 4}]):
        store.delete([f"{1:016x}"])
    assert kept.sums(nothing).averages() == {"caption": 8}
    assert store.read == 1
    assert kept.sums(nothing, again=True).averages() == {"caption": 8}
    assert store.read == 2


def test_what_others_wrote_is_read() -> None:
    store = CountingStore()
    kept = KeptLengths(store)
    with kept.changing([], [{"caption": 8}]):
        put(store, 1, {"caption": 8})
    put(store, 2, {"caption": 2})
    heard: list[int] = []
    assert kept.sums(heard.append).averages() == {"caption": 5}
    assert (store.read, heard) == (1, [2])


def test_after_a_write_that_failed_the_store_is_read() -> None:
    store = CountingStore()
    kept = KeptLengths(store)
    with pytest.raises(StoreError), kept.changing([], [{"caption": 8}]):
        put(store, 1, {"caption": 8})
        raise StoreError("the disk is full", "make room")
    assert kept.sums(nothing).averages() == {"caption": 8}
    assert store.read == 1
