"""Whether the service lives and can answer, its metrics, and the session of a page."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from hybridsearch.errors import HybridSearchError
from services.api import metrics
from services.api.access import COOKIE, MAY_SEARCH, check_access, service_of
from services.api.keys import Scope
from services.api.problems import Refusal, problem_of
from services.api.routes.told import json_of
from services.api.service import Service

router = APIRouter(tags=["state"])

_PATIENCE = 5.0
"""Seconds that a store may take to answer before the service is not ready."""

_SESSION_SECONDS = 12 * 3600
"""A working day."""


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Models are loaded, stores answer, a generation is live."""

    status: Literal["ready"] = "ready"


@router.get("/health", response_model=Health)
async def health() -> Response:
    """Whether the process answers: restart it where it does not."""
    return json_of(Health())


@router.get("/ready", response_model=Ready)
async def ready(request: Request) -> Response:
    """Whether searches can be answered: send none here where they cannot."""
    service = service_of(request)
    if not service.warm.is_set():
        why = service.unready
        told = "The models are being loaded." if why is None else problem_of(why).detail
        raise _not_ready(told)
    if service.stopping.is_set():
        raise _not_ready("The service is ending.")
    try:
        async with asyncio.timeout(_PATIENCE):
            await service.working(lambda: _asked(service))
    except TimeoutError as late:
        raise _not_ready("A store does not answer in time.") from late
    except HybridSearchError as error:
        raise _not_ready(problem_of(error).detail) from error
    return json_of(Ready())


@router.get("/metrics", dependencies=[MAY_SEARCH], response_class=Response)
async def metrics_text(request: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    text = service_of(request).metrics.text()
    return Response(text, 200, {"cache-control": "no-store"}, metrics.MEDIA_TYPE)


@router.post("/v1/session", status_code=204, response_class=Response)
async def begin_session(
    request: Request, x_api_key: Annotated[str, Header(max_length=200)]
) -> Response:
    """Keep the key in a cookie, for a page whose pictures cannot send it; it opens search alone."""
    check_access(request, Scope.SEARCH, x_api_key)
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        x_api_key,
        max_age=_SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.delete("/v1/session", status_code=204, response_class=Response)
async def end_session(request: Request) -> Response:
    """Forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _asked(service: Service) -> None:
    for served in service.archives.values():
        served.archive.store.count()


def _not_ready(why: str) -> Refusal:
    return Refusal(503, why, "Ask again in a few seconds.", {"retry-after": "5"}, "Not ready")
