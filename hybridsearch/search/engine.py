"""The search flow: ``hydrate(fuse(retrieve(plan(parse(query)))))``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.background import Background
from hybridsearch.domain.calibration import Judgement
from hybridsearch.domain.comparable import LegScores, comparable_scores
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.fusion import Fusion
from hybridsearch.domain.generation import Generation
from hybridsearch.domain.plan import Plan
from hybridsearch.domain.query import Order, Query
from hybridsearch.domain.ranking import Ranked, Ranking
from hybridsearch.domain.results import Answer
from hybridsearch.ports import Encoder, Lexicon, MediaReader, Store
from hybridsearch.search.cutoff import CutOff, cut, marked
from hybridsearch.search.facets import FACETS, Bar, Facet, facets, histogram
from hybridsearch.search.folding import Folding, folded
from hybridsearch.search.fuse import fuse
from hybridsearch.search.hydrate import hydrate
from hybridsearch.search.ordering import by_date
from hybridsearch.search.pages import page_of
from hybridsearch.search.parse import parse
from hybridsearch.search.plan import Knowledge, Planner, PlannerSettings
from hybridsearch.search.recent import RecentLists
from hybridsearch.search.retrieve import retrieve
from hybridsearch.search.vectors import QueryVectors
from hybridsearch.search.weights import PlannerNumbers, fitted_numbers


@dataclass(frozen=True, slots=True)
class Found:
    """All candidates of a search: each leg's ranking, in the plan's order, and the fused list."""

    plan: Plan
    rankings: Sequence[Ranking]
    fused: Fusion


@dataclass(frozen=True, slots=True)
class Aids:
    """What was made beside the index to search it better; a search works without any of it.

    ``today`` is what relative dates are read against. ``recent`` keeps lists for who reads on;
    ``find`` makes each anew.
    """

    lexicon: Lexicon | None = None
    background: Background | None = None
    cutoff: CutOff = field(default_factory=CutOff)
    today: Callable[[], date] = date.today
    numbers: PlannerNumbers = field(default_factory=fitted_numbers)
    recent: RecentLists[Found] | None = None


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
        aids: Aids | None = None,
    ) -> None:
        aids = aids or Aids()
        self.generation = generation
        self._store = store
        self._encoder = encoder
        self._analyzer = analyzer
        self._aids = aids
        self._vectors = QueryVectors(
            generation.archive, store, encoder, media, aids.background, aids.numbers.minus
        )
        sees = generation.encoder is not None
        knows = Knowledge(analyzer, store.idf, sees, store.count, aids.lexicon, aids.background)
        self._planner = Planner(knows, settings, aids.numbers)

    def plan(self, query: Query) -> Plan:
        """What a search for the query would do, without doing it."""
        parsed, understood = parse(query, self._aids.today())
        made = self._planner.plan(parsed, understood)
        return replace(made, notes=(*made.notes, *self._aids.cutoff.notes))

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

    def facets(
        self, filter: Filter = EVERYTHING, names: Sequence[str] = tuple(FACETS), limit: int = 10
    ) -> tuple[Facet, ...]:
        """What the pictures that pass have most of: people, places, years, ... (exact counts).

        Raises:
            QueryError: there is no facet of a name.
        """
        lexicon = self._aids.lexicon
        shown = lexicon.display if lexicon else lambda _, value: value
        return facets(self._store, filter, names, limit, shown)

    def histogram(self, filter: Filter = EVERYTHING) -> tuple[Bar, ...]:
        """How many of the pictures that pass were taken in each year, or decade."""
        return histogram(self._store, filter)

    def search(self, query: Query) -> Answer:
        """The best hits for the query, each explained.

        Raises:
            QueryError: nothing was asked for, or it cannot be asked of this archive.
            AssetNotFound: the asset to look like is not there.
            PictureError: the query picture cannot be used.
        """
        self._aids.cutoff.must_serve(query)
        page = page_of(query, self.generation)
        clock = _Clock()
        found = self._listed(query, clock)
        with clock.step("judge"):
            judged = self._judged(found)
            kept = cut(found.fused.entries, judged, query.min_relevance)
        with clock.step("order"):
            folding = self._arranged(query, found.plan, kept)
        with clock.step("hydrate"):
            shown = folding.entries[page.start : page.end]
            lengths = self.generation.average_lengths
            hits = hydrate(
                shown,
                found.fused,
                found.plan,
                self._store,
                self._analyzer,
                lengths,
                first=page.start + 1,
            )
            archive = self.generation.archive
            hits = folding.counted(marked(hits, judged, archive), archive, self._store)
        with clock.step("count"):
            eligible = self._store.count(found.plan.filter)
        listed = len(folding.entries)
        return Answer(
            hits=hits,
            plan=found.plan,
            candidates=listed,
            eligible=eligible,
            encoder=self._encoder.card if self._encoder else None,
            milliseconds=clock.milliseconds,
            nothing_relevant=query.min_relevance is not None and not kept,
            about=_is_cut(found),
            next=page.next_cursor(query, self.generation, listed),
        )

    def _judged(self, found: Found) -> Mapping[str, Judgement]:
        cutoff = self._aids.cutoff
        return cutoff.judged(self.compare(found)) if cutoff.model else {}

    def _arranged(self, query: Query, plan: Plan, kept: Sequence[Ranked]) -> Folding:
        """In the order asked for, near duplicates folded where that was asked for."""
        ordered = kept
        if query.order is not Order.RELEVANCE and ordered:
            ordered = by_date(ordered, plan, query.order, self._store)
        return folded(ordered, self._store) if query.fold else Folding(ordered)

    def _listed(self, query: Query, clock: _Clock) -> Found:
        recent = self._aids.recent
        if recent is None:
            return self._find(query, clock)
        return recent.of(query, self._aids.today(), lambda: self._find(query, clock))

    def _find(self, query: Query, clock: _Clock) -> Found:
        with clock.step("plan"):
            made = self.plan(query)
        with clock.step("embed"):
            vectors = self._vectors.of_all(made.legs)
        with clock.step("retrieve"):
            rankings = retrieve(made, self._store, vectors)
        with clock.step("fuse"):
            fused = fuse(made, rankings, vectors, self._aids.background)
        return Found(made, rankings, fused)


def _is_cut(found: Found) -> bool:
    """Whether some leg was full: there is more than the list holds, so its length is "about"."""
    return any(
        len(ranking.entries) >= leg.depth
        for leg, ranking in zip(found.plan.legs, found.rankings, strict=True)
    )


class _Clock:
    """Wall time of each step, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.milliseconds[name] = (time.perf_counter() - started) * 1000
