"""Bring every stored BM25F weight to the average lengths of the documents there are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import average_lengths
from hybridsearch.analysis.payload import asset_of, lengths_of
from hybridsearch.ingest.walking import Step, unwatched, walked
from hybridsearch.ports import Store


def measured_lengths(store: Store, step: Step = unwatched) -> dict[str, float]:
    """Average length of each field over all stored documents, read from their payloads."""

    def lengths() -> Iterable[Mapping[str, int]]:
        for batch in walked(store, ("lengths",), step):
            for record in batch:
                yield lengths_of(record.payload)

    return average_lengths(lengths())


def reweigh(
    store: Store,
    analyzer: Analyzer,
    lengths: Mapping[str, float],
    fields: Set[str] | None = None,
    step: Step = unwatched,
) -> None:
    """Analyse stored assets again and replace their sparse vectors; no picture is embedded.

    ``fields`` are those whose average length is another than before: assets that have none of
    them keep the weights they have. All are weighed where it is None.
    """
    for batch in walked(store, ("lengths",), step):
        touched = [
            record.id
            for record in batch
            if fields is None or not fields.isdisjoint(lengths_of(record.payload))
        ]
        if touched:
            store.reweigh(
                {
                    record.id: analyzer.vector(analyzer.document(asset_of(record.payload)), lengths)
                    for record in store.retrieve(touched, keys=("asset",))
                }
            )
    store.flush()
