"""BM25F over any weights without an index: for sweeps, where every setting is another index.

In: assets and queries. Out: the lexical run under given k1, b and field weights. Only terms that
some query asks for are kept, so that a setting costs milliseconds a query, not an ingest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array

from eval.collections import JudgedQuery
from eval.runs import RankedAsset, Run, in_order
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import FieldWeight
from hybridsearch.domain.asset import Asset

Floats = npt.NDArray[np.float64]


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

    def run(self, setting: LexicalSetting, depth: int) -> Run:
        """The ranking of every query under the setting (no filters are applied)."""
        weights = self._weights(setting)
        rankings = {query.id: self._ranking(query.id, weights, depth) for query in self._queries}
        return Run(setting.name, rankings)

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

    def _ranking(self, query_id: str, weights: csc_array, depth: int) -> tuple[RankedAsset, ...]:
        scores = np.zeros(len(self._ids))
        for asked in self._asked[query_id]:
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
        idf: Floats = np.log(1 + (documents - frequencies + 0.5) / (frequencies + 0.5))
        return idf
