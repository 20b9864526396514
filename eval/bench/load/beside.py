"""Searches beside an ingest: each timed with the phase that the ingest was in.

In: a running service, paths, a manifest to ingest. Out: milliseconds by phase. wrk does not tell
when a request was made, so these are asked here, over a few connections that wait for no think
time.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from threading import Event

from eval.bench.load.server import HOST, ask
from eval.bench.processes import CommandFailed

OVER = ("done", "failed", "cancelled")
QUIET = "no ingest"
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: when it was asked (seconds, monotonic), how long it took (ms), its status."""

    moment: float
    milliseconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Beside:
    """All searches, and when each phase of the ingest began."""

    searches: Sequence[Asked]
    phases: Sequence[tuple[float, str]]
    job: dict[str, object]

    def by_phase(self) -> dict[str, list[Asked]]:
        """The searches by the phase in which they were asked."""
        found: dict[str, list[Asked]] = {name: [] for _, name in self.phases}
        for each in self.searches:
            begun = [name for moment, name in self.phases if moment <= each.moment]
            if begun:
                found[begun[-1]].append(each)
        return found


def beside_an_ingest(
    port: int, paths: Sequence[str], connections: int, job: dict[str, object], quiet: float
) -> Beside:
    """Search without a break: first ``quiet`` seconds alone, then until the ingest has ended.

    Raises:
        CommandFailed: the ingest failed.
    """
    stop = Event()
    with ThreadPoolExecutor(connections) as pool:
        running = [
            pool.submit(_asking, port, islice(cycle(paths), start, None), stop)
            for start in range(0, connections * 97, 97)
        ]
        try:
            phases = [(time.monotonic(), QUIET)]
            time.sleep(quiet)
            ended = _watch(port, ask(port, "POST", "/v1/jobs", job)["id"], phases)
        finally:
            stop.set()
        searches = [asked for each in running for asked in each.result()]
    if ended["state"] != "done":
        raise CommandFailed(f"The ingest ended as {ended['state']}.", f"Its problem: {ended}.")
    return Beside(searches, phases, ended)


def _watch(port: int, job_id: str, phases: list[tuple[float, str]]) -> dict[str, object]:
    while True:
        told: dict[str, object] = ask(port, "GET", f"/v1/jobs/{job_id}")
        name = str(told["phase"])
        if name and name != phases[-1][1]:
            phases.append((time.monotonic(), name))
        if told["state"] in OVER:
            return told
        time.sleep(_LOOK_EVERY)


def _asking(port: int, paths: Iterable[str], stop: Event) -> list[Asked]:
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    asked = []
    try:
        for path in paths:
            if stop.is_set():
                break
            moment = time.monotonic()
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            taken = (time.monotonic() - moment) * 1000
            asked.append(Asked(moment, taken, response.status))
    finally:
        connection.close()
    return asked
