"""Every error as a problem (RFC 9457): what went wrong, and what to do.

In: our errors, the framework's, and whatever else is raised. Out: ``application/problem+json``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from hybridsearch import errors
from services.api.schemas.problem import Problem, Wrong

MEDIA_TYPE = "application/problem+json"


class Refusal(errors.HybridSearchError):
    """The service refuses a request: with a status, and headers that go with it."""

    def __init__(
        self,
        status: int,
        message: str,
        remedy: str,
        headers: Mapping[str, str] | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.headers = dict(headers or {})
        self.kind = kind or HTTPStatus(status).phrase


def too_many(seconds: float) -> Refusal:
    """The refusal of a key that asks too often."""
    wait = max(1, math.ceil(seconds))
    return Refusal(
        429,
        "The key has made too many requests.",
        f"Wait {wait} s before the next one.",
        {"retry-after": str(wait)},
    )


def overloaded() -> Refusal:
    """The refusal of a search where too many wait already."""
    return Refusal(
        503,
        "Too many searches are waiting.",
        "Try again in a second.",
        {"retry-after": "1"},
        "Overloaded",
    )


_STATUS: tuple[tuple[type[errors.HybridSearchError], int, str], ...] = (
    (errors.AssetNotFound, 404, "Asset not found"),
    (errors.ArchiveNotFound, 404, "Archive not found"),
    (errors.LabelError, 422, "Labels cannot be used"),
    (errors.QueryError, 422, "Query cannot be answered"),
    (errors.PictureError, 422, "Picture cannot be used"),
    (errors.SourceError, 422, "Source cannot be read"),
    (errors.HybridSearchError, 500, "Internal error"),
)
"""The most particular first. What the server is to blame for tells a client no path of it."""

_UNAVAILABLE: tuple[tuple[type[errors.HybridSearchError], str, str, str], ...] = (
    (
        errors.ModelMissing,
        "Model missing",
        "The model that the archive was indexed with is not on the server.",
        "Tell whoever runs the server: its log names the model, and how to get it.",
    ),
    (
        errors.StoreLocked,
        "Index in use",
        "Another program has the archive's index open, perhaps an ingest on the command line.",
        "Try again when it has ended; an ingest through /v1/jobs keeps nobody waiting.",
    ),
    (
        errors.StoreUnavailable,
        "Index unavailable",
        "The store of the archive's index does not answer.",
        "Try again in a few seconds; if it stays, tell whoever runs the server.",
    ),
    (
        errors.ReaderError,
        "Decoder unavailable",
        "Pictures cannot be decoded right now.",
        "Try again in a few seconds; if it stays, tell whoever runs the server.",
    ),
)
"""What passes, or what somebody can mend, without a word of the server's own paths and names."""

_AGAIN_SECONDS = 5

_OUR_FAULT = (
    "Something went wrong on the server.",
    "Try again; if it stays, tell whoever runs the server the request id.",
)


def problem_of(error: errors.HybridSearchError) -> Problem:
    """The problem that tells of one of our errors."""
    if isinstance(error, Refusal):
        return _problem(error.status, error.kind, error.message, error.remedy)
    for known, title, detail, remedy in _UNAVAILABLE:
        if isinstance(error, known):
            return _problem(503, title, detail, remedy)
    status, title = next((code, name) for kind, code, name in _STATUS if isinstance(error, kind))
    if status >= 500:
        return _problem(status, title, *_OUR_FAULT)
    return _problem(status, title, error.message, error.remedy)


def response_of(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    return Response(
        problem.model_dump_json(exclude_none=True),
        problem.status,
        {**(headers or {}), "cache-control": "no-store"},
        MEDIA_TYPE,
    )


def defect() -> Problem:
    """The problem of an error that nobody expected."""
    return _problem(500, "Internal error", *_OUR_FAULT)


def install(app: FastAPI) -> None:
    """Have the application answer its errors as problems."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.HybridSearchError)  # noqa: S101 -- registered for these
        problem = _with_id(problem_of(error), request)
        if problem.status >= 500:
            request.state.error = error
        return response_of(problem, _headers_of(error, problem.status))

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- registered for these
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["allow"] = ", ".join(_allowed(request))
            if request.method == "OPTIONS":
                return Response(None, HTTPStatus.NO_CONTENT, headers)
        phrase = HTTPStatus(error.status_code).phrase
        detail, remedy = _FRAMEWORK.get(error.status_code, (f"{error.detail}.", "See the API."))
        problem = _problem(error.status_code, phrase, detail, remedy)
        return response_of(_with_id(problem, request), headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for these
        return response_of(_with_id(invalid_request(error.errors()), request))

    app.add_exception_handler(errors.HybridSearchError, ours)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, invalid)


def _allowed(request: Request) -> list[str]:
    """The methods that the request's address takes."""
    scope = request.scope
    taken = [
        method
        for method in ("GET", "POST", "PUT", "DELETE")
        if any(
            route.matches({**scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    return [*taken, *(("HEAD",) if "GET" in taken else ()), "OPTIONS"]


def _headers_of(error: errors.HybridSearchError, status: int) -> Mapping[str, str]:
    if isinstance(error, Refusal):
        return error.headers
    return {"retry-after": str(_AGAIN_SECONDS)} if status == 503 else {}


def invalid_request(found: Sequence[Any]) -> Problem:
    """The problem of a request that breaks the schema; values are not sent back."""
    wrong = [
        Wrong(
            field=".".join(str(part) for part in each["loc"]).encode("utf-8", "replace").decode(),
            message=str(each["msg"]).encode("utf-8", "replace").decode(),
        )
        for each in found[:_SHOWN]
    ]
    first = wrong[0] if wrong else Wrong(field="request", message="it is not valid")
    problem = _problem(
        422,
        "Request not valid",
        f"{first.field}: {first.message}.",
        "Correct the field; the schema is at /v1/openapi.json.",
    )
    return problem.model_copy(update={"errors": wrong})


_SHOWN = 20

_FRAMEWORK = {
    400: ("The request cannot be read.", "See the API at /v1/openapi.json."),
    404: ("There is nothing at this address.", "See the API at /v1/openapi.json."),
    405: ("This address does not take this method.", "Use one of those in the Allow header."),
    408: ("The body did not arrive in time.", "Send it again over a faster line, or send less."),
    413: ("The body is too large.", "Send less at once."),
}


def _with_id(problem: Problem, request: Request) -> Problem:
    return problem.model_copy(update={"request_id": request.scope.get("request_id")})


def _problem(status: int, title: str, detail: str, remedy: str) -> Problem:
    name = title.lower().replace(" ", "-").replace("'", "")
    return Problem(
        type=f"urn:hybridsearch:problem:{name}",
        title=title,
        status=status,
        detail=detail,
        remedy=remedy,
    )


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""What every route may answer beside its own; ``app`` adds the schema."""
