"""What happens to every request before and after the routes.

``Watch``: an id, security headers, a log line, metrics; a defect becomes a problem. ``Guard``:
host and origin, size and patience of bodies. ``Heads``: HEAD is GET without its body. All are
plain ASGI: they add microseconds.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api import problems
from services.api.metrics import Metrics
from services.api.problems import Refusal

log = logging.getLogger(__name__)

MOST_HEAD_BYTES = 64 * 2**10
"""Of a request's address and headers: an address may hold a long query and many filters."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_OF_API = (*_HEADERS, (b"content-security-policy", API_POLICY.encode()))
_OF_PAGE = (*_HEADERS, (b"content-security-policy", PAGE_POLICY.encode()))


class Watch:
    """The outermost layer: sees every request, and every answer as it goes out."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        scope["request_id"] = request_id
        secure = _OF_API if scope["path"].startswith("/v1/") else _OF_PAGE
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                there = {name.lower() for name, _ in headers}
                headers += [each for each in secure if each[0] not in there]
                headers.append((b"x-request-id", request_id.encode()))
                message = {**message, "headers": headers}
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                # What is sent leaves when the loop turns: before it is told, not after.
                await asyncio.sleep(0)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("a defect", extra={"request_id": request_id})
            if status:
                raise
            problem = problems.defect().model_copy(update={"request_id": request_id})
            await problems.response_of(problem)(scope, receive, watched)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        state = scope.get("state", {})
        self._metrics.request(scope["method"], route, status, seconds)
        error = state.get("error")
        if status >= 400:
            self._metrics.error(type(error).__name__ if error else str(status))
        told: dict[str, object] = {
            "request_id": scope["request_id"],
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 2),
            "client": (scope.get("client") or ("",))[0],
        }
        if state.get("key_id"):
            told["key"] = state["key_id"]
        if error is not None:
            told["error"] = str(error)
        log.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra=told)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of bodies by what they are for, and seconds that one may take to arrive."""

    query: int
    upload: int
    batch: int
    seconds: float

    def of(self, method: str, path: str, media_type: str) -> int:
        """How large the body of this request may be."""
        if media_type.startswith("multipart/form-data"):
            return self.upload
        if method in ("POST", "PUT") and path.startswith("/v1/assets"):
            return self.batch
        return self.query


class Guard:
    """Turns away what no route should see.

    ``hosts`` are the names the service answers to, None for any: a page of another site must not
    reach a service without keys by having its own name resolve to this machine.
    """

    def __init__(self, app: ASGIApp, limits: Limits, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._limits = limits
        self._hosts = None if hosts is None else frozenset(each.lower() for each in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _head_too_large(scope) or self._refused(scope["method"], headers)
        media_type = headers.get("content-type", "").lower()
        most = self._limits.of(scope["method"], scope["path"], media_type)
        length = headers.get("content-length", "")
        if refusal is None and length.isascii() and length.isdigit() and int(length) > most:
            refusal = Refusal(413, *too_large(most), {"connection": "close"})
        if refusal is not None:
            problem = problems.problem_of(refusal).model_copy(
                update={"request_id": scope.get("request_id")}
            )
            await problems.response_of(problem, refusal.headers)(scope, receive, send)
            return
        if length not in ("", "0") or "transfer-encoding" in headers:
            receive = _bounded(receive, most, self._limits.seconds)
        await self._app(scope, receive, send)

    def _refused(self, method: str, headers: Headers) -> Refusal | None:
        host = headers.get("host", "")
        if self._hosts is not None and _name_of(host) not in self._hosts:
            return Refusal(
                421,
                "The service does not answer to this host name.",
                "Use localhost, or have the name added to service.hosts.",
            )
        origin = headers.get("origin")
        if method not in ("GET", "HEAD") and origin is not None:
            try:
                same = urlsplit(origin).netloc.lower() == host.lower()
            except ValueError:
                same = False
            if not same:
                return Refusal(
                    403,
                    "The request comes from a page of another site.",
                    "Ask from a program, or from a page that this service serves.",
                    kind="Cross-site request",
                )
        return None


class Heads:
    """Answers HEAD as GET would be, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["method"] = "HEAD"  # the server must not wait for the body it is told of
            elif message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, headers_only)
        finally:
            scope["method"] = "HEAD"


def _head_too_large(scope: Scope) -> Refusal | None:
    size = len(scope["raw_path"]) + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    return head_too_large() if size > MOST_HEAD_BYTES else None


def head_too_large() -> Refusal:
    """The refusal of an address and headers that are too long together."""
    return Refusal(
        431,
        f"Address and headers are longer than {MOST_HEAD_BYTES:,} bytes.",
        "Send long queries as POST /v1/search.",
        {"connection": "close"},
    )


def too_large(most: int) -> tuple[str, str]:
    """Message and remedy for a body beyond its limit."""
    return (
        f"The body is larger than {most:,} bytes.",
        "Send less at once; the limits are in the server's [service] settings.",
    )


def _name_of(host: str) -> str:
    """A Host header without its port: ``[::1]:8080`` is ``[::1]``."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _bounded(receive: Receive, most: int, seconds: float) -> Receive:
    """The body's parts while they come in time and are not too many bytes in all."""
    deadline = asyncio.get_running_loop().time() + seconds
    received = 0
    whole = False

    async def bounded() -> Message:
        nonlocal received, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as late:
            raise HTTPException(408, headers={"connection": "close"}) from late
        received += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if received > most:
            raise HTTPException(413, headers={"connection": "close"})
        return message

    return bounded
