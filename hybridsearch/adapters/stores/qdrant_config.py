"""Our schema, points and filters in the server's words.

In: port values. Out: ``qdrant_client`` models, and back.
"""

from __future__ import annotations

from typing import Any

from qdrant_client import models

from hybridsearch.adapters.stores.records import record_of
from hybridsearch.domain.filters import AnyOf, Between, Condition, Filter
from hybridsearch.ports import Point, PointRecord, SparseVector, StoreSchema

PICTURE = "picture"
WORDS = "words"


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


def indexes(
    schema: StoreSchema,
) -> list[tuple[str, models.KeywordIndexParams | models.IntegerIndexParams]]:
    """The payload indexes: path and kind."""
    keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, enable_hnsw=False)
    integer = models.IntegerIndexParams(
        type=models.IntegerIndexType.INTEGER, lookup=False, range=True, enable_hnsw=False
    )
    return [
        *((key, keyword) for key in schema.keyword_keys),
        *((key, integer) for key in schema.integer_keys),
    ]


def server_filter(condition: Filter) -> models.Filter | None:
    """None for the empty filter."""
    return _filter(condition) if condition else None


def _filter(condition: Filter) -> models.Filter:
    return models.Filter(
        must=[_condition(each) for each in condition.must] or None,
        should=[_condition(each) for each in condition.should] or None,
        must_not=[_condition(each) for each in condition.must_not] or None,
    )


def _condition(condition: Condition) -> models.FieldCondition | models.Filter:
    if isinstance(condition, AnyOf):
        match = models.MatchAny(any=list(condition.values))
        return models.FieldCondition(key=condition.key, match=match)
    if isinstance(condition, Between):
        bounds = models.Range(gte=condition.low, lte=condition.high)
        return models.FieldCondition(key=condition.key, range=bounds)
    return _filter(condition)


def server_sparse(vector: SparseVector) -> models.SparseVector:
    """Term ids and weights."""
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def server_point(point: Point) -> models.PointStruct:
    """A point; vectors that it does not have are left out, also the empty sparse one."""
    vectors: dict[str, Any] = {}
    if point.dense is not None:
        vectors[PICTURE] = point.dense.tolist()
    if point.sparse.indices:
        vectors[WORDS] = server_sparse(point.sparse)
    return models.PointStruct(id=point.id, vector=vectors, payload=dict(point.payload))


def sparse_from_server(vectors: Any) -> SparseVector:
    """The sparse vector of a point as read back; empty where it has none."""
    found = vectors.get(WORDS) if isinstance(vectors, dict) else None
    if found is None:
        return SparseVector((), ())
    return SparseVector(tuple(found.indices), tuple(found.values))


def record(read: models.Record, vectors: bool) -> PointRecord:
    """A point as read back."""
    return record_of(read, vectors, PICTURE, sparse_from_server)
