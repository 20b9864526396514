"""How the embedded store searches: exactly, by the graph, and never poorly under a filter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.domain.filters import AnyOf, Between, Condition, Filter, HasPhrase
from hybridsearch.ports import DenseQuery, Matrix, Point, SparseVector, Store, StoreSchema
from tests.contract.stores import quick_folder, uid

POINTS, DIMENSION = 6_000, 32
SCHEMA = StoreSchema(DIMENSION, ("share", "half"), ("year",), ("text",))
SHARES = {100: 1.0, 30: 0.3, 10: 0.1, 3: 0.03, 1: 0.01}


def clustered(rng: np.random.Generator) -> Matrix:
    """Vectors in clusters, as encoders make them; unclustered ones are hard for any graph."""
    centres = rng.normal(size=(100, DIMENSION))
    vectors = centres[rng.integers(100, size=POINTS)] + 0.7 * rng.normal(size=(POINTS, DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def text(row: int, chance: float) -> str:
    """One in a hundred has "new york", 30 "rare words", 90 "by a stranger"; all have all words."""
    city = "new york" if chance < 0.01 else "york is new"
    rare = "rare words" if chance < 0.3 else "words so rare"
    creator = "a stranger by name" if chance < 0.1 else "name by a stranger"
    return f"picture {row} {city} {rare} {creator}"


def fill(store: Store) -> Matrix:
    rng = np.random.default_rng(11)
    vectors = clustered(rng)
    chances = rng.random(POINTS)
    halves = rng.random(POINTS)
    store.upsert(
        [
            Point(
                uid(row + 1),
                vectors[row],
                SparseVector((), ()),
                {
                    "share": [f"{name}" for name, share in SHARES.items() if chances[row] < share],
                    "half": "yes" if halves[row] < 0.5 else "no",
                    "year": 1900 + row % 100,
                    "text": text(row, chances[row]),
                },
            )
            for row in range(POINTS)
        ]
    )
    store.optimize()
    return vectors


def recall(store: Store, vectors: Matrix, *must: Condition) -> float:
    rng = np.random.default_rng(12)
    condition = Filter(must=must)
    hits = wanted = 0
    for row in rng.integers(POINTS, size=25):
        near = vectors[row] + 0.03 * rng.normal(size=DIMENSION).astype(np.float32)
        query = near / np.linalg.norm(near)
        ours, best = store.rank(
            [
                DenseQuery("ours", query, 10, condition),
                DenseQuery("best", query, 10, condition, exact=True),
            ]
        )
        expected = {entry.point_id for entry in best.entries}
        hits += len(expected & {entry.point_id for entry in ours.entries})
        wanted += len(expected)
    return hits / wanted


FILTERS: list[tuple[Condition, ...]] = [
    *((AnyOf("share", (str(name),)),) for name in SHARES),
    (AnyOf("half", ("yes",)),),
    (AnyOf("share", ("30",)), AnyOf("half", ("yes",))),
    (AnyOf("share", ("10",)), Between("year", 1900, 1949)),
    (HasPhrase(("text",), ("new", "york")),),
    (HasPhrase(("text",), ("rare", "words")),),
    (HasPhrase(("text",), ("new",)),),
    (Filter(must_not=(HasPhrase(("text",), ("york", "is", "new")),)),),
    (),
]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made


@pytest.fixture(scope="module")
def as_usual(folder: Path) -> Iterator[tuple[Store, Matrix]]:
    # As at 200,000 vectors of 512 numbers: the graph covers all, and what passes a filter
    # is scanned exactly up to some three fifths of the whole.
    tuning = EdgeTuning(graph_from_kb=50, exact_up_to_kb=460)
    with closing(EdgeStore(folder / "graph", SCHEMA, tuning=tuning)) as store:
        yield store, fill(store)


@pytest.fixture(scope="module")
def graph_alone(folder: Path) -> Iterator[tuple[Store, Matrix]]:
    tuning = EdgeTuning(graph_from_kb=50, exact_up_to_kb=0, exact_up_to_share=0)
    with closing(EdgeStore(folder / "graph only", SCHEMA, tuning=tuning)) as store:
        yield store, fill(store)


@pytest.fixture(scope="module")
def narrow(folder: Path) -> Iterator[tuple[Store, Matrix]]:
    """The exact scan ends at a seventh, as in an archive of millions."""
    tuning = EdgeTuning(graph_from_kb=50, exact_up_to_kb=0, exact_up_to_share=0.15)
    with closing(EdgeStore(folder / "narrow", SCHEMA, tuning=tuning)) as store:
        yield store, fill(store)


class TestRecall:
    @pytest.mark.parametrize("must", FILTERS, ids=str)
    def test_under_filters_of_every_width(
        self, as_usual: tuple[Store, Matrix], must: tuple[Condition, ...]
    ) -> None:
        store, vectors = as_usual
        assert store.info().indexed == POINTS
        assert recall(store, vectors, *must) >= 0.98


class TestPhrases:
    """The index knows how often words occur, not how often they follow each other."""

    PHRASE = Filter(must=(HasPhrase(("text",), ("new", "york")),))
    NEGATED = Filter(must_not=(HasPhrase(("text",), ("york", "is", "new")),))
    TENTH = Filter(must_not=(HasPhrase(("text",), ("by", "a", "stranger")),))

    def test_count_right(self, narrow: tuple[Store, Matrix]) -> None:
        store, _ = narrow
        passing = store.count(self.PHRASE)
        assert 30 <= passing <= 90
        assert store.count(self.NEGATED) == passing
        assert store.count(Filter(must=(HasPhrase(("text",), ("york", "new")),))) == 0

    @pytest.mark.parametrize("name", ["PHRASE", "NEGATED", "TENTH"])
    def test_are_searched_exactly_where_they_pass_few(
        self, narrow: tuple[Store, Matrix], name: str
    ) -> None:
        store, vectors = narrow
        condition = getattr(self, name)
        for row in range(0, POINTS, 400):
            ours, best = store.rank(
                [
                    DenseQuery("ours", vectors[row], 10, condition),
                    DenseQuery("best", vectors[row], 10, condition, exact=True),
                ]
            )
            assert ours.entries == best.entries
            assert len(ours.entries) == 10


class TestGraph:
    """With the exact scan off: what the graph itself finds."""

    @pytest.mark.parametrize("must", [(), (AnyOf("half", ("yes",)),)], ids=str)
    def test_finds_nearly_all_where_filters_are_loose(
        self, graph_alone: tuple[Store, Matrix], must: tuple[Condition, ...]
    ) -> None:
        assert recall(*graph_alone, *must) >= 0.95

    def test_too_few_are_looked_for_again_exactly(self, graph_alone: tuple[Store, Matrix]) -> None:
        # The index expects 3,000 x 0.5 = 1,500 points; there are none, or one.
        store, vectors = graph_alone
        nowhere = Filter(must=(AnyOf("half", ("yes",)),), must_not=(AnyOf("half", ("yes",)),))
        (none,) = store.rank([DenseQuery("dense", vectors[0], 10, nowhere)])
        assert none.entries == ()
        one = Filter(must=(AnyOf("half", ("yes", "no")), AnyOf("share", ("1",))))
        (ours, best) = store.rank(
            [
                DenseQuery("ours", vectors[0], 100, one),
                DenseQuery("best", vectors[0], 100, one, exact=True),
            ]
        )
        assert len(ours.entries) == len(best.entries)
