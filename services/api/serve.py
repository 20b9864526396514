"""Runs the application until it is told to end, and then lets it finish what it began.

In: settings. Out: a server on a port. Nobody is let in from elsewhere without a key.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from threading import Thread
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hybridsearch.config import Settings
from hybridsearch.errors import ConfigError
from services.api.app import Extension, create_app
from services.api.keys import Keys
from services.api.logs import configure
from services.api.middleware import MOST_HEAD_BYTES, head_too_large
from services.api.problems import Refusal, problem_of, response_of
from services.api.service import Service, is_loopback

log = logging.getLogger(__name__)

HEADER_SECONDS = 10.0
"""Seconds that the headers of a request may take: who sends a byte a minute is let go."""

IDLE_SECONDS = 30
"""Seconds that a connection may stay open between two requests."""

END_SECONDS = 30
"""Seconds that requests may take to end once the server is told to."""

_ROUNDS = (50_000, 20, 20)
"""Of the garbage collector (``gc.set_threshold``)."""

_SWITCH = 0.0005
"""Seconds after which a thread that computes gives way to one that waits; Python's own 0.005
would add 5 ms to a search at each of its steps while an ingest analyses text in this process."""


def serve(settings: Settings, extend: Sequence[Extension] = ()) -> None:
    """Serve the archives until SIGINT or SIGTERM.

    Raises:
        ConfigError: it would listen elsewhere than on this machine and there is no key; or the
            address cannot be listened at.
        HybridSearchError: an archive cannot be opened.
    """
    own = settings.service
    must_be_guarded(settings)
    configure(own.log)
    sys.setswitchinterval(_SWITCH)
    listening = _listening(own.host, own.port)
    try:
        service = Service(settings)
        try:
            app = create_app(service, extend)
            Thread(target=_settle, args=(service,), name="settle", daemon=True).start()
            run(app, service, listening)
        finally:
            service.close()
    finally:
        listening.close()


def _settle(service: Service) -> None:
    """Take what was loaded out of the garbage collector's rounds, once all of it is there.

    Models and libraries are some hundred thousand objects that stay for good; looking through
    them again and again would hold up searches. An answer makes some thousand objects and no
    circle of them, so the rounds may be few.
    """
    while not service.warm.wait(1.0):
        if service.stopping.is_set():
            return
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_ROUNDS)


def must_be_guarded(settings: Settings) -> None:
    """Refuse to listen where others reach without a key.

    Raises:
        ConfigError: there is no key.
    """
    own = settings.service
    if is_loopback(own.host) and not own.require_key:
        return
    if not Keys(settings.keys_file).all():
        raise ConfigError(
            f"The service would listen at {own.host}, where others reach it, and there is no key."
            if not is_loopback(own.host)
            else "A key is required (service.require_key), and there is none.",
            "Make one: hybridsearch keys add NAME --scope search; or listen at 127.0.0.1.",
        )


def run(app: FastAPI, service: Service, listening: socket.socket) -> None:
    """Serve the application at a socket until a signal; requests and jobs end in order."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=PatientProtocol,
        ws="none",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,
    )
    _Server(config, service).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells the service of the end when it is asked for, so that streams of events end too."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to end."""
        log.info("the service ends", extra={"signal": sig})
        self._service.stopping.set()
        # Not the parent's: it would raise the signal again when all is done, and so end this
        # process as if it had been killed.
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


class PatientProtocol(HttpToolsProtocol):
    """Lets go of connections whose headers do not come in time."""

    _patience: asyncio.TimerHandle | None = None
    _head = 0
    _part = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes; of headers only so many are taken."""
        self._head, self._part = self._head + len(data), len(data)
        super().data_received(data)
        if self._patience is not None and self._head > MOST_HEAD_BYTES:
            self._refuse(head_too_large())

    def send_400_response(self, msg: str) -> None:
        """What was sent is no HTTP."""
        self._refuse(
            Refusal(400, "The request is not valid HTTP.", "See the API at /v1/openapi.json.")
        )

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._head = self._part
        self._wait()

    def on_headers_complete(self) -> None:
        """The headers are there."""
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(HEADER_SECONDS, self._let_go)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, refusal: Refusal) -> None:
        """Answer before there is a request that the application could be given."""
        if self.transport is None or self.transport.is_closing():
            return
        response = response_of(problem_of(refusal), {"connection": "close"})
        lines = [f"HTTP/1.1 {refusal.status} {refusal.kind}".encode()]
        lines += [b"%b: %b" % each for each in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self._let_go()

    def _let_go(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()


def _listening(host: str, port: int) -> socket.socket:
    """A socket at the address, before anything slow is loaded.

    Raises:
        ConfigError: the address is taken, or is not this machine's.
    """
    made: socket.socket | None = None
    try:
        family, kind, number, _, address = _resolved(host, port)
        made = socket.socket(family, kind, number)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2048)
        made.setblocking(False)
    except OSError as error:
        if made is not None:
            made.close()
        raise ConfigError(
            f"The service cannot listen at {host}:{port}: {error.strerror or error}.",
            "Choose another --port, or end what listens there.",
        ) from error
    log.info("listening", extra={"host": host, "port": made.getsockname()[1]})
    return made


def _resolved(host: str, port: int) -> tuple[Any, ...]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return found[0]
