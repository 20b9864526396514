"""The service under load, and its share of a search's time.

In: captions, an encoder. Out: latency and throughput over HTTP for queries whose vectors are
known and for queries that are new; what HTTP costs beside the engine; how searches fare while an
ingest runs and indexes are built.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from eval.bench.corpus import caption_assets
from eval.bench.load.archive import build_archive
from eval.bench.load.beside import Asked, Beside, beside_an_ingest
from eval.bench.load.generator import Load, load, must_be_there
from eval.bench.load.queries import paths
from eval.bench.load.server import HOST, served
from eval.bench.load.wire import Wire, steps_of
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import high, say
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset

CONNECTIONS = (1, 8, 32)
KNOWN = 200
"""Queries that are asked again and again."""

LIMIT = 20
PROBED = 500
BESIDE = 4
"""Connections that search beside the ingest."""

QUIET_SECONDS = 10.0
OUTSIDE_MS = 2.0


def measure(data: Path, count: int, encoder: str, seconds: int, added: int, seed: int) -> Report:
    """Build the archive, serve it, ask it."""
    must_be_there()
    assets = caption_assets(data, count + added)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        settings = Settings(archive="bench", data_dir=folder / "data", encoder={"name": encoder})
        build_archive(settings, assets[:count], seed)
        manifest = _manifest(folder / "new", assets[count:])
        environment = {
            "HYBRIDSEARCH_ARCHIVE": "bench",
            "HYBRIDSEARCH_DATA_DIR": str(folder / "data"),
            "HYBRIDSEARCH_SERVICE__ROOTS": json.dumps({"new": str(manifest.parent)}),
            "HYBRIDSEARCH_SERVICE__WAITING": "256",
        }
        with served(environment, folder / "service.log") as port:
            known = paths(assets[:count], KNOWN, seed, LIMIT)
            new = paths(assets[:count], 2_000 * seconds, seed + 1, LIMIT)
            _ask_once(port, known)  # every vector is known from now on
            say("taking a search apart")
            share = _outside(port, known)
            rows, loads = _loads(port, known, new, seconds)
            say("searching beside an ingest")
            job: dict[str, object] = {"kind": "ingest", "root": "new", "path": manifest.name}
            beside = beside_an_ingest(port, known, BESIDE, job, QUIET_SECONDS)
    setup: dict[str, Cell] = {
        "assets": count,
        "encoder": encoder,
        "hits": LIMIT,
        "seconds a run": seconds,
        "assets ingested beside": added,
    }
    return _report(setup, rows, loads, share, beside)


def _loads(
    port: int, known: Sequence[str], new: Sequence[str], seconds: int
) -> tuple[list[dict[str, Cell]], list[Load]]:
    rows: list[dict[str, Cell]] = []
    loads = []
    asked = 0
    for connections in CONNECTIONS:
        for name, listed, skip in (("known", known, 0), ("new", new, asked)):
            say(f"{name} queries over {connections} connections")
            found = load(port, listed, connections, seconds, skip)
            if name == "new":
                asked += found.requests + connections
            loads.append(found)
            rows.append(
                {
                    "queries": name,
                    "connections": connections,
                    "p50 ms": found.p50,
                    "p95 ms": found.p95,
                    "p99 ms": found.p99,
                    "a second": found.rate,
                    "requests": found.requests,
                    "errors": found.errors,
                }
            )
    return rows, loads


def _ask_once(port: int, asked: Sequence[str]) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        for path in asked:
            connection.request("GET", path)
            connection.getresponse().read()
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class _Share:
    """Milliseconds of searches asked one at a time, over one connection.

    ``engine`` is what the service measured around the engine's call alone (its Server-Timing
    header); waiting for a thread, telling the answer and sending it are ``outside``. ``library``
    is outside as well, of the same searches asked through Python's http.client.
    """

    engine: Sequence[float]
    outside: Sequence[float]
    library: Sequence[float]


def _outside(port: int, known: Sequence[str]) -> _Share:
    """Both ways in turns, so that they see the same moments of the machine.

    Not the same search twice in a row: the second would find everything warm.
    """
    engine, outside, library = [], [], []
    with Wire(port) as wire:
        requests = [wire.request(path) for path in known]
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        try:
            for at in range(PROBED):
                asked = wire.ask(requests[at % len(known)])
                engine.append(asked.timing["engine"])
                outside.append(asked.milliseconds - asked.timing["engine"])
                other = known[(at + len(known) // 2) % len(known)]
                library.append(_outside_with_library(connection, other))
        finally:
            connection.close()
    return _Share(engine, outside, library)


def _outside_with_library(connection: http.client.HTTPConnection, path: str) -> float:
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    whole = (time.perf_counter() - started) * 1000
    return whole - steps_of(response.headers["server-timing"])["engine"]


def _manifest(folder: Path, assets: Sequence[Asset]) -> Path:
    folder.mkdir()
    path = folder / "new.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for each in assets:
            stream.write(json.dumps({"id": f"new-{each.id}", "caption": each.caption}) + "\n")
    return path


def _beside_row(phase: str, asked: Sequence[Asked]) -> dict[str, Cell]:
    taken = [each.milliseconds for each in asked]
    return {
        "phase": phase,
        "searches": len(asked),
        "p50 ms": median(taken) if taken else 0.0,
        "p95 ms": high(taken) if taken else 0.0,
        "p99 ms": high(taken, 0.99) if taken else 0.0,
        "max ms": max(taken, default=0.0),
        "errors": sum(each.status != 200 for each in asked),
    }


def _report(
    setup: dict[str, Cell],
    rows: list[dict[str, Cell]],
    loads: Sequence[Load],
    share: _Share,
    beside: Beside,
) -> Report:
    one: dict[str, Cell] = {
        "searches": len(share.outside),
        "engine p50 ms": median(share.engine),
        "outside p50 ms": median(share.outside),
        "outside p95 ms": high(share.outside),
        "outside with http.client p50 ms": median(share.library),
    }
    phases = [_beside_row(phase, asked) for phase, asked in beside.by_phase().items()]
    errors = sum(each.errors for each in loads)
    errors += sum(each.status != 200 for each in beside.searches)
    return Report(
        "The service under load",
        setup,
        [
            Table("One connection, known queries: the engine and what is around it", [one]),
            Table("Searches over HTTP (wrk)", rows),
            Table(f"{BESIDE} connections beside an ingest, by its phase", phases),
        ],
        [
            Target(
                "ms outside the engine, median", median(share.outside), OUTSIDE_MS, at_least=False
            ),
            Target("errors", errors, 0, at_least=False),
        ],
        [
            "Captions are real, picture vectors are made, query vectors come from the encoder.",
            "Known queries find their vector in the cache; new ones go through the encoder.",
            "Outside the engine: asked with prepared bytes over a bare socket, as wrk does in C; "
            "what http.client takes beyond that is the work of a client written in Python.",
            "Server, engine process, load generator and ingest share this machine's cores.",
        ],
    )
