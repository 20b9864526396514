"""The application: routes, errors and middleware around one service.

In: a ``Service``. Out: an ASGI application. The page adds itself through ``extend``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.api import problems
from services.api.access import SCHEMES
from services.api.middleware import Guard, Heads, Limits, Watch
from services.api.problems import PROBLEMS
from services.api.routes import (
    archives,
    assets,
    jobs,
    labels,
    pictures,
    search,
    state,
    suggestions,
)
from services.api.schemas.archives import FinishRequest, IngestRequest
from services.api.schemas.assets import Batch, Deletion, GivenAsset
from services.api.schemas.labels import CaptionsRequest, ClassesRequest, TagsRequest
from services.api.schemas.problem import Problem
from services.api.schemas.requests import SearchRequest
from services.api.service import Service, is_loopback

Extension = Callable[[FastAPI], None]
"""Adds routes or mounts; ``app.state.service`` is there for them."""

OPENAPI = "/v1/openapi.json"
TAKEN_BY_HAND = (
    SearchRequest,
    GivenAsset,
    Batch,
    Deletion,
    TagsRequest,
    ClassesRequest,
    CaptionsRequest,
    IngestRequest,
    FinishRequest,
)
"""Bodies that the routes read themselves: FastAPI does not know of them."""

OPEN = ("/health", "/ready", "/v1/session")
"""Routes that need no key, or take it themselves."""

_ABOUT = """
Search pictures by what they show and by what is written about them.

Names of fields follow the IPTC Photo Metadata Standard. Every error is a problem (RFC 9457) with
a `remedy`. A key, where one is needed, goes into the header `x-api-key`. Lists come in pages:
send `next` of an answer back as `cursor`, with the same query.
"""


def create_app(service: Service, extend: Sequence[Extension] = ()) -> FastAPI:
    """The application of a service, which it closes when it ends.

    Args:
        service: opened by the caller.
        extend: called with the application when the API's routes are in it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="hybridsearch",
        version=version("hybridsearch"),
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        responses=PROBLEMS,
    )
    app.state.service = service
    problems.install(app)
    for each in (search, suggestions, assets, pictures, labels, archives, jobs, state):
        app.include_router(each.router)
    app.add_api_route(OPENAPI, lambda: JSONResponse(described(app)), include_in_schema=False)
    for add in extend:
        add(app)
    own = service.settings.service
    limits = Limits(
        own.max_query_kib * 2**10,
        own.max_upload_mib * 2**20,
        own.max_batch_mib * 2**20,
        own.body_seconds,
    )
    app.add_middleware(Heads)
    app.add_middleware(Guard, limits=limits, hosts=allowed_hosts(own.host, own.hosts))
    app.add_middleware(Watch, metrics=service.metrics)
    return app


def allowed_hosts(host: str, further: Iterable[str]) -> tuple[str, ...] | None:
    """The names that a service answers to; None for any.

    Elsewhere than on this machine a key is needed, which no page of another site has.
    """
    if is_loopback(host):
        return ("localhost", "127.0.0.1", "[::1]", host, *further)
    return tuple(further) or None


def described(app: FastAPI) -> dict[str, Any]:
    """The description of the API (OpenAPI 3.1)."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for model in (Problem, *TAKEN_BY_HAND):
            schemas.update(_schemas_of(model))
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        made["components"]["securitySchemes"] = SCHEMES
        for path, operations in made["paths"].items():
            for operation in operations.values():
                operation.get("responses", {}).pop("422", None)
                if path not in OPEN:
                    operation["security"] = [{name: []} for name in SCHEMES]
        app.openapi_schema = made
    return app.openapi_schema


def _schemas_of(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema and those that it is made of, by name."""
    own = model.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = own.pop("$defs", {})
    return {**parts, model.__name__: own}


__all__ = ["Extension", "allowed_hosts", "create_app", "described"]
