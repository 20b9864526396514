"""Runs a command as a process of its own and says what it took.

In: arguments and environment. Out: wall time, CPU time, what it wrote.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hybridsearch.errors import HybridSearchError


class CommandFailed(HybridSearchError):
    """A command that is measured did not end well."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of one process; ``cpu`` is user and system time of all its threads."""

    wall: float
    cpu: float
    error_output: str


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Taken:
    """Run ``python`` with the arguments to its end.

    Raises:
        CommandFailed: it ended with another exit code than 0; holds what it wrote.
    """
    command = [sys.executable, *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        written = errors.read()
    if process.returncode != 0:
        raise CommandFailed(
            f"{' '.join(arguments)} ended with exit code {process.returncode}: "
            f"{written.strip()[-500:]}",
            "Run it on its own to see why.",
        )
    return Taken(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, written)
