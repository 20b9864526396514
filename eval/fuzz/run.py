"""Feeds damaged files to the readers of pictures and metadata, and reports what should not be.

In: real pictures of every format with rich metadata, made here. Out: a count of cases and each
finding: an error other than ``PictureError``, a crash, a case that took too long or too much
memory. Cases run in a process of their own under limits, so a crash is caught and the case that
caused it is known; each is made from its number alone and can be run again.

    python -m eval.fuzz --cases 50000
    python -m eval.fuzz --only 4711
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from eval.fuzz.damage import mutated
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.errors import PictureError

_SECONDS = 10.0
"""A case may take this long."""

_MEMORY = 3 * 2**30
"""Bytes of address space; a case that needs more fails as it would in the readers of an ingest."""

_CHUNK = 500
"""Cases a process: a crash costs those that follow it in the chunk, which are run again."""

_MAX_PIXELS = 20_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A case that did what none may do."""

    case: int
    seed: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the cases ended: decoded, refused with a reason, or found wanting."""

    cases: int
    decoded: int
    refused: int
    seconds: float
    slowest: float
    by_seed: Mapping[str, int]
    findings: Sequence[Finding]


def run_case(case: int, reader: FileMediaReader) -> tuple[str, str]:
    """Run one case in this process: "decoded", "refused", or "found" and what was found."""
    _, data = mutated(case)
    started = time.process_time()
    result = "decoded"
    try:
        reader.sidecar(data)
        reader.metadata(data)
        pixels = reader.decode(data).pixels
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != "uint8":
            return "found", f"pixels of shape {pixels.shape}"
    except PictureError as error:
        result = "refused" if error.message and error.remedy else "found"
    except Exception:  # whatever it is, it is a finding
        return "found", traceback.format_exc(limit=-4)
    seconds = time.process_time() - started
    if seconds > _SECONDS / 2:
        return "found", f"took {seconds:.1f} s"
    return result, ""


def _serve(first: int, last: int) -> None:
    """The process that runs cases: a line before each, so that its end tells which one it was."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    reader = FileMediaReader(max_pixels=_MAX_PIXELS)
    for case in range(first, last):
        print(json.dumps({"begin": case}), flush=True)
        started = time.monotonic()
        result, detail = run_case(case, reader)
        told = {"end": case, "result": result, "detail": detail}
        print(json.dumps({**told, "seconds": time.monotonic() - started}), flush=True)


def fuzz(cases: int, first: int = 0) -> Outcome:
    """Run so many cases, from a number on, in processes under limits."""
    started = time.monotonic()
    results: Counter[str] = Counter()
    by_seed: Counter[str] = Counter()
    findings: list[Finding] = []
    slowest = 0.0
    for case, result, detail, seconds in _cases(first, first + cases):
        name = mutated(case)[0]
        results[result] += 1
        by_seed[name] += 1
        slowest = max(slowest, seconds)
        if result not in ("decoded", "refused"):
            findings.append(Finding(case, name, result, detail))
    return Outcome(
        sum(results.values()),
        results["decoded"],
        results["refused"],
        time.monotonic() - started,
        slowest,
        dict(sorted(by_seed.items())),
        findings,
    )


def _cases(first: int, last: int) -> Iterator[tuple[int, str, str, float]]:
    """Each case with its end; a case that ends its process is told, the next one goes on."""
    at = first
    while at < last:
        end = min(at + _CHUNK, last)
        running = None
        with tempfile.TemporaryFile() as errors:
            process = _started(at, end, errors.fileno())
            for told in _lines(process):
                if "begin" in told:
                    running = int(told["begin"])
                    continue
                at, running = int(told["end"]) + 1, None
                yield int(told["end"]), told["result"], told["detail"], float(told["seconds"])
            code = process.wait()
            if at < end:
                errors.seek(0)
                detail = errors.read()[-2000:].decode(errors="replace")
                case = at if running is None else running
                yield case, f"ended the process ({code})", detail, 0.0
                at = case + 1


def _started(first: int, last: int, errors: int) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 -- this module itself
        [sys.executable, "-m", "eval.fuzz", "--serve", str(first), str(last)],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def _lines(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What the process says; it is ended where it is silent for too long."""
    stream = process.stdout
    if stream is None:
        return
    with stream:
        while True:
            watch = Timer(3 * _SECONDS, process.kill)
            watch.daemon = True
            watch.start()
            line = stream.readline()
            watch.cancel()
            if not line:
                return
            yield json.loads(line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run cases and print the outcome as JSON; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--only", type=int, help="run one case here, without limits")
    parser.add_argument("--serve", type=int, nargs=2, help=argparse.SUPPRESS)
    said = parser.parse_args(arguments)
    if said.serve:
        _serve(*said.serve)
        return 0
    if said.only is not None:
        print(mutated(said.only)[0], *run_case(said.only, FileMediaReader(_MAX_PIXELS)))
        return 0
    outcome = fuzz(said.cases, said.first)
    print(json.dumps(asdict(outcome), indent=1))
    return 1 if outcome.findings else 0
