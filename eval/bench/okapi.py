"""``rank_bm25`` as baseline and as oracle, over terms of our own analyzer.

In: analysed documents. Out: its top ten, and how far another top ten agrees with it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from rank_bm25 import BM25Okapi

from hybridsearch.analysis.bm25f import DocumentTerms


class Okapi(BM25Okapi):  # type: ignore[misc]
    """``BM25Okapi`` as it comes, that also keeps the design's IDF for its oracle."""

    ids: Sequence[str]
    words: Sequence[int]
    design_idf: dict[str, float]

    @classmethod
    def over(
        cls, ids: Sequence[str], documents: Sequence[DocumentTerms], k1: float, b: float
    ) -> Self:
        """An index over each document's terms, every form of a word a term of its own."""
        made = cls([_terms(each) for each in documents], k1=k1, b=b)
        made.ids = ids
        made.words = [sum(field.length for field in each.values()) for each in documents]
        return made

    def top(self, terms: Sequence[str], limit: int) -> list[str]:
        """What a program that uses rank_bm25 calls."""
        found: list[str] = self.get_top_n(terms, self.ids, n=limit)
        return found

    def oracle(self) -> Okapi:
        """The same index under the design's IDF, with lengths in words as the analyzer counts."""
        other = copy.copy(self)
        other.idf = self.design_idf
        other.doc_len = list(self.words)
        other.avgdl = sum(self.words) / len(self.words)
        return other

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        super()._calc_idf(nd)
        self.design_idf = {
            term: math.log(1 + (self.corpus_size - frequency + 0.5) / (frequency + 0.5))
            for term, frequency in nd.items()
        }


def agreement(
    okapi: Okapi,
    answers: Mapping[str, Sequence[str]],
    terms: Mapping[str, Sequence[str]],
    limit: int,
) -> dict[str, float]:
    """Mean share of the answers that are in the oracle's top ten too, and in the stock one's."""
    oracle = okapi.oracle()
    place = {each: number for number, each in enumerate(okapi.ids)}
    same, tied, stock = [], [], []
    for query, answer in answers.items():
        scores = oracle.get_scores(terms[query])
        best = np.sort(scores[scores > 0])[::-1][:limit]
        if not len(best):
            continue
        floor = best[-1] * (1 - 1e-5)
        found = oracle.top(terms[query], len(best))
        same.append(len(set(found) & set(answer)) / len(best))
        tied.append(sum(scores[place[each]] >= floor for each in answer) / len(best))
        stock.append(len(set(okapi.top(terms[query], len(best))) & set(answer)) / len(best))
    return {
        "oracle, ties apart": float(np.mean(tied)),
        "oracle, same assets": float(np.mean(same)),
        "stock BM25Okapi, same assets": float(np.mean(stock)),
    }


def _terms(document: DocumentTerms) -> list[str]:
    return [
        term.text
        for field in document.values()
        for term, count in field.frequencies.items()
        for _ in range(count)
    ]
