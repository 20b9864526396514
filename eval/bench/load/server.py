"""The real server in a process of its own.

In: settings as environment variables. Out: a port that answers, and its process to ask and end.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.bench.processes import CommandFailed

HOST = "127.0.0.1"
_START_SECONDS = 120.0
_END_SECONDS = 60.0


@contextmanager
def served(environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """A running service; its port. Ended by SIGTERM, as a container would.

    Raises:
        CommandFailed: it did not start, or did not end well; holds the end of its log.
    """
    port = _free_port()
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "hybridsearch", "serve", "--port", str(port)],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    try:
        _wait_until_ready(port, process, log)
        yield port
        process.send_signal(signal.SIGTERM)
        if process.wait(_END_SECONDS) != 0:
            raise _failed("did not end well", log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def ask(port: int, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """A request whose answer is JSON.

    Raises:
        CommandFailed: the answer is a problem.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"content-type": "application/json"})
        response = connection.getresponse()
        told = response.read()
        if response.status >= 400:
            raise CommandFailed(f"{method} {path} answered {told[:500]!r}", "See its remedy.")
        return json.loads(told)
    finally:
        connection.close()


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _failed("ended at once", log)
        try:
            ask(port, "GET", "/ready")
        except (OSError, CommandFailed):
            time.sleep(0.1)
        else:
            return
    raise _failed("was not ready in time", log)


def _failed(what: str, log: Path) -> CommandFailed:
    end = log.read_text("utf-8", errors="replace")[-1000:]
    return CommandFailed(f"The service {what}: {end}", "Run `hybridsearch serve` to see why.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
