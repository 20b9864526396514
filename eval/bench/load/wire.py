"""Single requests with as little of the client in their time as Python allows.

In: a port, paths. Out: what the server sent, whole, and the milliseconds it took. ``http.client``
reads headers with the parser of e-mails, a few tenths of a millisecond of the client's own that
would be counted as the server's; here a request is bytes made beforehand, and of the answer only
the status line, two headers and the number of the body's bytes are looked at.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from eval.bench.load.server import HOST
from eval.bench.processes import CommandFailed

_PART = 2**20
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_TIMING = re.compile(rb"\r\nserver-timing: *([^\r]+)\r\n", re.IGNORECASE)
_OK = b"HTTP/1.1 200 "


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer of status 200: its time (ms), its Server-Timing by step (ms), its body."""

    milliseconds: float
    timing: dict[str, float]
    body: bytes


class Wire:
    """One connection, kept open. Use it as a context."""

    def __init__(self, port: int, patience: float = 60.0) -> None:
        """``patience`` is the seconds that the server may be silent."""
        self._port = port
        self._socket = socket.create_connection((HOST, port), patience)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def request(self, path: str) -> bytes:
        """The bytes that ask for a path."""
        return f"GET {path} HTTP/1.1\r\nhost: {HOST}:{self._port}\r\n\r\n".encode("ascii")

    def ask(self, request: bytes) -> Timed:
        """Send a request and take its answer to the last byte.

        Raises:
            CommandFailed: the answer is not 200, its length is not told, or it is cut off.
            OSError: the connection is broken or silent.
        """
        started = time.perf_counter()
        self._socket.sendall(request)
        received = self._some()
        while (end := received.find(_HEAD_END)) < 0:
            received += self._some()
        body_at = end + len(_HEAD_END)
        told = _LENGTH.search(received, 0, body_at)
        if told is None or not received.startswith(_OK):
            raise _not_as_asked(received)
        parts, missing = [received], body_at + int(told[1]) - len(received)
        while missing > 0:
            part = self._some()
            parts.append(part)
            missing -= len(part)
        taken = (time.perf_counter() - started) * 1000
        if missing < 0:
            raise _not_as_asked(received)
        timing = _TIMING.search(received, 0, body_at)
        steps = steps_of(timing[1].decode("ascii")) if timing else {}
        return Timed(taken, steps, b"".join(parts)[body_at:])

    def _some(self) -> bytes:
        part = self._socket.recv(_PART)
        if not part:
            raise CommandFailed(
                "The service closed the connection within an answer.", "See the end of its log."
            )
        return part


def steps_of(header: str) -> dict[str, float]:
    """Milliseconds by step, of a Server-Timing header (W3C) as the service writes it."""
    pairs = (each.strip().split(";dur=") for each in header.split(","))
    return {name: float(duration) for name, duration in pairs}


def _not_as_asked(received: bytes) -> CommandFailed:
    return CommandFailed(
        f"The service answered {received[:500]!r}.", "Ask the same by hand to see why."
    )
