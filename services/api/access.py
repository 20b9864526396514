"""Who may do what: the key of a request, its scope, its rate.

In: the ``x-api-key`` header (or a bearer token, or the cookie of a page). Out: nothing, or a
refusal. Without keys, on this machine alone, everything is allowed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends, Request

from services.api.keys import Scope
from services.api.problems import Refusal, too_many
from services.api.service import Service

COOKIE = "hybridsearch_key"
"""Set for the page, whose pictures cannot send headers; it opens the scope search alone."""

SCHEMES: dict[str, dict[str, str]] = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
"""How a key may be sent, as the API's description tells it."""

_BEARER = "bearer "


def service_of(request: Request) -> Service:
    """The service that the application was made for."""
    service: Service = request.app.state.service
    return service


SMALL = 0.05
"""What a thumbnail counts of a request: a page of results brings fifty, and costs no search."""


def needs(scope: Scope, counts: float = 1.0) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets only keys of this scope pass, as often as their rate allows.

    ``counts`` is how much of a request this one is to the rate.
    """

    async def check(request: Request) -> None:
        headers = request.headers
        presented = headers.get("x-api-key")
        bearer = headers.get("authorization", "")
        if presented is None and bearer[: len(_BEARER)].lower() == _BEARER:
            presented = bearer[len(_BEARER) :].strip()
        cookie = request.cookies.get(COOKIE) if presented is None and "cookie" in headers else None
        check_access(request, scope, presented, cookie, counts)

    return check


def check_access(
    request: Request,
    scope: Scope,
    presented: str | None,
    cookie: str | None = None,
    counts: float = 1.0,
) -> None:
    """Let the request pass, or refuse it.

    Raises:
        Refusal: no key, a wrong one, one without the scope, or one that asks too often.
    """
    service = service_of(request)
    if not service.keyed and presented is None:
        return
    from_cookie = presented is None and cookie is not None
    given = presented if presented is not None else cookie
    key = service.keys.find(given) if given is not None else None
    if key is None:
        said = "The key is not known." if given else "A key is needed."
        raise Refusal(
            401,
            said,
            "Send it in the header x-api-key; `hybridsearch keys add` makes one.",
            {"www-authenticate": 'ApiKey realm="hybridsearch"'},
        )
    request.state.key_id = key.id
    allowed = key.scopes & {Scope.SEARCH} if from_cookie else key.scopes
    if scope not in allowed:
        raise Refusal(
            403,
            f"The key may not {scope}.",
            f"Use a key of the scope {scope}, in the header x-api-key.",
        )
    wait = service.buckets.take(key.id, counts)
    if wait > 0:
        raise too_many(wait)


MAY_SEARCH = Depends(needs(Scope.SEARCH))
MAY_LOOK = Depends(needs(Scope.SEARCH, SMALL))
MAY_WRITE = Depends(needs(Scope.WRITE))
MAY_ADMIN = Depends(needs(Scope.ADMIN))
