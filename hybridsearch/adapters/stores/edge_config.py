"""What the embedded engine keeps of a point, and how: vectors, indexes, optimizer.

In: our schema and tuning. Out: the engine's configuration, index operations and points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import qdrant_edge as qe

from hybridsearch.adapters.stores.edge_tuning import EdgeTuning
from hybridsearch.adapters.stores.phrases import PHRASES, gathered
from hybridsearch.adapters.stores.records import Reading
from hybridsearch.ports import Point, SparseVector, StoreSchema

PICTURE = "picture"
"""The name of the dense vector."""

WORDS = "words"
"""The name of the sparse vector."""


def edge_config(schema: StoreSchema, tuning: EdgeTuning) -> qe.EdgeConfig:
    """One dense vector (where there is a dimension) and one sparse vector with IDF."""
    vectors = None
    if schema.dimension is not None:
        params = qe.EdgeVectorParams(size=schema.dimension, distance=qe.Distance.Cosine)
        vectors = {PICTURE: params}
    quantization = None
    if tuning.quantized:
        quantization = qe.ScalarQuantizationConfig(
            type=qe.ScalarType.Int8, quantile=0.99, memory=qe.Memory.Pinned
        )
    return qe.EdgeConfig(
        vectors=vectors,
        sparse_vectors={WORDS: qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)},
        hnsw_config=qe.HnswIndexConfig(
            m=tuning.hnsw_m,
            ef_construct=tuning.hnsw_build,
            full_scan_threshold=tuning.graph_from_kb,
        ),
        quantization_config=quantization,
        optimizers=qe.EdgeOptimizersConfig(
            # Replaced and deleted points stay in the IDF until their segment is rebuilt.
            deleted_threshold=0.1,
            vacuum_min_vector_number=1,
            indexing_threshold=tuning.graph_from_kb,
        ),
    )


def missing_indexes(schema: StoreSchema, present: set[str]) -> Iterator[qe.UpdateOperation]:
    """The operations that create the payload indexes which are not there yet.

    ``enable_hnsw=False``: extra links in the graph for each value cost build time, and
    filtered searches do not need them (see ``EdgeTuning.exact_up_to_kb``).
    """
    for key in schema.keyword_keys:
        if key not in present:
            yield qe.UpdateOperation.create_field_index(
                key, qe.KeywordIndexParams(enable_hnsw=False)
            )
    for key in schema.integer_keys:
        if key not in present:
            yield qe.UpdateOperation.create_field_index(
                key, qe.IntegerIndexParams(lookup=False, range=True, enable_hnsw=False)
            )
    if schema.text_keys and PHRASES not in present:
        yield qe.UpdateOperation.create_field_index(PHRASES, _phrases())
    for key in schema.location_keys:
        if key not in present:
            yield qe.UpdateOperation.create_field_index(key, qe.GeoIndexParams(enable_hnsw=False))


def _phrases() -> qe.TextIndexParams:
    """Texts come as compared words with spaces between: nothing is left for the engine to fold.

    Links in the graph for each word of a text would take hours to build.
    """
    return qe.TextIndexParams(
        tokenizer=qe.TokenizerType.Whitespace,
        lowercase=False,
        phrase_matching=True,
        enable_hnsw=False,
    )


def edge_point(point: Point, text_keys: Sequence[str]) -> qe.Point:
    """A point as the engine takes it.

    The dense vector goes over as a buffer: a list takes 2.5 times as long, an array 2.5 times.
    An empty sparse vector is left out.
    """
    vectors: dict[str, Any] = {}
    if point.dense is not None:
        vectors[PICTURE] = np.ascontiguousarray(point.dense).data
    if point.sparse.indices:
        vectors[WORDS] = edge_sparse(point.sparse)
    return qe.Point(int(point.id, 16), vectors, gathered(point.payload, text_keys))


def reading(schema: StoreSchema, keys: Sequence[str] | None, vectors: bool) -> Reading:
    """How to read points with these payload paths (all where None), with vectors or without."""
    return Reading(schema.text_keys, keys, vectors, PICTURE, sparse_from_edge)


def edge_sparse(vector: SparseVector) -> qe.SparseVector:
    """A sparse vector as the engine takes it; tuples go over as they are, without a copy."""
    return qe.SparseVector(cast("list[int]", vector.indices), cast("list[float]", vector.values))


def sparse_from_edge(vectors: Any) -> SparseVector:
    """The sparse vector of a point as read back; empty where it has none."""
    found = vectors.get(WORDS) if isinstance(vectors, dict) else None
    if found is None:
        return SparseVector((), ())
    return SparseVector(tuple(found.indices), tuple(found.values))
