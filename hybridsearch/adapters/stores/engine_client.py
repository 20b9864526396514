"""The parent's end of an engine process: start it, ask it, notice its death, end it.

In: a method name and arguments. Out: the engine's answer, or its error as if raised here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from pathlib import Path
from threading import Lock, current_thread, main_thread
from typing import Any

from hybridsearch.adapters.stores import wire
from hybridsearch.adapters.stores.lifeline import Lifeline
from hybridsearch.errors import StoreUnavailable

_WORKER = "hybridsearch.adapters.stores.engine_worker"
_PACKAGES = Path(__file__).resolve().parents[3]
_TAIL = 5
"""Lines of the engine's standard error that go into the message about its end."""

_PLACES = ('File "', "Extension modules")


class EngineClient:
    """One engine process. Any thread may ask; requests are answered in the order they came.

    The main thread has another one read and write the pipe for it: an interrupt (Ctrl-C) then
    ends its waiting and never leaves half a frame in the pipe. Other threads are not
    interrupted and take their turn at the pipe themselves, which saves 0.15 ms.

    Args:
        spec: the store that the engine process opens.
        kept_open: file descriptors that it inherits and knows nothing of: a lock of ours is held
            until both have ended.

    Raises:
        StoreLocked, StoreError: what the engine process met when it opened the store.
        StoreUnavailable: it could not be started, or ended at once.
    """

    def __init__(self, spec: wire.EngineSpec, kept_open: tuple[int, ...] = ()) -> None:
        self._folder = spec.folder
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
        self._lifeline = Lifeline()
        self._process = self._start(kept_open)
        self._turn = Lock()
        self._closed = False
        self._pipe = ThreadPoolExecutor(1, thread_name_prefix="engine-pipe")
        try:
            self._pipe.submit(self._exchange, spec).result()
        except BaseException:
            self.close(0)
            raise

    @property
    def pid(self) -> int:
        """The engine process's id."""
        return self._process.pid

    def ask(self, method: str, *arguments: object) -> Any:
        """The engine's answer.

        Raises:
            StoreUnavailable: the engine process has ended, or was closed.
            HybridSearchError: what the store raised.
        """
        if current_thread() is not main_thread():
            return self._exchange((method, arguments))
        try:
            answer = self._pipe.submit(self._exchange, (method, arguments))
        except RuntimeError as fault:
            raise self._over() from fault
        return answer.result()

    def close(self, patience: float) -> None:
        """Let the store close; after ``patience`` seconds end the process. Twice is no error.

        Raises:
            StoreError: what the store met while closing; the process is gone all the same.
        """
        try:
            closing = self._pipe.submit(self._exchange, ("close", ()))
        except RuntimeError:
            return
        try:
            closing.result(patience)
        except StoreUnavailable:
            pass
        except TooLate:
            self._process.terminate()
        finally:
            self._reap()

    def _start(self, kept_open: tuple[int, ...]) -> subprocess.Popen[bytes]:
        paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
        line = self._lifeline.handed
        try:
            return subprocess.Popen(  # noqa: S603 -- our own module, no shell
                [sys.executable, "-m", _WORKER, *map(str, line)],
                pass_fds=(*line, *kept_open) if line else (),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        except OSError as fault:
            self._log.close()
            self._lifeline.close()
            raise StoreUnavailable(
                f"The engine process could not be started: {fault}.",
                "Check the Python installation and the limits on processes and memory.",
            ) from fault
        finally:
            self._lifeline.given()

    def _exchange(self, request: object) -> Any:
        requests, answers = self._process.stdin, self._process.stdout
        with self._turn:
            if self._closed or requests is None or answers is None:
                raise self._over()
            try:
                wire.send(requests, request)
                good, answer = wire.receive(answers)
            except (EOFError, OSError) as fault:
                raise self._ended() from fault
        if not good:
            raise answer
        return answer

    def _over(self) -> StoreUnavailable:
        return self._unavailable("is closed", "Open the archive again.")

    def _ended(self) -> StoreUnavailable:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return self._unavailable("stopped answering", "Open the archive again.")
        last = self._last_words()
        if "SIGBUS" in _told(code):
            return self._unavailable(
                "ended with signal 7 (SIGBUS): its disk is full, or it fails",
                "Make room and start it again; what was acknowledged is not lost.",
            )
        return self._unavailable(
            f"ended with {_told(code)}" + (f" after: {last}" if last else ""),
            "Start it again; what was acknowledged is not lost. If it was killed, look for a"
            " lack of memory.",
        )

    def _last_words(self) -> str:
        """The end of its standard error, without the places in the code."""
        self._log.seek(max(self._log.seek(0, os.SEEK_END) - 4096, 0))
        lines = [line.strip() for line in self._log.read().decode(errors="replace").split("\n")]
        told = [line for line in lines if line and not line.startswith(_PLACES)]
        return " / ".join(told[-_TAIL:])

    def _unavailable(self, what: str, remedy: str) -> StoreUnavailable:
        where = f"The engine process {self._process.pid} of {self._folder}"
        return StoreUnavailable(f"{where} {what}.", remedy)

    def _reap(self) -> None:
        """See the process out: by itself, or made to."""
        for next_step in (self._process.terminate, self._process.kill, None):
            try:
                self._process.wait(5)
                break
            except subprocess.TimeoutExpired:
                if next_step is not None:
                    next_step()
        self._closed = True
        self._pipe.shutdown()
        self._lifeline.close()
        for each in (self._process.stdin, self._process.stdout, self._log):
            with suppress(OSError):
                if each is not None:
                    each.close()


def _told(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal {-code}"
