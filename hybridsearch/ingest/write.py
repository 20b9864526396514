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
) -> tuple[dict[str, Vector], int]:
    """A dense vector for each asset with a picture, and how many of them had to be embedded.

    Those that came along or that a point has already are taken over.
    """
    if encoder is None:
        return {}, 0
    vectors = {each.work.point_id: each.vector for each in batch if each.vector is not None}
    kept = {each.work.point_id: owner for each in batch if (owner := each.vector_of)}
    if kept:
        found = store.retrieve(list(kept.values()), keys=(), vectors=True)
        stored = {record.id: record.dense for record in found if record.dense is not None}
        vectors |= {own: stored[owner] for own, owner in kept.items() if owner in stored}
    fresh = {
        each.work.point_id: each.pixels
        for each in batch
        if each.pixels is not None and each.work.point_id not in vectors
    }
    at_once = encoder.batch() if isinstance(encoder, Viewing) else DEFAULT_BATCH
    rows = embed_pictures(encoder, list(fresh.values()), at_once) if fresh else ()
    vectors |= dict(zip(fresh, rows, strict=True))
    return vectors, len(fresh)


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
