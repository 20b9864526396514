"""Words alone: the store's sparse ranking against ``rank_bm25`` over the same analysed terms.

In: real captions and their queries. Out: time per query of both, and how far they agree.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.corpus import caption_assets, caption_queries, in_chunks
from eval.bench.index import BATCH, build
from eval.bench.okapi import Okapi, agreement
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import counted, high, interleaved, middle, say
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.bm25f import DocumentTerms, FieldWeight, average_lengths
from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.asset import Asset
from hybridsearch.ingest.write import field_lengths
from hybridsearch.ports import Point, SparseQuery, SparseVector, Store

TOP = 10
K1, B = 1.2, 0.75
ANALYZER = Analyzer(AnalyzerSettings(k1=K1, fields={"caption": FieldWeight(1.0, B)}))


@dataclass(frozen=True, slots=True)
class Captions:
    """Analysed captions, by the id of their point; captions without a word are left out."""

    ids: list[str]
    documents: list[DocumentTerms]
    lengths: dict[str, float]


def measure(data: Path, count: int, queries: int, seed: int) -> Report:
    """Time both on the same sample of queries, taking turns."""
    judged = caption_queries(data)
    texts = [each.text for each in judged]
    sample = random.Random(seed).sample(texts, min(queries, len(texts)))
    captions = _analysed(caption_assets(data, count))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        built = build(Path(folder), None, _points(captions), len(captions.ids))
        try:
            return _compared(built.store, captions, sample)
        finally:
            built.store.close()


def query_vector(text: str) -> SparseVector:
    """Every term of the query counts 1, as ``rank_bm25`` counts them."""
    ids = sorted(each.term.id for each in ANALYZER.query(text))
    return SparseVector(tuple(ids), (1.0,) * len(ids))


def top(store: Store, text: str) -> list[str]:
    """The store's answer, the query's analysis included."""
    ranking = store.rank([SparseQuery("words", query_vector(text), TOP)])[0]
    return [entry.point_id for entry in ranking.entries]


def _analysed(assets: Sequence[Asset]) -> Captions:
    ids, documents = [], []
    for asset in counted(assets, "analysing captions", len(assets)):
        document = ANALYZER.document(Asset(asset.id, caption=asset.caption))
        if document:
            ids.append(point_id("bench", asset.id))
            documents.append(document)
    return Captions(ids, documents, average_lengths(map(field_lengths, documents)))


def _points(captions: Captions) -> Iterator[list[Point]]:
    for part in in_chunks(len(captions.ids), BATCH):
        yield [
            Point(captions.ids[at], None, _document_vector(captions, at), {"bench": at})
            for at in part
        ]


def _document_vector(captions: Captions, at: int) -> SparseVector:
    return ANALYZER.vector(captions.documents[at], captions.lengths)


def _compared(store: Store, captions: Captions, sample: Sequence[str]) -> Report:
    say("indexing the same terms with rank_bm25")
    okapi = Okapi.over(captions.ids, captions.documents, K1, B)
    terms = {text: [each.term.text for each in ANALYZER.query(text)] for text in sample}
    for text in sample[:3]:
        top(store, text)
    taken = interleaved(
        {
            "store": lambda text: top(store, text),
            "rank_bm25": lambda text: okapi.top(terms[text], TOP),
        },
        sample,
        "timing queries",
    )
    answers = {text: top(store, text) for text in sample}
    agreed = agreement(okapi, answers, terms, TOP)
    ratio = middle(taken["rank_bm25"]) / middle(taken["store"])
    rows: list[dict[str, Cell]] = [
        {
            "system": name,
            "median ms": middle(times),
            "p95 ms": high(times),
            "queries a second": 1000 / middle(times),
        }
        for name, times in taken.items()
    ]
    return Report(
        "Words: the store's sparse ranking against rank_bm25",
        {"captions": len(captions.ids), "queries": len(sample), "limit": TOP},
        [
            Table("Time per query", rows),
            Table(f"Agreement of the top {TOP} (mean share)", [agreed]),
        ],
        [Target("rank_bm25 takes so many times as long", ratio, 100.0, at_least=True)],
        [
            "The store's time includes the analysis of the query; rank_bm25 gets its terms made.",
            "Agreement is with BM25Okapi under the design's IDF and lengths in words; ties apart",
            "counts an asset that scores as much as the oracle's last one.",
        ],
    )
