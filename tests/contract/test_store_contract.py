"""One contract, every store: the same calls, the same answers within tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import numpy as np
import pytest
from qdrant_client import QdrantClient

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.adapters.stores.qdrant import QdrantStore
from hybridsearch.adapters.stores.qdrant_errors import server_errors
from hybridsearch.domain.filters import AnyOf, Between, Filter
from hybridsearch.domain.ranking import Ranking, in_rank_order
from hybridsearch.errors import InvalidPoint, StoreError, StoreUnavailable
from hybridsearch.ports import (
    DenseQuery,
    Point,
    RankQuery,
    SparseQuery,
    SparseVector,
    Store,
    StoreSchema,
)
from tests.contract.stores import (
    KINDS,
    SCHEMA,
    WORDS_ONLY,
    numbers,
    opened,
    point,
    quick_folder,
    random_points,
    stop_containers,
    uid,
    unit,
    words,
)

ALL_KINDS = [*KINDS, pytest.param("server", marks=pytest.mark.server)]
EAST = unit(1, 0, 0, 0)
NORTH = unit(0, 1, 0, 0)
NORTH_EAST = unit(1, 1, 0, 0)


@pytest.fixture(scope="module", autouse=True)
def _containers() -> Iterator[None]:
    yield
    stop_containers()


@pytest.fixture(params=ALL_KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made


@pytest.fixture(scope="module")
def engine_process() -> Iterator[Store]:
    """One for all tests: starting an interpreter for each would take most of their time."""
    with quick_folder() as folder, opened("engine-process", folder) as made:
        yield made


@pytest.fixture
def store(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    if kind == "engine-process":
        yield emptied(request.getfixturevalue("engine_process"))
        return
    with opened(kind, folder) as made:
        yield made


def emptied(store: Store) -> Store:
    store.delete([record.id for batch in store.scroll(keys=[]) for record in batch])
    store.flush()
    store.optimize()
    return store


@pytest.fixture
def words_store(kind: str, folder: Path) -> Iterator[Store]:
    with opened(kind, folder, WORDS_ONLY) as made:
        yield made


def dense(store: Store, vector: Any = EAST, limit: int = 10, **kwargs: Any) -> Ranking:
    (ranking,) = store.rank([DenseQuery("dense", vector, limit, **kwargs)])
    return ranking


def sparse(store: Store, vector: SparseVector, limit: int = 10, **kwargs: Any) -> Ranking:
    (ranking,) = store.rank([SparseQuery("sparse", vector, limit, **kwargs)])
    return ranking


def found(ranking: Ranking) -> list[int]:
    return numbers([entry.point_id for entry in ranking.entries])


def scores(ranking: Ranking) -> list[float]:
    return [entry.score for entry in ranking.entries]


def idf(points: int, df: int) -> float:
    return math.log(1 + (points - df + 0.5) / (df + 0.5))


CAST = [
    point(1, EAST, words(t1=1, t2=2), match={"people": ["Ana", "Bor"]}, city="Maribor", year=1942),
    point(2, None, words(t1=1), match={"people": "Ana"}, city="Ljubljana", year=1950),
    point(3, NORTH_EAST, words(), city=None, year=2000),
    point(4, NORTH),
    point(5, -EAST, words(t7=3), match={"people": []}, city=["Maribor", "Celje"]),
]


class TestRanking:
    def test_dense_ranks_by_cosine_the_points_that_have_a_picture(self, store: Store) -> None:
        store.upsert(CAST)
        ranking = dense(store)
        assert ranking.leg == "dense"
        assert found(ranking) == [1, 3, 4, 5]
        assert scores(ranking) == pytest.approx([1, math.sqrt(0.5), 0, -1], abs=1e-6)

    def test_exact_gives_the_same(self, store: Store) -> None:
        store.upsert(CAST)
        assert found(dense(store, exact=True)) == [1, 3, 4, 5]

    def test_sparse_sums_query_weight_document_weight_and_idf(self, store: Store) -> None:
        store.upsert(CAST)
        ranking = sparse(store, words(t1=0.5, t2=3))
        assert found(ranking) == [1, 2]
        common, rare = idf(3, 2), idf(3, 1)
        expected = [0.5 * common + 3 * 2 * rare, 0.5 * common]
        assert scores(ranking) == pytest.approx(expected, rel=1e-5)

    def test_points_that_share_no_term_are_not_in_the_answer(self, store: Store) -> None:
        store.upsert(CAST)
        assert found(sparse(store, words(t99=1))) == []
        assert found(sparse(store, words(t7=1, t99=1))) == [5]

    def test_an_empty_query_an_empty_store_and_no_limit_find_nothing(self, store: Store) -> None:
        assert found(dense(store)) == []
        assert found(sparse(store, words(t1=1))) == []
        store.upsert(CAST)
        assert found(sparse(store, words())) == []
        assert found(dense(store, limit=0)) == []

    def test_several_queries_are_answered_in_the_order_asked(self, store: Store) -> None:
        store.upsert(CAST)
        rankings = store.rank(
            [
                SparseQuery("words", words(t7=1), 5),
                DenseQuery("north", NORTH, 1),
                SparseQuery("nothing", words(), 5),
                DenseQuery("east", EAST, 2, Filter(must=(Between("year", 1999),))),
            ]
        )
        assert [each.leg for each in rankings] == ["words", "north", "nothing", "east"]
        assert [found(each) for each in rankings] == [[5], [4], [], [3]]
        assert store.rank([]) == []

    def test_completing_scores_what_only_the_others_listed(self, store: Store) -> None:
        points = random_points(120, 5)
        store.upsert(points)
        rng = np.random.default_rng(5)
        terms = SparseVector(tuple(range(1, 30)), tuple(rng.uniform(0.5, 2, 29).tolist()))
        queries: list[RankQuery] = [
            DenseQuery("looks", unit(*rng.normal(size=4)), 15),
            SparseQuery("words", terms, 15),
        ]
        plain = store.rank(queries)
        rankings = store.rank(queries, complete=True)
        assert [found(each) for each in rankings] == [found(each) for each in plain]
        whole = store.rank([replace(each, limit=len(points)) for each in queries])
        listed = {entry.point_id for each in plain for entry in each.entries}
        assert len(listed) > 20
        for each, by_all in zip(rankings, whole, strict=True):
            own = {entry.point_id for entry in each.entries}
            expected = {
                entry.point_id: entry.score
                for entry in by_all.entries
                if entry.point_id in listed - own
            }
            assert dict(each.scored) == pytest.approx(expected, rel=1e-4, abs=1e-5)
            assert list(each.scored) == list(in_rank_order(each.scored))

    def test_completing_leaves_out_what_has_no_term_and_no_picture(self, store: Store) -> None:
        store.upsert([point(1, EAST, words(t1=1)), point(2, NORTH, words(t2=1))])
        store.upsert([point(3, None, words(t1=2))])
        looks, by_words = store.rank(
            [DenseQuery("looks", EAST, 1), SparseQuery("words", words(t1=1), 5)], complete=True
        )
        assert found(looks) == [1]
        assert looks.scored == ()
        assert found(by_words) == [3, 1]
        assert by_words.scored == ()
        north, full = store.rank(
            [DenseQuery("looks", NORTH, 1), SparseQuery("words", words(t1=1), 1)], complete=True
        )
        assert (found(north), found(full)) == ([2], [3])
        assert north.scored == ()  # asset 3 has no picture
        assert full.scored == ()  # asset 2 has no such term

    def test_points_are_listed_by_a_number_instead_of_ranked(self, store: Store) -> None:
        store.upsert([point(n, EAST, words(t1=1), year=1900 + n % 3) for n in (1, 2, 3, 4, 5)])
        store.upsert([point(6, EAST), point(7, None), point(8, EAST, year=1990, city="x")])
        newest = store.dated("year", 10)
        assert found(newest) == [8, 2, 5, 1, 4, 3, 6, 7]
        assert [entry.score for entry in newest.entries][:2] == [1990, 1902]
        assert found(store.dated("year", 10, newest=False)) == [3, 1, 4, 2, 5, 8, 6, 7]
        assert found(store.dated("year", 2)) == [8, 2]
        assert found(store.dated("year", 0)) == []
        only = Filter(must=(AnyOf("city", ("x",)),))
        assert found(store.dated("year", 5, only)) == [8]
        old = Filter(must=(Between("year", high=1901),))
        assert found(store.dated("year", 3, old)) == [1, 4, 3]

    def test_many_points_of_one_day_are_listed_by_id(self, store: Store) -> None:
        store.upsert([point(n, EAST, year=1942) for n in range(60, 0, -1)])
        assert found(store.dated("year", 20)) == list(range(1, 21))

    def test_term_ids_use_all_32_bits(self, store: Store) -> None:
        store.upsert([point(1, EAST, words(t0=1, t4294967295=1)), point(2, EAST, words(t5=1))])
        assert found(sparse(store, words(t4294967295=1))) == [1]
        assert found(sparse(store, words(t0=1))) == [1]

    def test_ties_are_broken_by_id_also_where_the_limit_cuts(self, store: Store) -> None:
        order = np.random.default_rng(3).permutation(60) + 1
        store.upsert([point(int(each), EAST, words(t1=1)) for each in order])
        store.upsert([point(99, NORTH, words(t1=2, t2=1))])
        assert found(dense(store, limit=7)) == [1, 2, 3, 4, 5, 6, 7]
        assert found(sparse(store, words(t1=1), limit=4)) == [99, 1, 2, 3]


FILTERS = [
    (Filter(), [1, 2, 3, 4, 5]),
    (Filter(must=(AnyOf("match.people", ("Ana",)),)), [1, 2]),
    (Filter(must=(AnyOf("match.people", ("Bor", "Nobody")),)), [1]),
    (Filter(must=(AnyOf("match.people", ()),)), []),
    (Filter(must=(AnyOf("city", ("Maribor",)),)), [1, 5]),
    (Filter(must_not=(AnyOf("match.people", ("Ana",)),)), [3, 4, 5]),
    (Filter(must_not=(AnyOf("city", ("Maribor", "Ljubljana")),)), [3, 4]),
    (Filter(must=(Between("year", 1942, 1950),)), [1, 2]),
    (Filter(must=(Between("year", low=1943),)), [2, 3]),
    (Filter(must=(Between("year", high=1949),)), [1]),
    (Filter(must=(Between("year"),)), [1, 2, 3]),
    (Filter(must_not=(Between("year"),)), [4, 5]),
    (Filter(should=(AnyOf("match.people", ("Bor",)), Between("year", 2000))), [1, 3]),
    (
        Filter(
            must=(Between("year", 1900),),
            should=(AnyOf("city", ("Maribor",)), AnyOf("city", ("Ljubljana",))),
            must_not=(AnyOf("match.people", ("Bor",)),),
        ),
        [2],
    ),
    (Filter(must=(Filter(should=(Between("year", 2000), AnyOf("city", ("Celje",)))),)), [3, 5]),
    (Filter(must_not=(Filter(must=(AnyOf("city", ("Maribor",)), Between("year"))),)), [2, 3, 4, 5]),
    (Filter(must_not=(Filter(must_not=(AnyOf("match.people", ("Ana",)),)),)), [1, 2]),
    (Filter(must=(Filter(),)), [1, 2, 3, 4, 5]),
    (Filter(must_not=(Filter(),)), []),
    (Filter(should=(Filter(), AnyOf("city", ("Celje",)))), [1, 2, 3, 4, 5]),
]


class TestFilters:
    def test_mean_the_same_for_every_leg_and_for_count(self, store: Store) -> None:
        # All have a picture and a word here, so that each leg sees every point.
        store.upsert([Point(each.id, EAST, words(t1=1), each.payload) for each in CAST])
        for condition, passing in FILTERS:
            assert found(dense(store, filter=condition)) == passing, condition
            assert found(sparse(store, words(t1=1), filter=condition)) == passing, condition
            assert store.count(condition) == len(passing), condition

    def test_count_counts_all_without_one(self, store: Store) -> None:
        assert store.count() == 0
        store.upsert(CAST)
        assert store.count() == 5
        assert store.info().points == 5


class TestWriting:
    def test_the_same_twice_changes_nothing(self, store: Store) -> None:
        store.upsert(CAST)
        before = (store.retrieve([uid(n) for n in range(1, 6)]), sparse(store, words(t1=1, t7=1)))
        store.upsert(CAST)
        after = (store.retrieve([uid(n) for n in range(1, 6)]), sparse(store, words(t1=1, t7=1)))
        assert before[0] == after[0]
        assert scores(before[1]) == pytest.approx(scores(after[1]), rel=1e-6)
        assert store.count() == 5

    def test_a_point_is_replaced_whole(self, store: Store) -> None:
        store.upsert(CAST)
        store.upsert([point(1, None, words(t9=1), city="Kranj")])
        (record,) = store.retrieve([uid(1)], vectors=True)
        assert record.payload == {"city": "Kranj"}
        assert record.dense is None
        assert record.sparse == words(t9=1)
        assert found(dense(store)) == [3, 4, 5]
        assert found(sparse(store, words(t1=1))) == [2]
        assert store.count(Filter(must=(AnyOf("match.people", ("Bor",)),))) == 0

    def test_the_last_of_equal_ids_in_one_call_stands(self, store: Store) -> None:
        store.upsert([point(1, EAST, words(t1=1), a=1), point(1, NORTH, words(t2=1), a=2)])
        assert store.count() == 1
        assert store.retrieve([uid(1)])[0].payload == {"a": 2}
        assert found(sparse(store, words(t1=1))) == []

    def test_nothing_to_write_is_no_error(self, store: Store) -> None:
        store.upsert([])
        store.delete([])
        store.reweigh({})
        assert store.count() == 0

    def test_deleted_points_are_gone_from_everywhere(self, store: Store) -> None:
        store.upsert(CAST)
        store.delete([uid(1), uid(4), uid(77), "no such id"])
        assert store.count() == 3
        assert found(dense(store)) == [3, 5]
        assert found(sparse(store, words(t1=1, t2=1))) == [2]
        assert store.retrieve([uid(1)]) == []
        assert [each.id for batch in store.scroll() for each in batch] == [uid(2), uid(3), uid(5)]

    def test_optimize_and_flush_change_no_answer(self, store: Store) -> None:
        store.upsert(CAST)
        before = dense(store), sparse(store, words(t1=1, t2=1))
        store.flush()
        store.optimize()
        after = dense(store), sparse(store, words(t1=1, t2=1))
        for was, now in zip(before, after, strict=True):
            assert found(was) == found(now)
            assert scores(was) == pytest.approx(scores(now), rel=1e-5)


class TestReading:
    def test_retrieve_keeps_the_order_asked_and_leaves_out_what_is_not_there(
        self, store: Store
    ) -> None:
        store.upsert(CAST)
        records = store.retrieve([uid(4), uid(77), uid(1), "no such id", uid(3)])
        assert numbers([each.id for each in records]) == [4, 1, 3]
        assert records[1].payload == CAST[0].payload
        assert records[1].dense is None
        assert records[1].sparse is None

    def test_retrieve_gives_chosen_keys_and_both_vectors(self, store: Store) -> None:
        store.upsert(CAST)
        records = store.retrieve([uid(1), uid(2), uid(3)], keys=["city", "none"], vectors=True)
        assert [each.payload for each in records] == [
            {"city": "Maribor"},
            {"city": "Ljubljana"},
            {"city": None},
        ]
        assert records[0].dense is not None
        assert records[0].dense.dtype == np.float32
        assert np.allclose(records[0].dense, EAST)
        assert records[1].dense is None
        assert [each.sparse for each in records] == [words(t1=1, t2=2), words(t1=1), words()]
        assert store.retrieve([uid(1)], keys=[])[0].payload == {}

    def test_any_json_comes_back_as_it_was(self, store: Store) -> None:
        payload: dict[str, Any] = {
            "text": "Žiče \N{PARTY POPPER} \u0000 end",
            "numbers": [0, -1, 2**53, 1.5, True, None],
            "nested": {"a": [{"b": []}, {}], "": "empty key"},
        }
        store.upsert([point(1, EAST, **payload)])
        assert store.retrieve([uid(1)])[0].payload == payload

    def test_scroll_gives_each_point_once_in_a_stable_order(self, store: Store) -> None:
        order = np.random.default_rng(5).permutation(45) + 1
        store.upsert([point(int(each), EAST, a=int(each), b="b") for each in order])
        batches = list(store.scroll(batch=10, keys=["a"]))
        assert [len(each) for each in batches] == [10, 10, 10, 10, 5]
        assert [record.payload for batch in batches for record in batch] == [
            {"a": each} for each in range(1, 46)
        ]

    def test_scroll_of_nothing_is_nothing_and_may_be_left_early(self, store: Store) -> None:
        assert list(store.scroll()) == []
        store.upsert(CAST)
        batches = store.scroll(batch=2)
        assert len(next(batches)) == 2
        del batches
        assert store.count() == 5


class TestWords:
    def test_idf_is_the_formula_and_what_rank_multiplies_by(self, store: Store) -> None:
        store.upsert(CAST)
        weights = store.idf([1, 2, 7, 99, 1])
        assert weights == pytest.approx({1: idf(3, 2), 2: idf(3, 1), 7: idf(3, 1)}, rel=1e-5)
        assert scores(sparse(store, words(t7=1))) == pytest.approx([3 * weights[7]], rel=1e-5)
        assert store.idf([]) == {}

    def test_idf_follows_writes(self, store: Store) -> None:
        store.upsert(CAST)
        assert store.idf([1]) == pytest.approx({1: idf(3, 2)}, rel=1e-5)
        store.upsert([point(6, None, words(t1=1)), point(7, None, words(t8=1))])
        assert store.idf([1, 8]) == pytest.approx({1: idf(5, 3), 8: idf(5, 1)}, rel=1e-5)

    def test_idf_follows_deletes_after_optimize(self, store: Store) -> None:
        store.upsert([point(n, EAST, words(t1=1) if n < 7 else words(t2=1)) for n in range(1, 13)])
        store.delete([uid(n) for n in (1, 2, 3, 12)])
        store.flush()
        store.optimize()
        assert store.idf([1, 2]) == pytest.approx({1: idf(8, 3), 2: idf(8, 5)}, rel=1e-5)

    def test_reweigh_replaces_words_and_nothing_else(self, store: Store) -> None:
        store.upsert(CAST)
        store.reweigh({uid(1): words(t8=4), uid(3): words(t1=1), uid(77): words(t1=1)})
        assert found(sparse(store, words(t1=1))) == [2, 3]
        assert found(sparse(store, words(t2=1))) == []
        assert scores(sparse(store, words(t8=1))) == pytest.approx([4 * idf(4, 1)], rel=1e-5)
        (record,) = store.retrieve([uid(1)], vectors=True)
        assert record.payload == CAST[0].payload
        assert record.dense is not None
        assert np.allclose(record.dense, EAST)
        assert record.sparse == words(t8=4)
        assert store.count() == 5

    def test_reweigh_may_take_all_words_away(self, store: Store) -> None:
        store.upsert(CAST)
        store.reweigh({uid(1): words(), uid(4): words()})
        assert found(sparse(store, words(t1=1, t2=1))) == [2]
        assert store.retrieve([uid(1)], vectors=True)[0].sparse == words()
        assert found(dense(store)) == [1, 3, 4, 5]

    def test_an_archive_of_words_needs_no_dimension(self, words_store: Store) -> None:
        words_store.upsert([point(1, None, words(t1=1), city="Kranj"), point(2)])
        assert found(sparse(words_store, words(t1=1))) == [1]
        assert words_store.retrieve([uid(1)], vectors=True)[0].dense is None
        assert words_store.count(Filter(must=(AnyOf("city", ("Kranj",)),))) == 1
        with pytest.raises(InvalidPoint, match="of words only"):
            words_store.upsert([point(3, EAST)])
        with pytest.raises(StoreError, match="no picture vectors"):
            dense(words_store)


def broken(value: float) -> Any:
    return np.array([value, 0, 0, 0], dtype=np.float32)


INVALID = {
    "NaN": (point(9, broken(math.nan)), "NaN"),
    "infinite": (point(9, broken(math.inf)), "NaN or infinity"),
    "not unit": (point(9, broken(1.01)), "length 1.01"),
    "zero": (point(9, broken(0)), "length 0"),
    "dimension": (point(9, unit(1, 0, 0)), r"shape \(3,\)"),
    "float64": (Point(uid(9), EAST.astype(np.float64), words(), {}), "float32"),
    "matrix": (point(9, EAST.reshape(1, 4)), "shape"),
    "id": (Point("9", EAST, words(), {}), "hexadecimal"),
    "id form": (Point(uid(10).upper(), EAST, words(), {}), "hexadecimal"),
    "id size": (Point(f"{2**64:x}", EAST, words(), {}), "hexadecimal"),
    "lengths": (point(9, EAST, SparseVector((1, 2), (1.0,))), "2 term ids"),
    "order": (point(9, EAST, SparseVector((2, 1), (1.0, 1.0))), "ascending"),
    "twice": (point(9, EAST, SparseVector((1, 1), (1.0, 1.0))), "ascending"),
    "33 bits": (point(9, EAST, SparseVector((2**32,), (1.0,))), "32 bits"),
    "negative id": (point(9, EAST, SparseVector((-1,), (1.0,))), "32 bits"),
    "float id": (point(9, EAST, SparseVector((1.0,), (1.0,))), "integer"),  # type: ignore[arg-type]
    "NaN weight": (point(9, EAST, SparseVector((1, 2), (1.0, math.nan))), "weight"),
    "infinite weight": (point(9, EAST, SparseVector((1,), (math.inf,))), "weight"),
    "huge weight": (point(9, EAST, SparseVector((1,), (1e39,))), "weight"),
    "zero weight": (point(9, EAST, SparseVector((1,), (0.0,))), "weight"),
    "negative weight": (point(9, EAST, SparseVector((1,), (-1.0,))), "weight"),
    "no JSON": (point(9, EAST, a=object()), "holds a object"),
    "NaN payload": (point(9, EAST, a=[math.nan]), "not finite"),
    "set": (point(9, EAST, a={1}), "holds a set"),
    "key": (point(9, EAST, a={1: 2}), "key"),
    "surrogate": (point(9, EAST, a="\ud800"), "surrogate"),
    "65 bits": (point(9, EAST, a=2**64), "64 bits"),
    "size": (point(9, EAST, a="x" * 1_000_001), "characters"),
}


class TestInvalidPoints:
    def test_are_named_with_the_reason_and_nothing_is_written(self, store: Store) -> None:
        store.upsert(CAST)
        for name, (bad, reason) in INVALID.items():
            with pytest.raises(InvalidPoint, match=reason) as caught:
                store.upsert([point(8, EAST, words(t1=1)), bad])
            assert bad.id in str(caught.value), name
            assert caught.value.remedy, name
        assert store.count() == 5
        assert found(dense(store)) == [1, 3, 4, 5]
        assert found(sparse(store, words(t1=1))) == [1, 2]

    def test_reweigh_is_checked_too(self, store: Store) -> None:
        store.upsert(CAST)
        with pytest.raises(InvalidPoint, match="weight"):
            store.reweigh({uid(2): words(t9=1), uid(1): SparseVector((1,), (math.nan,))})
        assert found(sparse(store, words(t9=1))) == []

    def test_almost_unit_is_near_enough(self, store: Store) -> None:
        store.upsert([point(1, broken(1.0005))])
        assert scores(dense(store)) == pytest.approx([1], abs=1e-3)

    def test_queries_are_checked(self, store: Store) -> None:
        store.upsert(CAST)
        for vector in (unit(1, 0, 0), broken(math.nan), broken(0)):
            with pytest.raises(StoreError, match="leg 'dense'"):
                dense(store, vector)
        with pytest.raises(StoreError, match="leg 'sparse'"):
            sparse(store, SparseVector((2, 1), (1.0, 1.0)))


class TestClosing:
    def test_twice_is_no_error_and_later_calls_say_so(self, kind: str, folder: Path) -> None:
        with opened(kind, folder) as store:
            self.check(store)

    def check(self, store: Store) -> None:
        store.upsert(CAST)
        store.close()
        store.close()
        for call in (store.count, store.info, store.flush, store.optimize):
            with pytest.raises(StoreUnavailable, match="closed"):
                call()
        with pytest.raises(StoreUnavailable, match="closed"):
            store.upsert(CAST)
        with pytest.raises(StoreUnavailable, match="closed"):
            dense(store)


RANDOM_FILTERS = [
    Filter(),
    Filter(must=(AnyOf("city", ("c1", "c2")),)),
    Filter(must=(Between("year", 1950),), must_not=(AnyOf("match.people", ("p3",)),)),
    Filter(should=(AnyOf("match.people", ("p1",)), Between("year", high=1910))),
]


def same(ours: Ranking, oracle: Ranking) -> None:
    """Equal scores at equal ranks, and equal points but for scores that are nearly tied."""
    assert scores(ours) == pytest.approx(scores(oracle), rel=1e-4, abs=1e-5)
    expected = {entry.point_id: entry.score for entry in oracle.entries}
    last = oracle.entries[-1].score if oracle.entries else 0.0
    for entry in ours.entries:
        assert entry.score == pytest.approx(expected.get(entry.point_id, last), rel=1e-4, abs=1e-5)


class TestAgreement:
    """Every store answers as the memory store does, which computes by the book."""

    @pytest.mark.parametrize("seed", [1, 2])
    def test_with_the_memory_store_on_random_points(self, store: Store, seed: int) -> None:
        points = random_points(300, seed)
        changed = random_points(40, seed + 100)
        oracle = MemoryStore(SCHEMA)
        for each in (store, oracle):
            each.upsert(points)
            each.upsert(changed)
            each.reweigh({new.id: new.sparse for new in random_points(30, seed + 200, first=100)})
        self.compare(store, oracle, seed)
        gone = [uid(number) for number in range(1, 300, 4)]
        for each in (store, oracle):
            each.delete(gone)
            each.flush()
            each.optimize()
        self.compare(store, oracle, seed)

    def compare(self, store: Store, oracle: Store, seed: int) -> None:
        rng = np.random.default_rng(seed)
        for condition in RANDOM_FILTERS:
            assert store.count(condition) == oracle.count(condition)
            vector = unit(*rng.normal(size=4))
            terms = np.unique(rng.integers(1, 60, 5))
            query = SparseVector(tuple(terms.tolist()), tuple(rng.uniform(0.5, 2, len(terms))))
            queries: list[RankQuery] = [
                DenseQuery("dense", vector, 20, condition),
                DenseQuery("exact", vector, 20, condition, exact=True),
                SparseQuery("sparse", query, 20, condition),
            ]
            for ours, theirs in zip(store.rank(queries), oracle.rank(queries), strict=True):
                same(ours, theirs)
        assert store.idf(range(1, 61)) == pytest.approx(oracle.idf(range(1, 61)), rel=1e-4)
        ids = [record.id for batch in oracle.scroll() for record in batch]
        assert [record.id for batch in store.scroll(batch=64) for record in batch] == ids
        for ours_read, read in zip(
            store.retrieve(ids, vectors=True), oracle.retrieve(ids, vectors=True), strict=True
        ):
            assert ours_read.payload == read.payload
            assert ours_read.sparse == read.sparse
            assert (ours_read.dense is None) == (read.dense is None)
            if ours_read.dense is not None and read.dense is not None:
                assert np.allclose(ours_read.dense, read.dense, atol=1e-6)


class RefusedCall(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """What the client raises: an error that is also the call, with its code and details."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "the details"

    def _unused(self, *_: Any) -> None:
        raise NotImplementedError

    initial_metadata = trailing_metadata = is_active = time_remaining = cancel = _unused
    add_callback = _unused


class TestServer:
    """What only a server can meet; without one, an address where nobody listens."""

    def test_that_cannot_be_reached_is_named_with_the_remedy(self) -> None:
        with pytest.raises(StoreUnavailable, match=r"http://127\.0\.0\.1:1 failed while") as caught:
            QdrantStore("archive", SCHEMA, url="http://127.0.0.1:1", grpc_port=1, timeout_s=1)
        assert "Check that http://127.0.0.1:1 is right" in caught.value.remedy

    def test_collections_of_another_dimension_are_refused(self) -> None:
        with closing(QdrantClient(":memory:")) as client:
            url = "http://stand-in.invalid"
            QdrantStore("archive", SCHEMA, url=url, client=client).close()
            with pytest.raises(StoreError, match="dimension 4, not 5") as caught:
                QdrantStore("archive", StoreSchema(5), url=url, client=client)
            assert "rebuild" in caught.value.remedy

    @pytest.mark.parametrize(
        ("code", "kind", "remedy"),
        [
            (grpc.StatusCode.UNAVAILABLE, StoreUnavailable, "can be reached"),
            (grpc.StatusCode.DEADLINE_EXCEEDED, StoreUnavailable, "can be reached"),
            (grpc.StatusCode.UNAUTHENTICATED, StoreError, "API key"),
            (grpc.StatusCode.INVALID_ARGUMENT, StoreError, "server's log"),
        ],
    )
    def test_errors_are_ours(self, code: Any, kind: type[StoreError], remedy: str) -> None:
        fault = RefusedCall(code)
        with (
            pytest.raises(StoreError, match=r"while counting: .*the details") as caught,
            server_errors("http://qdrant", "counting"),
        ):
            raise fault
        assert type(caught.value) is kind
        assert remedy in caught.value.remedy
