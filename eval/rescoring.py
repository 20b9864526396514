"""BM25F over any weights without an index: for sweeps, where every setting is another index.

In: assets and queries. Out: the lexical run under given k1, b and field weights. Only terms that
some query asks for are kept, so that a setting costs milliseconds a query, not an ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array

from eval.collections import JudgedQuery
from eval.runs import RankedAsset, Run, in_order
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import FieldWeight
from hybridsearch.analysis.terms import QueryTerm
from hybridsearch.domain.asset import Asset
from hybridsearch.search.forms import weighed_forms
from hybridsearch.search.legs import planned_terms

Floats = npt.NDArray[np.float64]
Asked = tuple[QueryTerm, ...]


@dataclass(frozen=True, slots=True)
class LexicalSetting:
    """What a lexical sweep tries."""

    name: str
    k1: float
    fields: Mapping[str, FieldWeight]


class Rescoring:
    """Term frequencies of one collection, ready to be weighed under any setting."""

    def __init__(
        self, assets: Iterable[Asset], analyzer: Analyzer, queries: Sequence[JudgedQuery]
    ) -> None:
        self._queries = queries
        self._asked = {query.id: analyzer.query(query.text) for query in queries}
        ids = {asked.term.id for terms in self._asked.values() for asked in terms}
        self._column = {term_id: column for column, term_id in enumerate(sorted(ids))}
        self._ids: list[str] = []
        cells: dict[str, list[tuple[int, int, int]]] = {}
        lengths: dict[str, dict[int, int]] = {}
        for row, asset in enumerate(assets):
            self._ids.append(asset.id)
            for name, field in analyzer.document(asset).items():
                lengths.setdefault(name, {})[row] = field.length
                cells.setdefault(name, []).extend(
                    (row, self._column[term.id], count)
                    for term, count in field.frequencies.items()
                    if term.id in self._column
                )
        self._frequencies = {name: self._matrix(found) for name, found in cells.items()}
        self._lengths = {name: self._vector(found) for name, found in lengths.items()}
        self._idf = self._inverse_document_frequencies(lengths)

    def run(
        self, setting: LexicalSetting, depth: int, weigh: Callable[[Asked], Asked] | None = None
    ) -> Run:
        """The ranking of every query under the setting (no filters are applied).

        ``weigh`` may give the query's terms other weights than the planner does, or leave terms
        out.
        """
        weigh = weigh or self.as_planned
        weights = self._weights(setting)
        rankings = {
            query.id: self._ranking(weigh(self._asked[query.id]), weights, depth)
            for query in self._queries
        }
        return Run(setting.name, rankings)

    def as_planned(self, asked: Asked) -> Asked:
        """The terms as a search weighs them, knowing which forms the archive has."""
        planned = weighed_forms(planned_terms(asked, self.idf))
        weights = {term.id: term.weight for term in planned}
        return tuple(
            replace(each, weight=weights[each.term.id]) for each in asked if each.term.id in weights
        )

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The inverse document frequency of asked terms; absent where no document has one."""
        return {each: self._idf[self._column[each]] for each in term_ids if each in self._present}

    def _weights(self, setting: LexicalSetting) -> csc_array:
        """Documents x terms: the saturated, field-weighted frequency (see analysis.bm25f)."""
        total = csc_array((len(self._ids), len(self._column)))
        for name, frequencies in self._frequencies.items():
            chosen = setting.fields.get(name)
            if chosen is None or chosen.weight == 0:
                continue
            lengths = self._lengths[name]
            average = lengths[lengths > 0].mean()
            norm = 1 - chosen.b + chosen.b * lengths / average
            total = total + frequencies.multiply((chosen.weight / norm)[:, None]).tocsc()
        total.data = total.data * (setting.k1 + 1) / (setting.k1 + total.data)
        return total

    def _ranking(self, terms: Asked, weights: csc_array, depth: int) -> tuple[RankedAsset, ...]:
        scores = np.zeros(len(self._ids))
        for asked in terms:
            column = self._column[asked.term.id]
            start, end = weights.indptr[column], weights.indptr[column + 1]
            gain = asked.weight * self._idf[column]
            scores[weights.indices[start:end]] += gain * weights.data[start:end]
        found = np.flatnonzero(scores)
        if len(found) > depth:
            found = found[np.argpartition(-scores[found], depth - 1)[:depth]]
        return in_order((self._ids[each], float(scores[each])) for each in found)

    def _matrix(self, cells: list[tuple[int, int, int]]) -> csc_array:
        shape = (len(self._ids), len(self._column))
        if not cells:
            return csc_array(shape)
        rows, columns, counts = np.array(cells).T
        return coo_array((counts.astype(np.float64), (rows, columns)), shape).tocsc()

    def _vector(self, lengths: Mapping[int, int]) -> Floats:
        vector = np.zeros(len(self._ids))
        vector[list(lengths)] = list(lengths.values())
        return vector

    def _inverse_document_frequencies(self, lengths: Mapping[str, Mapping[int, int]]) -> Floats:
        documents = len({row for rows in lengths.values() for row in rows})
        union = sum(self._frequencies.values(), csc_array((len(self._ids), len(self._column))))
        frequencies = np.diff(csc_array(union).indptr)
        self._present = {each for each, at in self._column.items() if frequencies[at]}
        idf: Floats = np.log(1 + (documents - frequencies + 0.5) / (frequencies + 0.5))
        return idf
