"""The store of a generation: the embedded engine's folder, or a server's collection."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.analysis.payload import INTEGER_KEYS, KEYWORD_KEYS, LOCATION_KEYS, TEXT_KEYS
from hybridsearch.config import Settings
from hybridsearch.domain.generation import Generation
from hybridsearch.ports import Store, StoreSchema

if TYPE_CHECKING:
    from hybridsearch.adapters.stores.qdrant import QdrantStore


def make_store(
    generation: Generation, settings: Settings, generations: FolderGenerations, serve: bool
) -> Store:
    """The store of a generation.

    Raises:
        StoreLocked: another process has it open.
        StoreUnavailable: the server cannot be reached.
    """
    schema = schema_of(generation)
    if settings.store.kind == "qdrant":
        return _qdrant(generation, settings, schema)
    folder = generations.folder_of(generation.number) / "store"
    if serve:
        from hybridsearch.adapters.stores.side_build import SideBuildingStore

        return SideBuildingStore(folder, schema)
    from hybridsearch.adapters.stores.edge import EdgeStore

    return EdgeStore(folder, schema)


def schema_of(generation: Generation) -> StoreSchema:
    """What the store of a generation must know."""
    return StoreSchema(
        generation.encoder.dimension if generation.encoder else None,
        KEYWORD_KEYS,
        INTEGER_KEYS,
        TEXT_KEYS,
        LOCATION_KEYS,
    )


def name_collection(generation: Generation, settings: Settings) -> None:
    """On a server, point the archive's alias to the generation's collection, for other tools.

    Searches here go by the generation that the archive's folder names, so that none sees another
    collection from one request to the next.

    Raises:
        StoreUnavailable: the server cannot be reached.
    """
    if settings.store.kind == "qdrant":
        with closing(_qdrant(generation, settings, schema_of(generation))) as store:
            store.alias(generation.archive)


def drop_collection(generation: Generation, settings: Settings) -> None:
    """On a server, delete the generation's collection.

    Raises:
        StoreUnavailable: the server cannot be reached.
    """
    if settings.store.kind == "qdrant":
        with closing(_qdrant(generation, settings, schema_of(generation))) as store:
            store.drop()


def _qdrant(generation: Generation, settings: Settings, schema: StoreSchema) -> QdrantStore:
    from hybridsearch.adapters.stores.qdrant import QdrantStore

    key = settings.store.api_key
    return QdrantStore(
        f"{generation.archive}-{generation.number:04d}",
        schema,
        url=settings.store.url,
        grpc_port=settings.store.grpc_port,
        api_key=key.get_secret_value() if key else None,
        shards=settings.store.shards,
        replicas=settings.store.replicas,
    )
