"""Bring every stored BM25F weight to the average lengths of the documents there are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import average_lengths
from hybridsearch.analysis.payload import asset_of, lengths_of
from hybridsearch.ports import Store


def measured_lengths(store: Store) -> dict[str, float]:
    """Average length of each field over all stored documents, read from their payloads."""

    def lengths() -> Iterable[Mapping[str, int]]:
        for batch in store.scroll(keys=("lengths",)):
            for record in batch:
                yield lengths_of(record.payload)

    return average_lengths(lengths())


def reweigh(
    store: Store,
    analyzer: Analyzer,
    lengths: Mapping[str, float],
    advance: Callable[[int], None] = lambda count: None,
) -> None:
    """Analyse every stored asset again and replace its sparse vector; no picture is embedded."""
    for batch in store.scroll(keys=("asset",)):
        store.reweigh(
            {
                record.id: analyzer.vector(analyzer.document(asset_of(record.payload)), lengths)
                for record in batch
            }
        )
        advance(len(batch))
    store.flush()
