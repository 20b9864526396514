"""Thumbnails and previews: small copies that browsers may keep for ever, by their content."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from services.api.access import MAY_LOOK, service_of
from services.api.pictures import MEDIA_TYPE, PREVIEW, THUMBNAIL
from services.api.routes.assets import must_be
from services.api.served import Served
from services.api.service import Service

router = APIRouter(prefix="/v1", tags=["pictures"], dependencies=[MAY_LOOK])

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "The picture."}
}
_HASH = r"^[0-9a-f]{64}$"

IdInPath = Annotated[str, Path(min_length=1, max_length=512)]
ArchiveName = Annotated[str | None, Query(max_length=63)]
Version = Annotated[
    str | None,
    Query(pattern=_HASH, description="content_hash; a link with it is good for ever"),
]


@router.get("/thumbnails/{asset_id:path}", responses=_PICTURE, response_class=Response)
async def thumbnail(
    request: Request, asset_id: IdInPath, archive: ArchiveName = None, v: Version = None
) -> Response:
    """The picture with a longer side of 320 pixels at most, as WebP."""
    return await _picture(request, asset_id, archive, v, THUMBNAIL)


@router.get("/previews/{asset_id:path}", responses=_PICTURE, response_class=Response)
async def preview(
    request: Request, asset_id: IdInPath, archive: ArchiveName = None, v: Version = None
) -> Response:
    """The picture with a longer side of 1280 pixels at most, as WebP."""
    return await _picture(request, asset_id, archive, v, PREVIEW)


async def _picture(
    request: Request, asset_id: str, archive: str | None, version: str | None, size: int
) -> Response:
    service = service_of(request)
    served = service.archive(archive)
    known = request.headers.get("if-none-match", "")
    if version is not None and _tag(version, size) in known:
        return Response(None, 304, _headers(version, size, kept=True))
    return await service.working(lambda: _found(service, served, asset_id, version, size, known))


def _found(
    service: Service, served: Served, asset_id: str, version: str | None, size: int, known: str
) -> Response:
    """By its content alone where the link names it; else as the asset has it now."""
    data = served.pictures.known(version, size) if version is not None else None
    content_hash = version
    if data is None:
        asset = must_be(served, asset_id)
        content_hash = asset.content_hash
        if content_hash is not None and _tag(content_hash, size) in known:
            return Response(None, 304, _headers(content_hash, size, kept=False))
        data = served.pictures.small(asset, size)
    headers = _headers(content_hash or "", size, kept=version == content_hash)
    return Response(data, 200, headers, MEDIA_TYPE)


def _tag(content_hash: str, size: int) -> str:
    return f'"{content_hash}-{size}"'


def _headers(content_hash: str, size: int, *, kept: bool) -> dict[str, str]:
    """``kept``: what the address gives will never change, for it names the content."""
    lasting = "private, max-age=31536000, immutable" if kept else "private, no-cache"
    return {"etag": _tag(content_hash, size), "cache-control": lasting}
