"""The page's routes.

In: an application with the API in it. Out: the same with ``/`` and the page's files.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files as resources
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from jinja2 import Environment, StrictUndefined

from services.api.middleware import PAGE_POLICY
from services.web.files import Files, StaticFile
from services.web.language import LANGUAGES, chosen_language, strings_of

POLICY = f"{PAGE_POLICY}; require-trusted-types-for 'script'; trusted-types 'none'"
"""No module of the page makes markup from text, and the browser sees to it."""

ASKING = frozenset(("q", "filter", "since", "until", "like", "picture"))
"""Parameters of a link that asks for something: there will be chips, so they get their room."""

THEMES = ("auto", "light", "dark")
SIZES = ("small", "medium", "large")


def add_page(app: FastAPI) -> None:
    """Serve the page at ``/``; an ``Extension`` of ``create_app``."""
    static = Files(resources("services.web") / "static")
    source = (resources("services.web") / "templates" / "page.html").read_text("utf-8")
    # Nothing of a link is written into it: names and words come as text nodes, from the API.
    template = _Strings(autoescape=True, undefined=StrictUndefined).from_string(source)
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page(request: Request) -> Response:
        language = chosen_language(request.headers, request.cookies)
        html = template.render(
            language=language,
            languages=LANGUAGES,
            t=strings_of(language),
            static=static,
            theme=_one_of(request.cookies, "theme", THEMES),
            size=_one_of(request.cookies, "size", SIZES, "medium"),
            themes=THEMES,
            asks=not ASKING.isdisjoint(request.query_params),
        )
        headers = {
            "content-security-policy": POLICY,
            "cache-control": "no-cache",
            "content-language": language,
            "vary": "accept-language, cookie",
        }
        return Response(html, 200, headers, "text/html; charset=utf-8")

    @router.get("/static/{version}/{name}")
    async def static_file(request: Request, version: str, name: str) -> Response:
        return _sent(request, static.get(name), lasting=version == static.version)

    @router.get("/favicon.ico")
    async def icon(request: Request) -> Response:
        return _sent(request, static.get("icon.svg"), lasting=False)

    app.include_router(router)


class _Strings(Environment):
    """``t.search.clear`` is the string of that name, not the method of a dictionary."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A part of a value: what it holds goes before what it can do."""
        return self.getitem(obj, attribute)


def _one_of(
    cookies: Mapping[str, str], name: str, choices: tuple[str, ...], default: str | None = None
) -> str:
    """What the reader chose; anything else is the default."""
    chosen = cookies.get(name, "")
    return chosen if chosen in choices else default or choices[0]


def _sent(request: Request, found: StaticFile | None, *, lasting: bool) -> Response:
    """A file; for ever where its address holds the version of all files."""
    if found is None:
        return Response(status_code=404)
    headers = {
        "etag": found.tag,
        "vary": "accept-encoding",
        "cache-control": "public, max-age=31536000, immutable" if lasting else "no-cache",
    }
    if found.tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, 200, {**headers, "content-encoding": "gzip"}, found.kind)
    return Response(found.data, 200, headers, found.kind)
