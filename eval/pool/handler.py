"""What the judging page's server answers, and to whom.

In: requests from this machine. Out: the page, the pool, pictures by asset id, noted grades.
A page from elsewhere in the same browser can neither read nor judge: the Host must be ours
(against DNS rebinding), a judgement must come from our own page (Origin) as JSON, and no
answer allows another origin to use it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from eval.pool.pool import GRADES, MEANINGS
from eval.report.pictures import encoded, small_picture
from hybridsearch.errors import HybridSearchError, PictureError

if TYPE_CHECKING:
    from eval.pool.server import JudgingServer

PAGE = Path(__file__).parent / "page"
FILES = {
    "/": ("judge.html", "text/html; charset=utf-8"),
    "/judge.css": ("judge.css", "text/css; charset=utf-8"),
    "/judge.js": ("judge.js", "text/javascript; charset=utf-8"),
}
SIDE = 1200
LONGEST_BODY = 10_000
JSON = "application/json; charset=utf-8"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class _Refused(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class JudgingHandler(BaseHTTPRequestHandler):
    """One connection."""

    server: JudgingServer
    protocol_version = "HTTP/1.1"
    server_version = "hybridsearch"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """The page and what it needs."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """One judgement."""
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a judge's terminal is not a log."""

    def _answer(self, find: Callable[[], tuple[str, bytes]]) -> None:
        try:
            self._check_host()
            kind, body = find()
            self._send(HTTPStatus.OK, kind, body)
        except _Refused as refused:
            # What may not have been read of a refused request must not pass for the next one.
            self.close_connection = True
            self._send(refused.status, JSON, _json({"error": refused.message}))

    def _get(self) -> tuple[str, bytes]:
        path = urlsplit(self.path).path
        if path in FILES:
            name, kind = FILES[path]
            return kind, (PAGE / name).read_bytes()
        if path == "/pool":
            return JSON, _json(self._pool())
        if path.startswith("/picture/"):
            return "image/jpeg", self._picture(unquote(path.removeprefix("/picture/")))
        raise _Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _post(self) -> tuple[str, bytes]:
        # Read whatever comes of it: a connection closed on unread bytes loses the answer.
        body = self._body()
        if urlsplit(self.path).path != "/grade":
            raise _Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")
        if self.headers.get("Origin") not in [f"http://{host}" for host in self._hosts()]:
            raise _Refused(HTTPStatus.FORBIDDEN, "Only the judging page may judge.")
        query_id, asset_id, grade = self._judgement(body)
        try:
            self.server.ledger.set(query_id, asset_id, grade)
        except HybridSearchError as error:
            raise _Refused(HTTPStatus.CONFLICT, str(error)) from error
        return JSON, _json({"grade": grade})

    def _check_host(self) -> None:
        if self.headers.get("Host") not in self._hosts():
            raise _Refused(HTTPStatus.FORBIDDEN, "Open the page by the address that was printed.")

    def _hosts(self) -> tuple[str, str]:
        return f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}"

    def _pool(self) -> dict[str, Any]:
        ledger = self.server.ledger
        return {
            "meanings": [MEANINGS[grade] for grade in GRADES],
            "items": [
                {
                    "query_id": item.query_id,
                    "query": item.query,
                    "asset_id": item.asset.asset_id,
                    "title": item.asset.title,
                    "caption": item.asset.caption,
                    "picture": item.asset.picture is not None,
                    "grade": ledger.grade(item.query_id, item.asset.asset_id),
                }
                for item in self.server.pool.items
            ],
        }

    def _picture(self, asset_id: str) -> bytes:
        """By asset id alone: the pool says which file that is, so no path ever comes in."""
        path = self.server.pictures.get(asset_id)
        if path is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "The pool holds no such picture.")
        try:
            return _as_jpeg(path)
        except PictureError as error:
            raise _Refused(HTTPStatus.NOT_FOUND, error.message) from error

    def _judgement(self, body: bytes) -> tuple[str, str, int | None]:
        said = self._object(body)
        query_id, asset_id, grade = (said.get(key) for key in ("query_id", "asset_id", "grade"))
        if (str(query_id), str(asset_id)) not in self.server.pairs:
            raise _Refused(HTTPStatus.NOT_FOUND, "The pool does not hold that picture.")
        if grade is not None and (isinstance(grade, bool) or grade not in GRADES):
            raise _Refused(HTTPStatus.BAD_REQUEST, "A grade is 0, 1, 2 or 3, or null to take back.")
        return str(query_id), str(asset_id), None if grade is None else int(grade)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > LONGEST_BODY:
            raise _Refused(HTTPStatus.BAD_REQUEST, f"Send at most {LONGEST_BODY} bytes.")
        return self.rfile.read(int(length))

    def _object(self, body: bytes) -> dict[str, Any]:
        if self.headers.get_content_type() != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON.")
        try:
            said = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, "That is no JSON.") from error
        if not isinstance(said, dict):
            raise _Refused(HTTPStatus.BAD_REQUEST, "Send one JSON object.")
        return said

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


@lru_cache(maxsize=64)
def _as_jpeg(path: Path) -> bytes:
    """Decoded and encoded anew: TIFF becomes visible, and nothing but pixels reaches the page."""
    return encoded(small_picture(path, SIDE), "JPEG", 86)
