"""Each leg's own ranking of every query, searched once and kept.

In: an index and judged queries. Out: one run for each leg, deep enough for any fusion to be
tried on it without searching again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.collections import JudgedQuery
from eval.indexing import Indexed
from eval.kept import kept
from eval.runs import RankedAsset, Run, in_order
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.domain.plan import Leg, LegKind
from hybridsearch.domain.ranking import Ranked, Ranking
from hybridsearch.ports import DenseQuery, SparseQuery, SparseVector
from hybridsearch.search.forms import weighed_forms
from hybridsearch.search.legs import planned_terms
from hybridsearch.search.vectors import QueryVectors

DEPTH = 1000
"""How deep each leg is read: recall@100 of any fusion is then the fusion's own."""

LOOKS, WORDS = "dense", "lexical"


@dataclass(frozen=True, slots=True)
class Legs:
    """The runs of the legs; ``dense`` is None for a collection of words only."""

    lexical: Run
    dense: Run | None


class LegSearch:
    """Searches the legs of one index; answers already kept are read, not searched again."""

    def __init__(self, indexed: Indexed, cache: Path, depth: int = DEPTH) -> None:
        self._indexed = indexed
        self._cache = cache
        self._depth = depth

    def legs(self, queries: Sequence[JudgedQuery]) -> Legs:
        """Every leg that the index has, for all queries."""
        lexical = self._kept(WORDS, queries)
        sees = self._indexed.archive.encoder is not None
        return Legs(lexical, self._kept(LOOKS, queries) if sees else None)

    def _kept(self, leg: str, queries: Sequence[JudgedQuery]) -> Run:
        chosen = self._indexed.archive.analyzer.settings
        weights = (chosen.stem_weight, chosen.kin_weight)
        determined_by = (self._indexed.fingerprint, self._depth, "forms weighed", *weights)
        return kept(self._cache, leg, determined_by, queries, lambda: self._search(leg, queries))

    def _search(self, leg: str, queries: Sequence[JudgedQuery]) -> Run:
        archive = self._indexed.archive
        store = archive.store
        asset_of = self._indexed.asset_of
        vectors = QueryVectors(
            archive.generation.archive, archive.store, archive.encoder, FileMediaReader()
        )
        rankings = {}
        for query in queries:
            asked = self._query(leg, query, vectors)
            found = store.rank([asked])[0] if asked is not None else Ranking.of(leg, ())
            rankings[query.id] = in_order(
                (asset_of[entry.point_id], entry.score) for entry in found.entries
            )
        return Run(leg, rankings)

    def _query(
        self, leg: str, query: JudgedQuery, vectors: QueryVectors
    ) -> DenseQuery | SparseQuery | None:
        if leg == LOOKS:
            asked = Leg(leg, LegKind.LOOKS, 1.0, self._depth, query.text, query.picture)
            return DenseQuery(leg, vectors.of(asked), self._depth, query.filter, exact=True)
        archive = self._indexed.archive
        typed = archive.analyzer.query(query.text)
        terms = weighed_forms(planned_terms(typed, archive.store.idf))
        known = sorted((term.id, term.weight) for term in terms if term.idf is not None)
        if not known:
            return None
        vector = SparseVector(tuple(each for each, _ in known), tuple(each for _, each in known))
        return SparseQuery(leg, vector, self._depth, query.filter)


def as_ranking(leg: str, entries: Sequence[RankedAsset], depth: int) -> Ranking:
    """A run's entries as fusion takes them, cut at a depth."""
    return Ranking.of(leg, tuple(Ranked(*entry) for entry in entries[:depth]))
