"""The judging page's server: this machine only, one pool, one qrels file.

In: a pool and the path of a qrels file. Out: a page on 127.0.0.1, and grades in the file.
"""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from eval.pool.handler import JudgingHandler
from eval.pool.ledger import Ledger
from eval.pool.pool import Pool
from hybridsearch.errors import ConfigError, SourceError

HOST = "127.0.0.1"
PORT = 8765


class JudgingServer(ThreadingHTTPServer):
    """Listens once it is made; ``serve_forever`` answers; leaving it as a context closes it."""

    daemon_threads = True
    request_queue_size = 128
    """Connections that may wait to be taken: a page of many pictures asks for all at once, and of
    the five that the library keeps waiting the system resets the others."""

    def __init__(self, pool: Pool, qrels_path: Path, port: int) -> None:
        self.pool = pool
        self.pictures = {item.asset.asset_id: item.asset.picture for item in pool.items}
        self.pairs = {(item.query_id, item.asset.asset_id) for item in pool.items}
        self.ledger = Ledger(qrels_path, pool.judged)
        try:
            super().__init__((HOST, port), JudgingHandler)
        except (OSError, OverflowError) as error:
            self.ledger.close()
            raise ConfigError(
                f"The judging page cannot use port {port}: {error}.",
                "Choose another with --port, or stop the program that uses it.",
            ) from error

    @property
    def port(self) -> int:
        """The port it listens on, also where the system chose it."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that turns away in the middle of a picture is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening and let others judge into the file."""
        super().server_close()
        self.ledger.close()


def judging_server(pool: Pool, qrels_path: Path, port: int = PORT) -> JudgingServer:
    """A server that listens on 127.0.0.1 and answers once ``serve_forever`` is called.

    Port 0 lets the system choose. Grades that the file holds already are taken up.

    Raises:
        SourceError: the pool is empty, or the file cannot be used.
        ConfigError: the port is taken.
    """
    if not pool.items:
        raise SourceError("There is nothing to judge.", "Make the pool from runs that found some.")
    return JudgingServer(pool, qrels_path, port)


def serve_judging(pool: Pool, qrels_path: Path, port: int = PORT) -> None:
    """Serve the page until Ctrl-C; every judgement is in the file when the page shows it.

    Raises:
        SourceError: the pool is empty, or the file cannot be used.
        ConfigError: the port is taken.
    """
    with judging_server(pool, qrels_path, port) as server:
        print(f"Judge at {server.url} (Ctrl-C ends); grades go to {qrels_path}.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\nEverything judged is in the file; start again to go on.")
