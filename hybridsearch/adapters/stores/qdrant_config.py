"""Our schema, points and filters in the server's words.

In: port values. Out: ``qdrant_client`` models, and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qdrant_client import models

from hybridsearch.adapters.stores.phrases import PHRASES, gathered
from hybridsearch.adapters.stores.records import Reading
from hybridsearch.ports import Point, SparseVector, StoreSchema

PICTURE = "picture"
WORDS = "words"

Index = (
    models.KeywordIndexParams
    | models.IntegerIndexParams
    | models.TextIndexParams
    | models.GeoIndexParams
)


def collection(schema: StoreSchema, shards: int, replicas: int) -> dict[str, Any]:
    """What ``create_collection`` takes.

    ``full_scan_threshold`` (KB): filters that pass less are scanned exactly; a plain graph
    finds nothing under a filter of a few percent.
    """
    vectors = {}
    if schema.dimension is not None:
        vectors[PICTURE] = models.VectorParams(
            size=schema.dimension, distance=models.Distance.COSINE
        )
    return {
        "vectors_config": vectors,
        "sparse_vectors_config": {
            WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF),
        },
        "hnsw_config": models.HnswConfigDiff(m=16, ef_construct=128, full_scan_threshold=250_000),
        "shard_number": shards,
        "replication_factor": replicas,
    }


def indexes(schema: StoreSchema) -> list[tuple[str, Index]]:
    """The payload indexes: path and kind.

    Texts come as compared words with spaces between: nothing is left for the server to fold.
    """
    keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=False)
    integer = models.IntegerIndexParams(
        type=models.IntegerIndexType.INTEGER, lookup=False, range=True, enable_hnsw=False
    )
    text = models.TextIndexParams(
        type=models.TextIndexType.TEXT,
        tokenizer=models.TokenizerType.WHITESPACE,
        lowercase=False,
        phrase_matching=True,
        enable_hnsw=False,
    )
    place = models.GeoIndexParams(type=models.GeoIndexType.GEO, enable_hnsw=False)
    return [
        *((key, keyword) for key in schema.keyword_keys),
        *((key, integer) for key in schema.integer_keys),
        *((key, text) for key in [PHRASES] if schema.text_keys),
        *((key, place) for key in schema.location_keys),
    ]


def server_sparse(vector: SparseVector) -> models.SparseVector:
    """Term ids and weights."""
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def server_point(point: Point, text_keys: Sequence[str]) -> models.PointStruct:
    """A point; vectors that it does not have are left out, also the empty sparse one."""
    vectors: dict[str, Any] = {}
    if point.dense is not None:
        vectors[PICTURE] = point.dense.tolist()
    if point.sparse.indices:
        vectors[WORDS] = server_sparse(point.sparse)
    payload = gathered(point.payload, text_keys)
    return models.PointStruct(id=int(point.id, 16), vector=vectors, payload=payload)


def sparse_from_server(vectors: Any) -> SparseVector:
    """The sparse vector of a point as read back; empty where it has none."""
    found = vectors.get(WORDS) if isinstance(vectors, dict) else None
    if found is None:
        return SparseVector((), ())
    return SparseVector(tuple(found.indices), tuple(found.values))


def reading(schema: StoreSchema, keys: Sequence[str] | None, vectors: bool) -> Reading:
    """How to read points with these payload paths (all where None), with vectors or without."""
    return Reading(schema.text_keys, keys, vectors, PICTURE, sparse_from_server)
