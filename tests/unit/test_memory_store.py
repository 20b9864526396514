"""The memory store and what all stores share: payload paths, ties, the pipe's form."""

from __future__ import annotations

import io
import math
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.adapters.stores import wire
from hybridsearch.adapters.stores.answers import MARGIN, WIDEST, Answer, Entry, asked_for, settle
from hybridsearch.adapters.stores.matching import passes
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.adapters.stores.payloads import MAX_DEPTH, payload_fault, values_at
from hybridsearch.adapters.stores.points import as_id, as_numbers, is_point_id
from hybridsearch.domain.filters import AnyOf, Between, Filter, WithinBox, WithinRadius
from hybridsearch.domain.ranking import Ranked, Ranking, in_rank_order
from hybridsearch.errors import StoreError
from hybridsearch.ports import Point, PointRecord, SparseVector, StoreSchema

ID = "000000000000000{}"
SCHEMA = StoreSchema(2)
EAST = np.array([1, 0], dtype=np.float32)


class TestMemoryStore:
    def test_keeps_its_own_copy(self) -> None:
        vector, payload = EAST.copy(), {"people": ["Ana"]}
        store = MemoryStore(SCHEMA)
        store.upsert([Point(ID.format(1), vector, SparseVector((1,), (1.0,)), payload)])
        vector[:] = math.nan
        payload["people"].append("Bor")
        (read,) = store.retrieve([ID.format(1)], vectors=True)
        assert read.payload == {"people": ["Ana"]}
        assert read.dense is not None
        read.dense[:] = 0
        read.payload["people"].append("Cene")
        (again,) = store.retrieve([ID.format(1)], vectors=True)
        assert again.payload == {"people": ["Ana"]}
        assert again.dense is not None
        assert again.dense.tolist() == [1, 0]

    def test_takes_tuples_for_lists_as_json_does(self) -> None:
        store = MemoryStore(SCHEMA)
        store.upsert([Point(ID.format(1), None, SparseVector((), ()), {"people": ("Ana", "Bor")})])
        assert store.retrieve([ID.format(1)])[0].payload == {"people": ["Ana", "Bor"]}
        assert store.count(Filter(must=(AnyOf("people", ("Bor",)),))) == 1


class TestPayloads:
    @pytest.mark.parametrize(
        ("path", "values"),
        [
            ("a", [1]),
            ("b.c", ["x", "y"]),
            ("b", [{"c": ["x", "y"]}]),
            ("b.d", []),
            ("a.c", []),
            ("none", []),
            ("missing", []),
        ],
    )
    def test_values_at_a_path(self, path: str, values: list[Any]) -> None:
        payload = {"a": 1, "b": {"c": ["x", "y"]}, "none": None}
        assert values_at(payload, path) == values

    def test_a_range_is_of_integers(self) -> None:
        others: list[Any] = [True, 1.0, "1", None, [], {}]
        for value in others:
            assert not passes({"n": value}, Between("n")), value
        assert passes({"n": [None, 7]}, Between("n", 7, 7))

    @pytest.mark.parametrize(
        "place", ["1, 2", 1, {}, {"lat": 1}, {"lat": "1", "lon": 2}, {"lat": True, "lon": 2}, [[1]]]
    )
    def test_a_location_is_two_numbers(self, place: Any) -> None:
        for condition in (WithinBox("at", -90, -180, 90, 180), WithinRadius("at", 0, 0, 3e7)):
            assert not passes({"at": place}, condition), place
            assert passes({"at": [place, {"lat": 1, "lon": 2.5}]}, condition), place

    def test_nesting_has_an_end(self) -> None:
        deep: list[Any] = []
        for _ in range(MAX_DEPTH + 2):
            deep = [deep]
        fault = payload_fault({"a": deep})
        assert fault is not None
        assert "nested deeper" in fault[0]
        assert payload_fault([("a", 1)]) is not None  # type: ignore[arg-type]


entries = st.lists(
    st.tuples(st.integers(-3, 0).map(float), st.integers(0, 2**64 - 1) | st.integers(0, 400)),
    max_size=80,
    unique_by=lambda entry: entry[1],
)


class TestIds:
    @given(st.integers(0, 2**64 - 1))
    def test_a_number_has_one_name(self, number: int) -> None:
        assert is_point_id(as_id(number))
        assert as_numbers([as_id(number)]) == [number]
        assert as_id(number) == f"{number:016x}"

    def test_a_point_named_as_before_is_told(self) -> None:
        with pytest.raises(StoreError, match="An earlier version") as caught:
            as_id(UUID(int=7))
        assert "Ingest the archive again" in caught.value.remedy


class TestTies:
    @given(entries, st.integers(1, 20), st.randoms())
    def test_are_settled_as_if_all_had_been_ordered(
        self, everything: list[Entry], limit: int, random: Any
    ) -> None:
        def engine(wanted: int) -> list[Entry]:
            shuffled = random.sample(everything, len(everything))
            return sorted(shuffled, key=lambda entry: entry[0])[:wanted]

        settled = settle(limit, engine(asked_for(limit)), engine)
        assert settled == sorted(everything)[:limit]

    def test_without_end_are_left_to_the_engine(self) -> None:
        asked = []

        def engine(wanted: int) -> list[Entry]:
            asked.append(wanted)
            return [(-1.0, number) for number in range(wanted)]

        assert len(settle(10, engine(10 + MARGIN), engine)) == 10
        assert max(asked) == WIDEST


class TestWire:
    @given(entries)
    def test_rankings_come_back(self, found: list[Entry]) -> None:
        answer = Answer("leg", sorted(found))
        in_order = [Ranked(as_id(number), -minus) for minus, number in sorted(found)]
        ranking = Ranking.of("leg", in_order)
        assert list(ranking.entries) == list(in_rank_order(in_order))
        assert wire.unpack_ranking(wire.pack_answer(answer)) == ranking
        assert Answer.of(ranking) == answer

    def test_points_and_records_come_back(self) -> None:
        big = SparseVector((0, 2**32 - 1), (0.5, 2.0))
        empty = SparseVector((), ())
        points = [
            Point(ID.format(1), EAST, big, {"a": [1]}),
            Point(ID.format(2), None, empty, {}),
            Point(ID.format(3), -EAST, empty, {"b": None}),
        ]
        back = wire.unpack_points(wire.pack_points(points))
        assert [each.id for each in back] == [each.id for each in points]
        assert [each.sparse for each in back] == [big, empty, empty]
        assert [each.payload for each in back] == [{"a": [1]}, {}, {"b": None}]
        assert [None if each.dense is None else each.dense.tolist() for each in back] == [
            [1, 0],
            None,
            [-1, 0],
        ]
        bare = [PointRecord(each.id, each.payload) for each in points]
        assert wire.unpack_records(wire.pack_records(bare)) == bare
        assert wire.unpack_records(wire.pack_records([])) == []

    def test_half_a_frame_is_an_end(self) -> None:
        pipe = io.BytesIO()
        wire.send(pipe, {"a": 1})
        whole = pipe.getvalue()
        assert wire.receive(io.BytesIO(whole)) == {"a": 1}
        for cut in (0, 3, 8, len(whole) - 1):
            with pytest.raises(EOFError):
                wire.receive(io.BytesIO(whole[:cut]))
