"""Our BM25F as a sparse vector against ``rank_bm25`` on real captions.

The oracle's IDF is replaced by the design's, ``ln(1 + (N - df + 0.5) / (df + 0.5))``: its own
floors negative values, which turns near-stopwords into a constant. With one field, the same
k1 and b and the same average length, the formulas are then equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from eval.collections import open_collection
from eval.measures import mean, measure
from eval.rescoring import LexicalSetting, Rescoring
from eval.runs import Run, in_order
from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings, query_vector
from hybridsearch.analysis.bm25f import FieldWeight, average_lengths
from hybridsearch.analysis.payload import point_id
from hybridsearch.analysis.terms import Form, QueryTerm, terms_of_word
from hybridsearch.demo.pictures import MANIFEST
from hybridsearch.domain.asset import Asset
from hybridsearch.ingest.write import field_lengths
from hybridsearch.ports import Point, SparseQuery, Store, StoreSchema
from tests.data import SHARED, collection, rows

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


def test_on_judged_captions_the_measures_are_the_oracles_to_the_third_decimal() -> None:
    """The evaluation's lexical system and rank_bm25 under the same IDF and the same lengths."""
    judged = open_collection("bain_news_captions", collection("bain_news_captions").parent)
    queries, analyzer = judged.queries(), ANALYZER
    ids, texts = zip(
        *((asset.id, asset.caption) for asset in judged.assets() if asset.caption), strict=True
    )
    setting = LexicalSetting("ours", K1, ANALYZER.settings.fields)
    ours = Rescoring(judged.assets(), analyzer, queries).run(setting, 1000)
    oracle = OracleInWords(texts)
    rankings = {}
    for query in queries:
        scores = oracle.scores(query.text)
        found = np.flatnonzero(scores)
        rankings[query.id] = in_order((ids[each], float(scores[each])) for each in found)
    theirs = Run("oracle", {key: ranking[:1000] for key, ranking in rankings.items()})
    by_ours, by_theirs = measure(ours, queries), measure(theirs, queries)
    asked = [query.id for query in queries]
    for name in ("nDCG@10", "AP", "RR", "P@10", "R@100"):
        assert mean(by_ours, asked, name) == pytest.approx(mean(by_theirs, asked, name), abs=5e-4)


class OracleInWords:
    """The oracle over all forms of a word, with lengths in words as ours counts them."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [ANALYZER.document(Asset("x", caption=text)) for text in texts]
        fields = [document.get("caption") for document in documents]
        terms = [
            [term.text for term, count in field.frequencies.items() for _ in range(count)]
            if field
            else []
            for field in fields
        ]
        self._index = Oracle(terms, k1=K1, b=B)
        words = [field.length if field else 0 for field in fields]
        self._index.doc_len = words
        self._index.avgdl = sum(words) / sum(1 for each in words if each)

    def scores(self, text: str) -> npt.NDArray[np.float64]:
        """Every document's score, each term with the weight that our query gives it."""
        asked = ANALYZER.query(text)
        scores: npt.NDArray[np.float64] = sum(
            (each.weight * self._index.get_scores([each.term.text]) for each in asked),
            np.zeros(self._index.corpus_size),
        )
        return scores
