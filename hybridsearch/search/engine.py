"""The search flow: ``hydrate(fuse(retrieve(plan(parse(query)))))``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.domain.comparable import LegScores, comparable_scores
from hybridsearch.domain.fusion import Fusion, Ranking, reciprocal_rank_fusion
from hybridsearch.domain.generation import Generation
from hybridsearch.domain.plan import Plan
from hybridsearch.domain.query import Query
from hybridsearch.domain.results import Answer
from hybridsearch.ports import Encoder, MediaReader, Store
from hybridsearch.search.cutoff import CutOff, cut, marked
from hybridsearch.search.hydrate import hydrate
from hybridsearch.search.parse import parse
from hybridsearch.search.plan import PlannerSettings, plan
from hybridsearch.search.retrieve import retrieve
from hybridsearch.search.vectors import QueryVectors


@dataclass(frozen=True, slots=True)
class Found:
    """All candidates of a search: each leg's ranking, in the plan's order, and the fused list."""

    plan: Plan
    rankings: Sequence[Ranking]
    fused: Fusion


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
        cutoff: CutOff | None = None,
    ) -> None:
        self.generation = generation
        self._store = store
        self._encoder = encoder
        self._analyzer = analyzer
        self._vectors = QueryVectors(generation.archive, store, encoder, media)
        self._settings = settings or PlannerSettings()
        self._cutoff = cutoff or CutOff()

    def plan(self, query: Query) -> Plan:
        """What a search for the query would do, without doing it."""
        sees = self.generation.encoder is not None
        made = plan(parse(query), self._analyzer, self._store.idf, sees, self._settings)
        return replace(made, notes=(*made.notes, *self._cutoff.notes))

    def find(self, query: Query) -> Found:
        """Every candidate, before anything is cut or read.

        Raises:
            QueryError, AssetNotFound, PictureError: as ``search`` does.
        """
        return self._find(query, _Clock())

    def compare(self, found: Found) -> Mapping[str, LegScores]:
        """The candidates' scores by point id and leg, comparable from query to query."""
        k1 = self._analyzer.settings.k1
        return comparable_scores(found.plan, found.rankings, k1, self._store.count())

    def search(self, query: Query) -> Answer:
        """The best hits for the query, each explained.

        Raises:
            QueryError: nothing was asked for, or it cannot be asked of this archive.
            AssetNotFound: the asset to look like is not there.
            PictureError: the query picture cannot be used.
        """
        self._cutoff.must_serve(query)
        clock = _Clock()
        found = self._find(query, clock)
        made = found.plan
        with clock.step("judge"):
            judged = self._cutoff.judged(self.compare(found)) if self._cutoff.model else {}
            kept = cut(found.fused.entries, judged, query.min_relevance)
        with clock.step("hydrate"):
            page = kept[: made.limit]
            lengths = self.generation.average_lengths
            hits = hydrate(page, found.fused, made, self._store, self._analyzer, lengths)
            hits = marked(hits, judged, self.generation.archive)
        with clock.step("count"):
            eligible = self._store.count(made.filter)
        card = self._encoder.card if self._encoder else None
        nothing = query.min_relevance is not None and not kept
        return Answer(hits, made, len(kept), eligible, card, clock.milliseconds, nothing)

    def _find(self, query: Query, clock: _Clock) -> Found:
        with clock.step("plan"):
            made = self.plan(query)
        with clock.step("embed"):
            vectors = {leg.name: self._vectors.of(leg) for leg in made.legs if leg.is_dense}
        with clock.step("retrieve"):
            rankings = retrieve(made, self._store, vectors)
        with clock.step("fuse"):
            weights = [leg.weight for leg in made.legs]
            fused = reciprocal_rank_fusion(rankings, weights, made.k)
        return Found(made, rankings, fused)


class _Clock:
    """Wall time of each step, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.milliseconds[name] = (time.perf_counter() - started) * 1000
