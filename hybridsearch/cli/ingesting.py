"""An ingest as the command line shows it: the source, a bar while it runs, the report."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from hybridsearch.adapters.parquet import read_parquet
from hybridsearch.bootstrap import Archive
from hybridsearch.domain.asset import DESCRIPTIVE_FIELDS
from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Failure, Source
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.report import Progress, Report

_FAILURES_SHOWN = 10


def source_from(
    path: Path, root: Path | None, rename: Sequence[str], drop: Sequence[str]
) -> Source:
    """A folder where the path is one, else a manifest.

    Raises:
        SourceError: there is no such path, or a ``--map`` is not FIELD=COLUMN.
    """
    if not path.expanduser().exists():
        raise SourceError(f"There is no {path}.", "Give a folder or a manifest file.")
    if path.expanduser().is_dir():
        if root or rename or drop:
            raise SourceError(
                "--root, --map and --drop are for manifests.", "Leave them out for a folder."
            )
        return FolderSource(path)
    columns: dict[str, str] = {}
    for each in rename:
        field, equals, column = each.partition("=")
        if not equals or field not in (*DESCRIPTIVE_FIELDS, "id", "file", "uri"):
            raise SourceError(
                f"--map {each!r} names no asset field.",
                f"Write FIELD=COLUMN with a field of {', '.join(DESCRIPTIVE_FIELDS)}.",
            )
        columns[field] = column
    return ManifestSource(path, root, columns, frozenset(drop), read_parquet)


class _Rate(ProgressColumn):
    """Entries a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.1f}/s" if speed else "–/s")


class _DrawnProgress:
    """Progress on a bar with rate and remaining time."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("reading", total=None)

    def start(self, total: int) -> None:
        self._bar.update(self._task, total=total)

    def advance(self, report: Report) -> None:
        told = f"{report.written:,} written, {report.unchanged:,} unchanged"
        if report.failures:
            told += f", {len(report.failures):,} failed"
        self._bar.update(self._task, completed=report.seen, description=told)

    def phase(self, name: str) -> None:
        self._bar.update(self._task, description=name)

    def step(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)


class _LoggedProgress:
    """Progress as lines, where nobody watches a terminal: one every few seconds."""

    def __init__(self, console: Console, every_seconds: float = 10.0) -> None:
        self._console = console
        self._every = every_seconds
        self._total = 0
        self._phase = ""
        self._started = self._told = time.monotonic()

    def _due(self) -> bool:
        """Whether to tell again; that it was told is remembered."""
        now = time.monotonic()
        if now - self._told < self._every:
            return False
        self._told = now
        return True

    def start(self, total: int) -> None:
        self._total = total

    def advance(self, report: Report) -> None:
        if not self._due():
            return
        rate = report.seen / (self._told - self._started)
        left = (self._total - report.seen) / rate if rate else 0.0
        self._console.print(
            f"{report.seen:,} of {self._total:,}: {report.written:,} written, "
            f"{report.unchanged:,} unchanged, {len(report.failures):,} failed; "
            f"{rate:,.1f}/s, {left:,.0f} s left"
        )

    def phase(self, name: str) -> None:
        self._phase, self._told = name, time.monotonic()
        self._console.print(name)

    def step(self, done: int, total: int) -> None:
        if self._due():
            self._console.print(f"{self._phase}: {done:,} of {total:,}")


Result = TypeVar("Result")
Run = Callable[[Progress | None], Result]
"""What tells its progress; nobody where None."""


def watched(run: Run[Result], quiet: bool) -> Result:
    """Run it and show its progress on standard error, so that output can be piped.

    A request to end (SIGTERM) is answered as Ctrl-C is.
    """
    with terminable():
        return _watched(run, quiet)


@contextmanager
def terminable() -> Iterator[None]:
    """Have a request to end (SIGTERM) raise ``KeyboardInterrupt``."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _watched(run: Run[Result], quiet: bool) -> Result:
    if quiet:
        return run(None)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        return run(_LoggedProgress(console))
    with Bar(*columns, console=console, transient=True) as bar:
        return run(_DrawnProgress(bar))


def print_report(
    report: Report, archive: Archive, as_json: bool, failures_file: Path | None = None
) -> None:
    """What was written, what was left alone, what failed and why."""
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False))
        return
    console = Console(highlight=False)
    card = archive.encoder.card if archive.encoder else None
    by = f"by the encoder {card.name}" if card else "by words only"
    ended = "Interrupted; run it again to go on. " if report.interrupted else ""
    moved = f", {report.moved:,} known by another name" if report.moved else ""
    deleted = f", {report.deleted:,} deleted" if report.deleted else ""
    console.print(
        f"{ended}Archive [bold]{archive.generation.archive}[/bold], indexed {by}: "
        f"{report.written:,} written ({report.embedded:,} embedded{moved}), "
        f"{report.unchanged:,} unchanged{deleted}, {len(report.failures):,} failed, "
        f"in {report.seconds:.1f} s."
    )
    if report.skipped:
        left_out = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.skipped.items()))
        console.print(f"Left out by their names: {left_out}.")
    file = failures_file or archive.failures_file
    print_failures([*report.failures, *report.warnings], file, console)


def print_failures(failures: Sequence[Failure], file: Path, console: Console) -> None:
    """The first of them, and where all are listed."""
    for failure in failures[:_FAILURES_SHOWN]:
        console.print(f"  {failure.origin}: {failure.reason} {failure.remedy}", markup=False)
    if len(failures) > _FAILURES_SHOWN:
        console.print(f"  and {len(failures) - _FAILURES_SHOWN:,} more")
    if failures:
        console.print(f"All failures are listed in {file}", markup=False)
