"""Assets: read, written, deleted; each change is safe to send twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hybridsearch.domain.asset import Location
from hybridsearch.errors import AssetNotFound
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.report import Report
from services.api.access import MAY_SEARCH, MAY_WRITE, service_of
from services.api.routes.bodies import body_of, declared, declared_json, json_of_body
from services.api.routes.links import link_of, linked
from services.api.routes.told import json_of, teller_of
from services.api.schemas.assets import (
    Asset,
    AssetId,
    AssetsAnswer,
    Batch,
    Deleted,
    Deletion,
    Failed,
    GivenAsset,
    NamedAsset,
    Written,
)
from services.api.served import Served
from services.api.service import Service

router = APIRouter(prefix="/v1", tags=["assets"])

ArchiveName = Annotated[str | None, Query(max_length=63)]
IdInPath = Annotated[str, Path(min_length=1, max_length=512)]

_BATCH, _DELETION = TypeAdapter(Batch), TypeAdapter(Deletion)


class AssetsLink(BaseModel):
    """Several assets by their ids."""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    id: list[AssetId] = Field(min_length=1, max_length=200)


@router.get(
    "/assets",
    openapi_extra=linked(AssetsLink),
    response_model=AssetsAnswer,
    dependencies=[MAY_SEARCH],
)
async def read_assets(request: Request) -> Response:
    """Several assets at once."""
    asked = link_of(request, AssetsLink)
    service = service_of(request)
    served = service.archive(asked.archive)

    def work(waited: float) -> Response:
        found = served.assets(asked.id)
        teller = teller_of(service, served)
        there = {each.id for each in found}
        return json_of(
            {
                "assets": [teller.asset(each) for each in found],
                "missing": [each for each in dict.fromkeys(asked.id) if each not in there],
            }
        )

    return await service.searching(served, work)


@router.get("/assets/{asset_id:path}", response_model=Asset, dependencies=[MAY_SEARCH])
async def read_asset(request: Request, asset_id: IdInPath, archive: ArchiveName = None) -> Response:
    """One asset with all its fields."""
    service = service_of(request)
    served = service.archive(archive)

    def work(waited: float) -> Response:
        return json_of(teller_of(service, served).asset(must_be(served, asset_id)))

    return await service.searching(served, work)


@router.post(
    "/assets",
    response_model=Written,
    dependencies=[MAY_WRITE],
    openapi_extra=declared_json(Batch),
)
async def write_assets(request: Request) -> Response:
    """Write assets, each whole; what was known of one of the same id is replaced."""
    batch = await json_of_body(request, _BATCH)
    service = service_of(request)
    served = service.archive(batch.archive)
    seen: set[str] = set()
    for at, each in enumerate(batch.assets):
        if each.id in seen:
            raise _wrong(("body", "assets", at, "id"), f"{each.id!r} stands in the batch already")
        seen.add(each.id)
    entries = [_entry(service, batch.root, each) for each in batch.assets]
    return await _written(service, served, entries)


@router.put(
    "/assets/{asset_id:path}",
    response_model=Written,
    dependencies=[MAY_WRITE],
    openapi_extra=declared(GivenAsset),
)
async def write_asset(
    request: Request, asset_id: IdInPath, archive: ArchiveName = None
) -> Response:
    """Write one asset; its picture may come with it, and is then kept by the archive."""
    given, picture = await body_of(request, GivenAsset)
    service = service_of(request)
    served = service.archive(archive)
    kept: FilePath | None = None
    if picture is not None:
        data, media_type = picture, served.uploads.accepted(picture)
        await served.uploads.plain(data)  # what cannot be decoded is not kept
        kept = await service.working(lambda: served.pictures.keep(data, media_type))
    return await _written(service, served, [Entry(asset_id, kept, asset_id, _fields(given))])


@router.delete("/assets/{asset_id:path}", response_model=Deleted, dependencies=[MAY_WRITE])
async def delete_asset(
    request: Request, asset_id: IdInPath, archive: ArchiveName = None
) -> Response:
    """Delete one asset; deleting it twice is no error."""
    service = service_of(request)
    return await _deleted(service, service.archive(archive), [asset_id])


@router.post(
    "/deletions",
    response_model=Deleted,
    dependencies=[MAY_WRITE],
    openapi_extra=declared_json(Deletion),
)
async def delete_assets(request: Request) -> Response:
    """Delete many assets; ids that are not there are no error."""
    deletion = await json_of_body(request, _DELETION)
    service = service_of(request)
    return await _deleted(service, service.archive(deletion.archive), deletion.ids)


def must_be(served: Served, asset_id: str) -> Any:
    """The asset.

    Raises:
        AssetNotFound: there is none of this id.
    """
    asset = served.asset(asset_id)
    if asset is None:
        raise AssetNotFound(
            f"There is no asset {asset_id!r} in the archive {served.name!r}.",
            "Check the id: it is shown with every hit.",
        )
    return asset


async def _written(service: Service, served: Served, entries: Sequence[Entry]) -> Response:
    report = await service.working(lambda: served.add(entries))
    return json_of(_told(report))


async def _deleted(service: Service, served: Served, ids: Sequence[str]) -> Response:
    deleted = await service.working(lambda: served.delete(list(dict.fromkeys(ids))))
    return json_of(Deleted(deleted=deleted))


def _entry(service: Service, root: str | None, asset: NamedAsset) -> Entry:
    """What the ingest takes, with the path checked.

    Raises:
        Refusal: the path leads out of its root, or there is no such root.
        RequestValidationError: there is a file, and no root that it lies in.
    """
    path = None
    if asset.file is not None:
        if root is None:
            raise _wrong(("body", "root"), "name the configured folder that the files lie in")
        path = service.roots.resolve(root, asset.file)
    return Entry(asset.id, path, asset.id, _fields(asset))


def _fields(given: GivenAsset) -> dict[str, Any]:
    """The asset's fields that are given, in the domain's types."""
    fields: dict[str, Any] = {
        name: value
        for name, value in given.model_dump(exclude={"id", "file", "location"}).items()
        if value not in (None, [], {}, "")
    }
    for name in ("keywords", "people", "organisations"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if given.location is not None:
        fields["location"] = Location(given.location.latitude, given.location.longitude)
    return fields


def _told(report: Report) -> Written:
    return Written(
        written=report.written,
        embedded=report.embedded,
        unchanged=report.unchanged,
        failures=[
            Failed(asset_id=each.asset_id, reason=each.reason, remedy=each.remedy)
            for each in report.failures
        ],
    )


def _wrong(place: tuple[str | int, ...], message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": place, "msg": message, "type": "value_error"}])
