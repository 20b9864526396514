"""One whole search against the bare store calls that it cannot do without.

In: real captions, clustered vectors, queries with their vectors made before, the archive's own
lexicon and background. Out: how much the product adds to the engine, step by step, in this
process and through the engine process. Three bars: the calls that the search itself makes,
replayed; one dense and one sparse ranking; both in one call.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eval.bench.corpus import caption_assets, caption_queries
from eval.bench.hybrid_index import DIMENSION, Precomputed, generation_of, points
from eval.bench.index import build, schema_of
from eval.bench.replaying import Recorder
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import high, interleaved, middle, say
from hybridsearch.adapters.lexicon import FolderLexicons
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.stores.edge import EdgeStore
from hybridsearch.adapters.stores.engine_process import EngineProcessStore
from hybridsearch.analysis.analyzer import Analyzer, query_vector
from hybridsearch.analysis.background import Background
from hybridsearch.domain.generation import Generation
from hybridsearch.domain.query import Query
from hybridsearch.ingest.lexicon import Gathering
from hybridsearch.ports import DenseQuery, SparseQuery, Store
from hybridsearch.search.engine import Aids, SearchEngine
from hybridsearch.search.parse import parse
from hybridsearch.search.plan import PlannerSettings

LIMIT = 10
WARM_UP = 10
SEARCH, REMOTE = "search", "search, engine process"
NEEDED, TWO, ONE = "its own store calls", "two store calls", "one store call"
PAGED, NEEDED_PAGED = "search of a list of pages", "its own store calls, paged"
SAMPLE = 512

Call = Callable[[str], object]


def measure(data: Path, count: int, queries: int, rounds: int, seed: int) -> Report:
    """Time the search, its bare store calls, and the search through the engine process."""
    today = date.today()
    texts = [parse(Query(each.text), today)[1].text for each in caption_queries(data)]
    texts = list(dict.fromkeys(texts))[: queries + WARM_UP]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = _built(Path(folder), data, count, Precomputed(texts, count, seed))
        gc.collect()
        with ThreadPoolExecutor(1) as service:
            # A service searches in its worker threads; the main thread waits longer for the pipe.
            return service.submit(_timed, bench, texts, rounds, {"assets": count}).result()


def _built(folder: Path, data: Path, count: int, encoder: Precomputed) -> _Bench:
    """Both indexes; the assets they were made of are let go, as a service never has them."""
    here, there = folder / "here", folder / "there"
    analyzer = Analyzer()
    assets = caption_assets(data, count)
    generation, documents = generation_of(assets, analyzer, encoder)
    batches = points(assets, documents, analyzer, generation, encoder)
    build(here, DIMENSION, batches, count).store.close()
    shutil.copytree(here, there)
    gathered = Gathering(analyzer)
    for asset in assets:
        gathered.add(asset)
    lexicons = FolderLexicons(folder)
    lexicons.write(gathered.contents())
    background = Background(encoder.clusters.draw(SAMPLE)[0])
    return _Bench(generation, encoder, analyzer, here, there, lexicons, background)


@dataclass(frozen=True, slots=True)
class _Bench:
    """The same index twice: one for this process, one for the engine process."""

    generation: Generation
    encoder: Precomputed
    analyzer: Analyzer
    here: Path
    there: Path
    lexicons: FolderLexicons
    background: Background

    def engine(self, store: Store) -> SearchEngine:
        aids = Aids(self.lexicons.open(), self.background)
        media = FileMediaReader()
        return SearchEngine(self.generation, store, self.encoder, self.analyzer, media, aids=aids)


def _timed(bench: _Bench, texts: Sequence[str], rounds: int, setup: dict[str, Cell]) -> Report:
    local = EdgeStore(bench.here, schema_of(DIMENSION))
    remote = EngineProcessStore(bench.there, schema_of(DIMENSION))
    try:
        engine = bench.engine(local)
        calls = _calls(bench, engine, local, bench.engine(remote))
        interleaved(calls, texts[:WARM_UP], "warming up")
        asked = list(texts[WARM_UP:])
        first = interleaved(calls, asked, "first round")
        again = interleaved(calls, asked * (rounds - 1), "further rounds") if rounds > 1 else first
        say("taking the steps apart")
        steps = _steps(engine, asked)
    finally:
        remote.close()
        local.close()
    setup = {**setup, "dimension": DIMENSION, "queries": len(asked), "rounds": rounds}
    setup |= {"limit": LIMIT, "depth of each leg": PlannerSettings().depth}
    return _report(setup, first, again, steps)


def _calls(
    bench: _Bench, engine: SearchEngine, store: Store, remote: SearchEngine
) -> dict[str, Call]:
    depth = PlannerSettings().depth

    def dense(text: str) -> DenseQuery:
        return DenseQuery("looks", bench.encoder.vectors[text], depth)

    # Made before the clock runs: the planner's share is the product's, not the store's.
    made = {text: query_vector(bench.analyzer.query(text)) for text in list(bench.encoder.vectors)}

    def sparse(text: str) -> SparseQuery:
        return SparseQuery("words", made[text], depth)

    def two_calls(text: str) -> None:
        store.rank([dense(text)])
        store.rank([sparse(text)])

    return {
        SEARCH: lambda text: engine.search(Query(text, limit=LIMIT)),
        NEEDED: _replayed(bench, store, list(made), paged=False),
        TWO: two_calls,
        ONE: lambda text: store.rank([dense(text), sparse(text)]),
        REMOTE: lambda text: remote.search(Query(text, limit=LIMIT)),
        PAGED: lambda text: engine.search(Query(text, limit=LIMIT, paged=True)),
        NEEDED_PAGED: _replayed(bench, store, list(made), paged=True),
    }


def _replayed(bench: _Bench, store: Store, texts: Sequence[str], *, paged: bool) -> Call:
    """The store calls that the search of each text makes, and nothing else of it."""
    recorder = Recorder(store)
    recorded = bench.engine(recorder)
    calls: dict[str, list[Callable[[], object]]] = {}
    for text in texts:
        recorded.search(Query(text, limit=LIMIT, paged=paged))
        calls[text] = recorder.taken()

    def needed(text: str) -> None:
        for call in calls[text]:
            call()

    return needed


def _steps(engine: SearchEngine, asked: Sequence[str]) -> dict[str, float]:
    """Medians of the times that the answers carry; what they do not tell of is "rest"."""
    taken: dict[str, list[float]] = {}
    for text in asked:
        started = time.perf_counter()
        told = dict(engine.search(Query(text, limit=LIMIT)).milliseconds)
        told["rest"] = (time.perf_counter() - started) * 1000 - sum(told.values())
        for step, milliseconds in told.items():
            taken.setdefault(step, []).append(milliseconds)
    return {step: middle(times) for step, times in taken.items()}


def _report(
    setup: dict[str, Cell],
    first: dict[str, list[float]],
    again: dict[str, list[float]],
    steps: dict[str, float],
) -> Report:
    whole = sum(steps.values())
    return Report(
        "Hybrid search: the whole against its bare store calls",
        setup,
        [
            Table("First time a query is asked", _rows(first)),
            Table("Asked again", _rows(again)),
            Table(
                "Where a search's time goes (medians)",
                [{"step": name, "ms": ms, "share": ms / whole} for name, ms in steps.items()],
            ),
        ],
        [
            Target("search / two store calls, first time", _ratio(first, TWO), 1.5, at_least=False),
            Target(
                "search / two store calls, asked again", _ratio(again, TWO), 1.5, at_least=False
            ),
            Target("search / its own store calls", _ratio(again, NEEDED), 1.3, at_least=False),
            Target(
                "the same of a list of pages",
                _ratio(again, NEEDED_PAGED, PAGED),
                1.3,
                at_least=False,
            ),
            Target("ms to plan a query", steps["plan"], 1.0, at_least=False),
            Target(
                "ms that the engine process adds to a search",
                middle(again[REMOTE]) - middle(again[SEARCH]),
                1.0,
                at_least=False,
            ),
        ],
        [
            "Query vectors are made before: the encoder's time is not in these figures.",
            "All calls come from a worker thread, as a service's do.",
            "A list of pages, which the API and the page ask for, is read to a depth of "
            f"{PlannerSettings().paged_depth:,} in each leg.",
            "The first time, the store looks up the weights of words that nobody asked for before.",
        ],
    )


def _ratio(taken: dict[str, list[float]], bare: str, whole: str = SEARCH) -> float:
    return middle(taken[whole]) / middle(taken[bare])


def _rows(taken: dict[str, list[float]]) -> list[dict[str, Cell]]:
    bare = middle(taken[TWO])
    return [
        {
            "call": name,
            "median ms": middle(times),
            "p95 ms": high(times),
            "times the two store calls": middle(times) / bare,
        }
        for name, times in taken.items()
    ]
