"""Bring every stored BM25F weight to the average lengths of the documents there are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.payload import asset_of, lengths_of
from hybridsearch.ingest.walking import Step, walked
from hybridsearch.ports import PointRecord, Store


def reweigh(
    store: Store,
    analyzer: Analyzer,
    lengths: Mapping[str, float],
    fields: Set[str] | None,
    step: Step,
) -> None:
    """Analyse stored assets again and replace their sparse vectors; no picture is embedded.

    ``fields`` are those whose average length is another than before: assets that have none of
    them keep the weights they have. All are weighed where it is None.
    """
    for batch in _having(store, fields, step):
        store.reweigh(
            {
                record.id: analyzer.vector(analyzer.document(asset_of(record.payload)), lengths)
                for record in batch
            }
        )
    store.flush()


def _having(store: Store, fields: Set[str] | None, step: Step) -> Iterator[list[PointRecord]]:
    """The assets with any of the fields, or all; lengths are quicker to read than assets."""
    if fields is None:
        yield from walked(store, ("asset",), step)
        return
    for batch in walked(store, ("lengths",), step):
        ids = [each.id for each in batch if not fields.isdisjoint(lengths_of(each.payload))]
        if ids:
            yield store.retrieve(ids, keys=("asset",))
