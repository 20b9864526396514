"""A reader process's desk: takes work, reads the file, answers; ends when its input ends.

In: the order and work (see ``worker``). Out: "ready" once, then what ``load`` gives for each.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings
from typing import IO

from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded, load

READY = "ready"

_GRACE = 10
"""Seconds after which a reader ends itself, should nobody be left to end it."""


def main() -> None:
    """Serve until the parent closes the pipe, or is gone."""
    requests, answers = sys.stdin.buffer, _private_output()
    try:
        order: ReadingOrder = pickle.load(requests)  # noqa: S301 -- from our own parent
        _limit_memory(order.memory_bytes)
        warnings.simplefilter("ignore")  # decoders warn of every damaged tag they pass over
        _answer(answers, READY)
        _hush()
        while True:
            work: Work = pickle.load(requests)  # noqa: S301
            _alarm(order.seconds + _GRACE)
            _answer(answers, _read(work, order))
            _alarm(0)
    except (EOFError, BrokenPipeError):
        return


def _read(work: Work, order: ReadingOrder) -> Loaded | Failure:
    """What ``load`` gives; an error that it does not know is the file's failure all the same."""
    try:
        return load(work, order.media, order.view, order.max_file_bytes, order.extras)
    except MemoryError:
        reason = "Reading it takes more memory than a reader may have."
        remedy = "Export a smaller copy, or raise ingest.reader_memory_mib."
    except Exception as fault:
        told = f"{type(fault).__name__}: {fault}"[:300]
        reason = f"Reading it failed unexpectedly ({told})."
        remedy = "Export it again; this is a defect, please report it with this text."
    return Failure(work.entry.asset_id, work.entry.origin, reason, remedy)


def _answer(answers: IO[bytes], message: object) -> None:
    pickle.dump(message, answers, protocol=5)
    answers.flush()


def _private_output() -> IO[bytes]:
    """Standard output for answers alone; what anyone prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _hush() -> None:
    """From now on nothing is kept of what decoders print: a hostile file makes them print much."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _limit_memory(most: int | None) -> None:
    """Let an allocation beyond the limit fail here, before the machine runs out of memory."""
    try:
        import resource
    except ImportError:  # there is no such limit on Windows
        return
    if most is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _alarm(seconds: float) -> None:
    """Have the system end this process after so many seconds; 0 calls it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
