"""A Qdrant server or cluster as a Store, through its own client.

In: points. Out: rankings under a filter. For archives that outgrow one machine: sharding,
replication and snapshots are the server's. What differs from the embedded engine:

- IDF is counted per shard, so with several shards equal documents may score a little apart.
- There is no flush: the server syncs its log every few seconds; replicas cover a lost machine.
- Others may write to the same collection, so nothing is kept between calls.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast

from qdrant_client import QdrantClient, models
from qdrant_client.http.models import QueryResponse
from qdrant_client.local.qdrant_local import QdrantLocal

from hybridsearch.adapters.stores import qdrant_config as config
from hybridsearch.adapters.stores.answers import Entry, most_frequent
from hybridsearch.adapters.stores.dated import dated, lacking, score_of
from hybridsearch.adapters.stores.filter_checks import check_facet, check_filter
from hybridsearch.adapters.stores.phrases import check_text_keys, rewritten_filter
from hybridsearch.adapters.stores.points import (
    as_id,
    as_numbers,
    check_points,
    check_query,
    check_weights,
    in_order,
)
from hybridsearch.adapters.stores.qdrant_errors import server_errors
from hybridsearch.adapters.stores.qdrant_filters import server_filter
from hybridsearch.adapters.stores.qdrant_search import idf, rank
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.ranking import Ranking
from hybridsearch.errors import StoreError, StoreUnavailable
from hybridsearch.ports import (
    FacetCount,
    Point,
    PointRecord,
    RankQuery,
    SparseVector,
    StoreInfo,
    StoreSchema,
    Watch,
)

_Item = TypeVar("_Item")

_CHUNK = 256
"""Points in one request; the server refuses requests above 32 MB."""

_OPTIMIZE_S = 3600.0
"""How long ``optimize`` waits for the server's own optimizers, in seconds."""


class QdrantStore:
    """A Store in one collection of a server, made there if there is none.

    Args:
        collection: one per generation of an archive.
        schema: dimension and filter keys, used when the collection is made.
        url: the server's HTTP address; it is named in errors.
        api_key, grpc_port, timeout_s: how to reach the server.
        shards, replicas: of a new collection, on a cluster.
        client: an open client to use instead of one of our own; the caller closes it.
            ``QdrantClient(":memory:")`` stands in for a server in tests.

    Raises:
        StoreUnavailable: the server cannot be reached.
        StoreError: it refused, or the collection is of another dimension.
    """

    def __init__(
        self,
        collection: str,
        schema: StoreSchema,
        *,
        url: str,
        api_key: str | None = None,
        grpc_port: int = 6334,
        timeout_s: int = 30,
        shards: int = 1,
        replicas: int = 1,
        client: QdrantClient | None = None,
    ) -> None:
        self._url = url
        self._name = collection
        check_text_keys(schema.text_keys)
        self._schema = schema
        self._own_client = client is None
        with server_errors(url, "connecting"):
            self._client: QdrantClient | None = client or QdrantClient(
                url=url,
                api_key=api_key,
                grpc_port=grpc_port,
                prefer_grpc=True,
                timeout=timeout_s,
                check_compatibility=False,
            )
        # The stand-in scans everything and knows no indexes; it warns when told of either.
        self._local = isinstance(getattr(self._client, "_client", None), QdrantLocal)
        try:
            self._prepare(shards, replicas)
        except BaseException:
            self.close()
            raise

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points, each whole. Raises InvalidPoint before anything is written."""
        good = list(check_points(points, self._schema).values())
        with self._using("writing") as client:
            for part in _chunks(good):
                ready = [config.server_point(each, self._schema.text_keys) for each in part]
                client.upsert(self._name, ready, wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        with self._using("deleting") as client:
            for part in _chunks(as_numbers(in_order(ids))):
                client.delete(self._name, models.PointIdsList(points=[*part]), wait=True)

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer several rankings in one request, in the order asked."""
        for query in queries:
            check_query(query, self._schema)
        rewritten = [replace(each, filter=self._rewritten(each.filter)) for each in queries]
        return rank(self._send, self._local, rewritten, complete)

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """By the server's own order of a payload index."""
        check_filter(filter, self._schema)
        order = models.OrderBy(
            key=key, direction=models.Direction.DESC if newest else models.Direction.ASC
        )
        passed = server_filter(self._rewritten(filter))
        rest = server_filter(self._rewritten(lacking(key, filter)))

        def ordered(count: int) -> list[Entry]:
            found = client.query_points(
                self._name,
                query=models.OrderByQuery(order_by=order),
                query_filter=passed,
                limit=count,
                with_payload=False,
            )
            return [
                (-score_of(_number(each), newest), cast("int", each.id)) for each in found.points
            ]

        def without(count: int) -> list[int]:
            read, _ = client.scroll(self._name, rest, limit=count, with_payload=False)
            return [cast("int", each.id) for each in read]

        with self._using("listing by date") as client:
            return dated(limit, ordered, without).ranking()

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The IDF that ``rank`` multiplies by; one request, asked anew each time."""
        return idf(self._send, list(dict.fromkeys(term_ids)))

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, in the order asked, each id once."""
        wanted = in_order(ids)
        by_id: dict[str, PointRecord] = {}
        way = config.reading(self._schema, keys, vectors)
        with self._using("reading") as client:
            for part in _chunks(as_numbers(wanted)):
                read = client.retrieve(self._name, part, way.selector, with_vectors=vectors)
                by_id.update({record.id: record for record in map(way.record, read)})
        return [by_id[each] for each in wanted if each in by_id]

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches, by id."""
        offset: Any = None
        way = config.reading(self._schema, keys, vectors=False)
        while True:
            with self._using("reading") as client:
                read, offset = client.scroll(
                    self._name,
                    limit=batch,
                    offset=offset,
                    with_payload=way.selector,
                )
            if read:
                yield [way.record(each) for each in read]
            if offset is None:
                return

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace the sparse vectors of existing points; ids that are not there are left out."""
        check_weights(vectors)
        with self._using("weighing words anew") as client:
            for part in _chunks(list(vectors)):
                read = client.retrieve(self._name, as_numbers(part), with_payload=False)
                present = [as_id(each.id) for each in read]
                worded = [
                    models.PointVectors(
                        id=int(each, 16), vector={config.WORDS: config.server_sparse(vectors[each])}
                    )
                    for each in present
                    if vectors[each].indices
                ]
                wordless = [each for each in present if not vectors[each].indices]
                if worded:
                    client.update_vectors(self._name, worded, wait=True)
                if wordless:
                    client.delete_vectors(
                        self._name, [config.WORDS], [*as_numbers(wordless)], wait=True
                    )

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter, exactly."""
        check_filter(filter, self._schema)
        with self._using("counting") as client:
            passed = server_filter(self._rewritten(filter))
            return client.count(self._name, passed, exact=True).count

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """The server's own exact facet: it counts a point once also while it moves segments."""
        check_facet(key, filter, self._schema)
        if limit < 1:
            return ()
        with self._using("counting values") as client:
            passed = server_filter(self._rewritten(filter))
            found = client.facet(self._name, key, passed, limit=limit, exact=True).hits
        return most_frequent([(str(hit.value), hit.count) for hit in found], limit)

    def flush(self) -> None:
        """Nothing to ask for: the server syncs its log by itself, every few seconds."""
        with self._using("flushing"):
            pass

    def optimize(self, watch: Watch | None = None) -> None:
        """Wait until the server's optimizers are done; the server starts them itself.

        Raises:
            StoreUnavailable: they are not done after an hour.
        """
        until = time.monotonic() + _OPTIMIZE_S
        with self._using("optimizing") as client:
            while client.get_collection(self._name).status != models.CollectionStatus.GREEN:
                if time.monotonic() > until:
                    raise StoreUnavailable(
                        f"The Qdrant server at {self._url} is still optimizing {self._name}.",
                        "Look into its log; searches work meanwhile.",
                    )
                time.sleep(0.5)
                if watch is not None:
                    watch()

    def info(self) -> StoreInfo:
        """``indexed`` is an estimate: the server counts indexed vectors of both kinds in one."""
        points = self.count()
        if self._local:
            return StoreInfo(points, None, "qdrant (local stand-in)")
        with self._using("reading its state") as client:
            indexed = client.get_collection(self._name).indexed_vectors_count or 0
            worded = client.count(self._name, _having(config.WORDS)).count
            pictured = 0
            if self._schema.dimension is not None:
                pictured = client.count(self._name, _having(config.PICTURE)).count
            engine = f"qdrant {client.info().version}"
        return StoreInfo(points, min(max(indexed - worded, 0), pictured), engine)

    def alias(self, name: str) -> None:
        """Have ``name`` stand for this collection from now on, and for no other; at once."""
        create = models.CreateAlias(collection_name=self._name, alias_name=name)
        operations: list[models.AliasOperations] = [
            models.CreateAliasOperation(create_alias=create)
        ]
        with self._using("naming the collection") as client:
            known = client.get_aliases().aliases
            if any(each.alias_name == name for each in known):
                drop = models.DeleteAlias(alias_name=name)
                operations.insert(0, models.DeleteAliasOperation(delete_alias=drop))
            client.update_collection_aliases(operations)

    def drop(self) -> None:
        """Delete the collection with all its points."""
        with self._using("deleting the collection") as client:
            client.delete_collection(self._name)

    def close(self) -> None:
        """Close our own client; one that was handed in stays open."""
        client, self._client = self._client, None
        if client is not None and self._own_client:
            client.close()

    def _rewritten(self, filter: Filter) -> Filter:
        return rewritten_filter(filter, self._schema.text_keys)

    def _prepare(self, shards: int, replicas: int) -> None:
        with self._using("opening the collection") as client:
            if not client.collection_exists(self._name):
                client.create_collection(
                    self._name, **config.collection(self._schema, shards, replicas)
                )
            self._check_dimension(client.get_collection(self._name).config.params.vectors)
            if not self._local:
                for key, kind in config.indexes(self._schema):
                    client.create_payload_index(self._name, key, kind, wait=True)

    def _check_dimension(self, vectors: Any) -> None:
        params = vectors.get(config.PICTURE) if isinstance(vectors, dict) else None
        found = None if params is None else params.size
        if found != self._schema.dimension:
            raise StoreError(
                f"The collection {self._name} has pictures of dimension {found}, not"
                f" {self._schema.dimension}.",
                "It was built for another encoder: rebuild the archive.",
            )

    def _send(self, requests: list[models.QueryRequest]) -> list[QueryResponse]:
        if not requests:
            return []
        with self._using("searching") as client:
            return client.query_batch_points(self._name, requests)

    @contextmanager
    def _using(self, doing: str) -> Iterator[QdrantClient]:
        if self._client is None:
            raise StoreUnavailable(f"The store at {self._url} is closed.", "Open it again.")
        with server_errors(self._url, doing):
            yield self._client


def _having(vector: str) -> models.Filter:
    return models.Filter(must=[models.HasVectorCondition(has_vector=vector)])


def _chunks(items: list[_Item]) -> Iterator[list[_Item]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _number(point: models.ScoredPoint) -> float:
    """The payload's value that the point was ordered by."""
    value = point.order_value
    return float(value) if isinstance(value, int | float) else 0.0
