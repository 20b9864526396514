"""The parent's side of one reader process: ask it for one file, and outlive what the file does.

In: work. Out: what the process answered, or the failure that its end means for this file.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.errors import ReaderError
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded

_WORKER = "hybridsearch.adapters.readers.worker"
_PACKAGES = Path(__file__).resolve().parents[3]
_START_SECONDS = 120.0
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
}
"""For glibc, which would give a picture's memory back to the system and ask for it again with every
file, for 1 ms (2 megapixels) to 4 ms (24) of processor time; others do not know the names.
What is larger than the first still goes back at once, so no more than the second is kept."""


class ReaderProcess:
    """One process, used by one thread at a time; ``kill`` may be called from any.

    Raises:
        ReaderError: it could not be started; holds what it wrote.
    """

    def __init__(self, order: ReadingOrder) -> None:
        self._seconds = order.seconds
        self._late = False
        with tempfile.TemporaryFile() as log:
            self._process = _start(log.fileno())
            if self._exchange(order, _START_SECONDS) is None:
                self.kill()
                log.seek(0)
                raise _not_started(log.read().decode(errors="replace").strip()[-500:])

    @property
    def alive(self) -> bool:
        """Whether it may be asked."""
        return not self._late and self._process.poll() is None

    def load(self, work: Work) -> Loaded | Failure:
        """What it made of the file; where it took too long or died, the file's failure.

        After a failure of that kind the process is no longer ``alive``.
        """
        answer: Loaded | Failure | None = self._exchange(work, self._seconds)
        if answer is not None:
            return answer
        self.kill()
        reason, remedy = self._cause()
        return Failure(work.entry.asset_id, work.entry.origin, reason, remedy)

    def kill(self) -> None:
        """End it at once; it holds nothing that could be lost. Twice is no error."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _exchange(self, message: object, seconds: float) -> Any:
        """Its answer; None where it ended, or was ended because the time was up."""
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            return None
        watch = Timer(seconds, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            pickle.dump(message, requests, protocol=5)
            requests.flush()
            return pickle.load(answers)  # noqa: S301 -- from our own child
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return None
        finally:
            watch.cancel()

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _cause(self) -> tuple[str, str]:
        code = self._process.returncode
        if self._late:
            return (
                f"Reading it took longer than {self._seconds:g} s.",
                "Export it again; if the file is sound and its disk slow, raise "
                "ingest.seconds_per_file.",
            )
        how = f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"
        return (
            f"The process that read it ended with {how}.",
            "If memory was short, lower ingest.readers and run the ingest again; otherwise the "
            "file harms its decoder: export it again.",
        )


def _start(log: int) -> subprocess.Popen[bytes]:
    paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        return subprocess.Popen(  # noqa: S603 -- our own module, no shell
            [sys.executable, "-m", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_KEPT_MEMORY
            | dict(os.environ)
            | _ONE_THREAD
            | {"PYTHONPATH": os.pathsep.join(paths)},
        )
    except OSError as error:
        raise _not_started(str(error)) from error


def _not_started(why: str) -> ReaderError:
    return ReaderError(
        f"A process that reads files could not be started: {why or 'it ended at once'}.",
        "Check the Python installation and the limits on processes and memory.",
    )
