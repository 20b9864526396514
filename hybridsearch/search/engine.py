"""The search flow: ``hydrate(fuse(retrieve(plan(parse(query)))))``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.domain.fusion import reciprocal_rank_fusion
from hybridsearch.domain.generation import Generation
from hybridsearch.domain.plan import Plan
from hybridsearch.domain.query import Query
from hybridsearch.domain.results import Answer
from hybridsearch.ports import Encoder, MediaReader, Store
from hybridsearch.search.hydrate import hydrate
from hybridsearch.search.parse import parse
from hybridsearch.search.plan import PlannerSettings, plan
from hybridsearch.search.retrieve import retrieve
from hybridsearch.search.vectors import QueryVectors


class SearchEngine:
    """Answers queries from one generation of an archive."""

    def __init__(
        self,
        generation: Generation,
        store: Store,
        encoder: Encoder | None,
        analyzer: Analyzer,
        media: MediaReader,
        settings: PlannerSettings | None = None,
    ) -> None:
        self.generation = generation
        self._store = store
        self._encoder = encoder
        self._analyzer = analyzer
        self._vectors = QueryVectors(generation.archive, store, encoder, media)
        self._settings = settings or PlannerSettings()

    def plan(self, query: Query) -> Plan:
        """What a search for the query would do, without doing it."""
        sees = self.generation.encoder is not None
        return plan(parse(query), self._analyzer, self._store.idf, sees, self._settings)

    def search(self, query: Query) -> Answer:
        """The best hits for the query, each explained.

        Raises:
            QueryError: nothing was asked for, or it cannot be asked of this archive.
            AssetNotFound: the asset to look like is not there.
            PictureError: the query picture cannot be used.
        """
        clock = _Clock()
        with clock.step("plan"):
            made = self.plan(query)
        with clock.step("embed"):
            vectors = {leg.name: self._vectors.of(leg) for leg in made.legs if leg.is_dense}
        with clock.step("retrieve"):
            rankings = retrieve(made, self._store, vectors)
        with clock.step("fuse"):
            weights = [leg.weight for leg in made.legs]
            fused = reciprocal_rank_fusion(rankings, weights, made.k)
        with clock.step("hydrate"):
            page = fused[: made.limit]
            lengths = self.generation.average_lengths
            hits = hydrate(page, made, self._store, self._analyzer, lengths)
        eligible = self._store.count(made.filter)
        card = self._encoder.card if self._encoder else None
        return Answer(hits, made, len(fused), eligible, card, clock.milliseconds)


class _Clock:
    """Wall time of each step, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.milliseconds[name] = (time.perf_counter() - started) * 1000
