"""Our BM25F as a sparse vector against ``rank_bm25`` on real captions.

The oracle's IDF is replaced by the design's, ``ln(1 + (N - df + 0.5) / (df + 0.5))``: its own
floors negative values, which turns near-stopwords into a constant. With one field, the same
k1 and b and the same average length, the formulas are then equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings, query_vector
from hybridsearch.analysis.bm25f import FieldWeight, average_lengths
from hybridsearch.analysis.payload import point_id
from hybridsearch.analysis.terms import Form, QueryTerm, terms_of_word
from hybridsearch.demo.pictures import MANIFEST
from hybridsearch.domain.asset import Asset
from hybridsearch.ingest.write import field_lengths
from hybridsearch.ports import Point, SparseQuery, Store, StoreSchema
from tests.data import SHARED, rows

K1, B = 1.2, 0.75
TOP = 10


class Oracle(BM25Okapi):  # type: ignore[misc]
    """BM25Okapi with the design's IDF."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for word, frequency in nd.items():
            ratio = (self.corpus_size - frequency + 0.5) / (frequency + 0.5)
            self.idf[word] = math.log(1 + ratio)


ANALYZER = Analyzer(AnalyzerSettings(k1=K1, fields={"caption": FieldWeight(1.0, B)}))


def captions() -> list[str]:
    """Real ones where they are; else those of the demo archive, many times too few."""
    for name, file in (
        ("fsac_color", "metadata.jsonl"),
        ("bain_news_captions", "metadata.jsonl.gz"),
    ):
        path = SHARED / name / file
        if path.is_file():
            return [row["caption"] for row in rows(path, 2000) if row.get("caption")]
    from importlib import resources

    lines = resources.files("hybridsearch.demo").joinpath(MANIFEST).read_text("utf-8")
    return [line for line in lines.splitlines() if line]


def tokens(text: str) -> list[str]:
    """The written words as our analyzer sees them; stems are left out of the comparison."""
    document = ANALYZER.document(Asset("x", caption=text))
    counts = document["caption"].frequencies if document else {}
    return [
        term.text
        for term, count in counts.items()
        if term.form == Form.WRITTEN
        for _ in range(count)
    ]


class Compared:
    """The same captions in a store and in the oracle."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [ANALYZER.document(Asset(str(i), caption=t)) for i, t in enumerate(texts)]
        self.lengths = average_lengths(map(field_lengths, documents))
        self.store: Store = MemoryStore(StoreSchema(None))
        self.ids = [point_id("oracle", str(number)) for number in range(len(texts))]
        self.store.upsert(
            [
                Point(each, None, ANALYZER.vector(document, self.lengths), {})
                for each, document in zip(self.ids, documents, strict=True)
            ]
        )
        self.oracle = Oracle([tokens(text) for text in texts], k1=K1, b=B)

    def ours(self, words: Sequence[str]) -> list[tuple[str, float]]:
        """Every word counts, function words too: the formula is compared, not the planner."""
        terms = {word: terms_of_word(word, ("en",))[0] for word in words}
        vector = query_vector(tuple(QueryTerm(terms[word], word, 1.0) for word in terms))
        answer = self.store.rank([SparseQuery("words", vector, TOP)])[0]
        return [(entry.point_id, entry.score) for entry in answer.entries]

    def theirs(self, words: Sequence[str]) -> dict[str, float]:
        scores = self.oracle.get_scores(sorted(set(words)))
        return dict(zip(self.ids, scores, strict=True))


@pytest.fixture(scope="module")
def compared() -> Compared:
    texts = captions()
    assert all(tokens(text) for text in texts), "every caption has a word"
    return Compared(texts)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_top_ten_is_the_oracles_but_for_ties(compared: Compared, data: st.DataObject) -> None:
    vocabulary = sorted(word for word in compared.oracle.idf if word.isascii())
    words = data.draw(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=6, unique=True))
    # Near-stopwords are where IDF formulas differ: half of the queries hold one.
    words += data.draw(st.lists(st.sampled_from(["the", "of", "in", "a"]), max_size=2))
    ours, theirs = compared.ours(words), compared.theirs(words)
    best = sorted((score for score in theirs.values() if score > 0), reverse=True)[:TOP]
    assert len(ours) == len(best)
    np.testing.assert_allclose([score for _, score in ours], best, rtol=1e-5)
    np.testing.assert_allclose(
        [theirs[each] for each, _ in ours], [score for _, score in ours], rtol=1e-5
    )
