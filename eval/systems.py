"""The systems that an evaluation compares, each with the configuration that makes it repeatable.

In: the legs' runs, or the documents. Out: one run for each system.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rank_bm25 import BM25Okapi

from eval.collections import JudgedQuery
from eval.legs import Legs, as_ranking
from eval.runs import RankedAsset, Run, in_order
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.fusion import RRF_K, Fusion, convex_combination, reciprocal_rank_fusion
from hybridsearch.domain.ranking import Ranking

OKAPI_K1, OKAPI_B = 1.2, 0.75
COSINE_FLOOR, BM25_FLOOR = -1.0, 0.0
"""The lowest score that each leg could give (Bruch 2023, theoretical min-max)."""


@dataclass(frozen=True, slots=True)
class Rrf:
    """Weighted reciprocal rank fusion of the two legs."""

    name: str = "rrf"
    k: int = RRF_K
    dense: float = 1.0
    lexical: float = 1.0
    depth: int = 200

    def fuse(self, dense: Ranking, lexical: Ranking) -> Fusion:
        """The fused list."""
        return reciprocal_rank_fusion([dense, lexical], [self.dense, self.lexical], self.k)


@dataclass(frozen=True, slots=True)
class Convex:
    """Convex combination of the legs' scores; ``dense`` is the dense leg's share."""

    name: str = "convex"
    dense: float = 0.3
    depth: int = 200

    def fuse(self, dense: Ranking, lexical: Ranking) -> Fusion:
        """The fused list."""
        weights = [self.dense, 1 - self.dense]
        return convex_combination([dense, lexical], weights, [COSINE_FLOOR, BM25_FLOOR])


System = Rrf | Convex


def fused_run(legs: Legs, fusion: System) -> Run:
    """A fusion of the legs as they were searched: nothing is searched again.

    Raises:
        ValueError: the collection has no dense leg to fuse.
    """
    if legs.dense is None:
        raise ValueError("a collection of words only has nothing to fuse")
    rankings: dict[str, tuple[RankedAsset, ...]] = {}
    for query_id, words in legs.lexical.rankings.items():
        looks = legs.dense.rankings.get(query_id, ())
        fused = fusion.fuse(
            as_ranking("dense", looks, fusion.depth), as_ranking("lexical", words, fusion.depth)
        )
        rankings[query_id] = in_order((each.point_id, each.score) for each in fused.entries)
    return Run(fusion.name, rankings)


class Okapi:
    """``rank_bm25.BM25Okapi`` as it comes, over the terms that our own analyzer makes.

    All fields are one bag of terms: it knows no field weights.
    """

    def __init__(self, assets: Iterable[Asset], analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        documents = [(asset.id, _terms(asset, analyzer)) for asset in assets]
        self._ids = [asset_id for asset_id, _ in documents]
        self._index = BM25Okapi([terms for _, terms in documents], k1=OKAPI_K1, b=OKAPI_B)

    def run(self, queries: Sequence[JudgedQuery], depth: int) -> Run:
        """The best ``depth`` assets for each query; those without a term of it are left out."""
        return Run("rank-bm25", {each.id: self._ranking(each.text, depth) for each in queries})

    def _ranking(self, text: str, depth: int) -> tuple[RankedAsset, ...]:
        scores = self._index.get_scores([each.term.text for each in self._analyzer.query(text)])
        best = np.argsort(-scores, kind="stable")[:depth]
        return in_order((self._ids[each], float(scores[each])) for each in best if scores[each] > 0)


def _terms(asset: Asset, analyzer: Analyzer) -> list[str]:
    return [
        term.text
        for field in analyzer.document(asset).values()
        for term, count in field.frequencies.items()
        for _ in range(count)
    ]
