"""Programs that are timed in turn: each in a process of its own, loaded once, run when asked.

In: the name of a contestant and its sizes. Out: what one run took, with all processes it uses.
Run as a script it is a contestant: requests on standard input, answers on standard output, JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import psutil  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from hybridsearch.ports import Encoder, Pixels

_EVERY = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds until the last picture was done, ``finishing`` after it; CPU of all processes.

    ``first`` is seconds until the first batch was on the disk, of contestants that write: the
    start of the readers is part of it, and of ``wall``.
    ``peak_mb`` is the largest sum of the resident memory of all its processes; what they share
    is counted for each. ``private_mb`` is the same without the pages of files, which the system
    takes back when it needs them: of an embedded index, those grow with it.
    """

    wall: float
    cpu: float
    finishing: float = 0.0
    first: float = 0.0
    peak_mb: float = 0.0
    private_mb: float = 0.0


class Contestant:
    """A child process that runs ``name`` of ``CONTESTANTS`` with the arguments given."""

    def __init__(self, name: str, arguments: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "eval.bench.contestants", name, json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()  # it is ready

    def run(self, folder: Path) -> Run:
        """One run over the pictures in a folder."""
        if self._process.stdin is None:
            raise RuntimeError("the contestant has ended")
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        with _Memory(self._process.pid) as memory:
            answer = self._answer()
        return replace(Run(**answer), peak_mb=memory.peak / 1e6, private_mb=memory.private / 1e6)

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"a contestant ended with exit code {self._process.wait()}")
        return json.loads(line)


class _Memory:
    """The resident memory of a process and its children, looked at again and again."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self.peak = 0
        self.private = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        over = False
        while not over:
            over = self._over.wait(_EVERY)
            total = private = 0
            for each in [self._root, *self._root.children(recursive=True)]:
                with suppress(psutil.Error):
                    held = each.memory_info()
                    total += held.rss
                    private += held.rss - getattr(held, "shared", 0)  # told on Linux only
            self.peak = max(self.peak, total)
            self.private = max(self.private, private)


def cpu_seconds() -> float:
    """Of this process, its children that have ended, and those that are there."""
    own = psutil.Process()
    times = own.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in own.children(recursive=True):
        with suppress(psutil.Error):
            total += child.cpu_times().user + child.cpu_times().system
    return float(total)


def _timed(work: Callable[[], object]) -> Run:
    cpu, started = cpu_seconds(), time.perf_counter()
    work()
    return Run(time.perf_counter() - started, cpu_seconds() - cpu)


def _sentence_transformers(arguments: Mapping[str, Any]) -> Callable[[Path], Run]:
    """What one would write without this product: ``SentenceTransformer.encode(paths)``."""
    from hybridsearch.adapters.encoders.cores import sleep_while_waiting

    sleep_while_waiting()
    from sentence_transformers import SentenceTransformer

    from hybridsearch.adapters.encoders.clip_quiet import quiet

    with quiet():
        model = SentenceTransformer(arguments["model"], device="cpu")

    def run(folder: Path) -> Run:
        paths = [str(each) for each in sorted(folder.iterdir())]
        return _timed(lambda: model.encode(paths, batch_size=32, show_progress_bar=False))

    return run


def _settings(arguments: Mapping[str, Any], data: str) -> Any:
    from hybridsearch.config import Settings

    Path(data, "_models").symlink_to(arguments["models"])
    encoder = {"name": arguments["model"], "device": "cpu"}
    encoder |= {"runtime": arguments["runtime"], "precision": arguments["precision"]}
    sizes = {"thumbnails": arguments.get("thumbnails", False), "min_free_mib": 0}
    return Settings.model_validate({"data_dir": data, "encoder": encoder, "ingest": sizes})


def _warmed(arguments: Mapping[str, Any]) -> tuple[Encoder, list[Pixels]]:
    """The encoder, its model loaded, and a batch of squares as it likes them."""
    import numpy as np

    from hybridsearch.adapters.encoders.runtimes import clip_encoder
    from hybridsearch.ports import Viewing

    encoder = clip_encoder(
        Path(arguments["models"]),
        arguments["model"],
        device="cpu",
        runtime=arguments["runtime"],
        precision=arguments["precision"],
    )
    batch = encoder.batch() if isinstance(encoder, Viewing) else 32
    noise = np.random.default_rng(0).integers(0, 256, (batch, 224, 224, 3), dtype=np.uint8)
    encoder.embed_pictures(list(noise))
    return encoder, list(noise)


def _forward(arguments: Mapping[str, Any]) -> Callable[[Path], Run]:
    """The model alone on squares that lie in memory, in the batches of the ingest."""
    encoder, squares = _warmed(arguments)
    batch = len(squares)

    def run(folder: Path) -> Run:
        count = sum(1 for _ in folder.iterdir())

        def work() -> None:
            for start in range(0, count, batch):
                encoder.embed_pictures(squares[: min(batch, count - start)])

        return _timed(work)

    return run


class _Clock:
    """Progress that notes when the first and the last batch were written."""

    def __init__(self) -> None:
        self.first = 0.0
        self.last = 0.0
        self.cpu = 0.0

    def start(self, total: int) -> None:
        """Nothing to note."""

    def advance(self, report: object) -> None:
        """A batch is on the disk."""
        self.last, self.cpu = time.perf_counter(), cpu_seconds()
        self.first = self.first or self.last

    def phase(self, name: str) -> None:
        """Nothing to note."""

    def step(self, done: int, total: int) -> None:
        """Nothing to note."""


def _ingest(arguments: Mapping[str, Any]) -> Callable[[Path], Run]:
    """The product's own flow, as ``hybridsearch ingest`` runs it, into a new archive each time."""
    from hybridsearch.bootstrap import open_archive
    from hybridsearch.ingest.folder import FolderSource

    encoder, _ = _warmed(arguments)

    def run(folder: Path) -> Run:
        with tempfile.TemporaryDirectory() as data:
            settings = _settings(arguments, data)
            with open_archive(settings, create=True, serve=True) as archive:
                warmed = replace(archive, encoder=encoder)
                clock = _Clock()
                cpu, started = cpu_seconds(), time.perf_counter()
                report = warmed.ingest().run(FolderSource(folder), clock)
                ended = time.perf_counter()
        if report.failures or not report.written:
            raise RuntimeError(f"{len(report.failures)} pictures failed: {report.failures[:1]}")
        first = clock.first - started
        return Run(clock.last - started, clock.cpu - cpu, ended - clock.last, first)

    return run


CONTESTANTS: Mapping[str, Callable[[Mapping[str, Any]], Callable[[Path], Run]]] = {
    "forward": _forward,
    "ingest": _ingest,
    "sentence-transformers": _sentence_transformers,
}


def main(name: str, arguments: Mapping[str, Any]) -> None:
    """Load, say so, and run each folder that is named."""
    run = CONTESTANTS[name](arguments)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(asdict(run(Path(line.strip())))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
