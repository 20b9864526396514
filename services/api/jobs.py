"""Jobs: ingests that run beside the searches, one at a time for each archive.

In: a source below a root, or the order to finish the index. Out: a job that can be watched and
cancelled. A job lets go of the archive between two batches, so that single writes get their turn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from uuid import uuid4

from hybridsearch.adapters.parquet import read_parquet
from hybridsearch.errors import GenerationReplaced, HybridSearchError, StoreUnavailable
from hybridsearch.ingest.entry import Entry, Failure, Skipping, Source
from hybridsearch.ingest.folder import FolderSource
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ingest.report import Report, write_failures
from services.api import problems
from services.api.problems import Refusal
from services.api.schemas.archives import Job as JobSchema
from services.api.schemas.archives import JobFailure, JobKind, JobState
from services.api.schemas.problem import Problem
from services.api.served import Served

log = logging.getLogger(__name__)

REMEMBERED = 100
"""Jobs that are told of, the newest."""

FAILURES_TOLD = 100
BUILDING = "building indexes"
"""The phase, as the ingest calls it, in which the archive may be written to."""

_ENDED = frozenset({JobState.DONE, JobState.CANCELLED, JobState.FAILED})


class Cancelled(KeyboardInterrupt):
    """Ends an ingest as an interrupt from the keyboard does: with a report, between batches."""


@dataclass(slots=True)
class Job:
    """One job; its numbers are written by its own thread and read by any."""

    kind: JobKind
    served: Served
    root: str | None = None
    path: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    state: JobState = JobState.QUEUED
    phase: str = ""
    phase_done: int = 0
    phase_total: int = 0
    total: int | None = None
    report: Report = field(default_factory=Report)
    created: str = field(default_factory=lambda: _now())
    started: str | None = None
    ended: str | None = None
    problem: Problem | None = None
    cancel: Event = field(default_factory=Event)
    version: int = 0
    """Grows with every change, so that watchers know when to tell."""

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in _ENDED

    def enter(self, phase: str) -> None:
        """Begin a phase, of which nothing is done yet."""
        self.phase, self.phase_done, self.phase_total = phase, 0, 0

    def told(self) -> JobSchema:
        """The job as a client reads it."""
        report = self.report
        return JobSchema(
            id=self.id,
            kind=self.kind,
            archive=self.served.name,
            state=self.state,
            root=self.root,
            path=self.path,
            phase=self.phase,
            phase_done=self.phase_done,
            phase_total=self.phase_total,
            total=self.total,
            written=report.written,
            embedded=report.embedded,
            unchanged=report.unchanged,
            failed=len(report.failures),
            skipped=dict(report.skipped),
            failures=[_told(each) for each in report.failures[:FAILURES_TOLD]],
            created=self.created,
            started=self.started,
            ended=self.ended,
            problem=self.problem,
        )


def _told(failure: Failure) -> JobFailure:
    """Paths of the server are told by their last part."""
    return JobFailure(
        asset_id=failure.asset_id,
        origin=Path(failure.origin).name or failure.origin,
        reason=failure.reason,
        remedy=failure.remedy,
    )


class Jobs:
    """All jobs of this run of the service."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._lock = Lock()
        self._closed = False

    def all(self) -> Sequence[Job]:
        """The jobs that are remembered, the newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            Refusal: there is none of this id.
        """
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise Refusal(
                404, f"There is no job {job_id!r}.", "List them at /v1/jobs.", kind="Job not found"
            )
        return job

    def ingest(self, served: Served, root: str, path: str, source: Source) -> Job:
        """Queue an ingest of a source below a root."""
        return self._submit(Job(JobKind.INGEST, served, root, path), source)

    def finish(self, served: Served) -> Job:
        """Queue the finishing of an archive's index."""
        return self._submit(Job(JobKind.FINISH, served), _Nothing())

    def busy(self, served: Served) -> bool:
        """Whether a job of the archive waits or runs."""
        return any(job.served is served and not job.over for job in self.all())

    def cancel(self, job: Job) -> None:
        """Have a job end after the batch in hand; one that is over stays as it is."""
        with self._lock:
            job.cancel.set()
            if job.state is JobState.RUNNING:
                job.state = JobState.CANCELLING
                job.version += 1

    def close(self) -> None:
        """Cancel all that waits or runs, and wait for the batches in hand."""
        with self._lock:
            self._closed = True
            threads = list(self._threads.values())
        for job in self.all():
            self.cancel(job)
        for each in threads:
            each.shutdown(wait=True)

    def _submit(self, job: Job, source: Source) -> Job:
        with self._lock:
            if self._closed:
                raise Refusal(503, "The service is ending.", "Try again when it has restarted.")
            self._jobs[job.id] = job
            over = [each for each in self._jobs.values() if each.over]
            for each in over[: max(len(self._jobs) - REMEMBERED, 0)]:
                del self._jobs[each.id]
            name = job.served.name
            if name not in self._threads:
                self._threads[name] = ThreadPoolExecutor(1, thread_name_prefix=f"job-{name}")
            self._threads[name].submit(self._run, job, source)
        return job

    def _run(self, job: Job, source: Source) -> None:
        if job.cancel.is_set():
            self._end(job, JobState.CANCELLED)
            return
        with self._lock:
            job.state, job.started = JobState.RUNNING, _now()
            job.version += 1
        log.info("job started", extra={"job": job.id, "kind": job.kind, "archive": job.served.name})
        try:
            report = _work(job, source)
        except HybridSearchError as error:
            log.warning("job failed: %s", error, extra={"job": job.id})
            job.problem = problems.problem_of(error)
            self._end(job, JobState.FAILED)
        except Exception:
            log.exception("job failed", extra={"job": job.id})
            job.problem = problems.defect()
            self._end(job, JobState.FAILED)
        else:
            job.report = report
            self._end(job, JobState.CANCELLED if report.interrupted else JobState.DONE)

    def _end(self, job: Job, state: JobState) -> None:
        with self._lock:
            job.state, job.ended = state, _now()
            job.enter("")
            job.version += 1
        log.info("job ended", extra={"job": job.id, "state": state, "written": job.report.written})


def _work(job: Job, source: Source) -> Report:
    """Run the ingest; once more where another generation took over meanwhile."""
    began = job.served.archive
    try:
        report = _run(job, source)
    except (GenerationReplaced, StoreUnavailable):
        job.served.follow()
        if job.served.archive.generation.number == began.generation.number:
            raise
        report = _run(job, source)
    if job.kind is JobKind.INGEST:
        write_failures([*report.failures, *report.warnings], job.served.archive.failures_file)
    return report


def _run(job: Job, source: Source) -> Report:
    """Run the ingest while holding the archive, but for moments in between."""
    served = job.served
    watched = _Watched(job)
    with served.held():
        watched.holding = True
        try:
            report = served.writer.run(source, watched)
        finally:
            if not watched.holding:
                served.writing.acquire()
            # What was written while indexes were built is not in them yet.
            if watched.written_before is not None:
                served.unfinished_since(watched.written_before)
            served.renew()
    return report


class _Watched:
    """An ingest's progress: told by the job, and a chance for others to write, and to cancel."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.holding = False
        self.written_before: int | None = None

    def start(self, total: int) -> None:
        """``total`` entries are ahead."""
        self._job.total = total
        self._job.enter("reading")
        self._step()

    def advance(self, report: Report) -> None:
        """A batch was written: whoever waits may write now."""
        self._job.report = report
        self._step()
        served = self._job.served
        if served.writers_waiting:
            served.writing.release()
            self.holding = False
            while served.writers_waiting:
                time.sleep(0.005)
            served.writing.acquire()
            self.holding = True

    def phase(self, name: str) -> None:
        """Building indexes leaves the archive free to be written to."""
        self._job.enter(name)
        self._step()
        if name == BUILDING:
            self.written_before = self._job.served.written
            self._job.served.writing.release()
            self.holding = False

    def step(self, done: int, total: int) -> None:
        """Part of a phase is done."""
        self._job.phase_done, self._job.phase_total = done, total
        self._step()

    def _step(self) -> None:
        self._job.version += 1
        if self._job.cancel.is_set():
            raise Cancelled


class _Nothing:
    """A source without entries: an ingest of it only finishes what others left."""

    def count(self) -> int:
        """None."""
        return 0

    def entries(self) -> Iterator[Entry | Failure]:
        """None."""
        return iter(())


class LocalFiles:
    """A source whose entries by URL are refused: the service fetches nothing for a client."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def skipped(self) -> Mapping[str, int]:
        """As the source has it."""
        return self._source.skipped if isinstance(self._source, Skipping) else {}

    def count(self) -> int:
        """As the source has it."""
        return self._source.count()

    def entries(self) -> Iterator[Entry | Failure]:
        """As the source has them, less what lies elsewhere."""
        for each in self._source.entries():
            if isinstance(each, Entry) and each.url is not None:
                yield Failure(
                    each.asset_id,
                    each.origin,
                    "Its picture lies at a URL, and the service fetches nothing.",
                    "Ingest the manifest on the command line, or list files by path.",
                )
            else:
                yield each


def source_at(path: Path, columns: dict[str, str]) -> Source:
    """A folder where the path is one, else a manifest whose files lie beside it.

    Raises:
        SourceError: it is neither.
    """
    if path.is_dir():
        return LocalFiles(FolderSource(path))
    return LocalFiles(ManifestSource(path, None, columns, read_parquet=read_parquet))


def finisher(
    jobs: Jobs, served: Sequence[Served], after: float, stop: Callable[[float], bool]
) -> None:
    """Finish each archive's index when nobody has written one by one for ``after`` seconds.

    ``stop`` waits for the seconds given and tells whether to end.
    """
    while not stop(min(max(after / 4, 0.05), 5.0)):
        for each in served:
            last = each.last_write
            if last is None or time.monotonic() - last < after or jobs.busy(each):
                continue
            each.last_write = None
            if each.writer.generation.pending:
                jobs.finish(each)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
