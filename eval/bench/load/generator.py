"""The load generator: wrk, which measures from outside and costs the server no Python.

In: a port, paths, connections. Out: what wrk measured.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from eval.bench.load.server import HOST
from eval.bench.processes import CommandFailed


@dataclass(frozen=True, slots=True)
class Load:
    """Milliseconds of latency; ``errors`` are refused, broken, late or answered with a problem."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p95: float
    p99: float
    max: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def must_be_there() -> None:
    """
    Raises:
        CommandFailed: wrk is not installed.
    """
    if shutil.which("wrk") is None:
        raise CommandFailed("wrk is not installed.", "Install it: apt-get install wrk.")


def load(port: int, paths: Sequence[str], connections: int, seconds: int, skip: int = 0) -> Load:
    """Ask the paths in turn over so many connections; the first path is number ``skip``.

    Raises:
        CommandFailed: wrk failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as listed:
        listed.write("".join(f"{path}\n" for path in paths))
        listed.flush()
        with resources.as_file(resources.files(__package__) / "wrk.lua") as script:
            return _run(script, Path(listed.name), port, connections, seconds, skip)


def _run(script: Path, listed: Path, port: int, connections: int, seconds: int, skip: int) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    command += ["-s", str(script), f"http://{HOST}:{port}", "--", str(listed), str(skip)]
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    told = [line for line in done.stdout.splitlines() if line.startswith('{"requests"')]
    if done.returncode != 0 or not told:
        raise CommandFailed(
            f"wrk ended with exit code {done.returncode}: {done.stderr.strip()[-500:]}",
            "Run it on its own to see why.",
        )
    return Load(**json.loads(told[-1]))
