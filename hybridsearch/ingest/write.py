"""Loaded assets become points: analysed, embedded, written in one operation each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import DocumentTerms
from hybridsearch.analysis.payload import payload_of
from hybridsearch.analysis.vectors import DEFAULT_BATCH, embed_pictures
from hybridsearch.ingest.load import Loaded
from hybridsearch.ports import Encoder, Point, Store, Vector, Viewing


def field_lengths(document: DocumentTerms) -> dict[str, int]:
    """Words in each field: kept in the payload, so that averages can be taken at any time."""
    return {name: field.length for name, field in document.items()}


def vectors_for(
    batch: Sequence[Loaded], encoder: Encoder | None, store: Store
) -> dict[str, Vector]:
    """A dense vector for each asset with a picture: embedded, or the stored one where it holds."""
    if encoder is None:
        return {}
    fresh = [each for each in batch if each.pixels is not None]
    pixels = [each.pixels for each in fresh if each.pixels is not None]
    at_once = encoder.batch() if isinstance(encoder, Viewing) else DEFAULT_BATCH
    rows = embed_pictures(encoder, pixels, at_once) if pixels else ()
    vectors = {each.work.point_id: row for each, row in zip(fresh, rows, strict=True)}
    kept = [each.work.point_id for each in batch if each.keeps_vector]
    for record in store.retrieve(kept, keys=(), vectors=True) if kept else ():
        if record.dense is not None:
            vectors[record.id] = record.dense
    return vectors


def write(
    batch: Sequence[Loaded],
    documents: Mapping[str, DocumentTerms],
    vectors: Mapping[str, Vector],
    analyzer: Analyzer,
    average_lengths: Mapping[str, float],
    store: Store,
) -> None:
    """Upsert the batch and return only when it would survive a loss of power."""
    points = []
    for each in batch:
        identity = each.work.point_id
        document = documents[identity]
        payload = payload_of(each.asset, each.stamp, field_lengths(document))
        sparse = analyzer.vector(document, average_lengths)
        points.append(Point(identity, vectors.get(identity), sparse, payload))
    store.upsert(points)
    store.flush()
