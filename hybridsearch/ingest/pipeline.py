"""The ingest flow: ``for batch in read(source): write(analyse(batch), embed(batch))``.

Files are read and decoded ahead by others while the encoder works; how far ahead is bounded. A
batch is reported only after the store has flushed it, and the next is embedded only then, so
whatever interrupts the flow, running it again completes it: what a point's stamp says is done is
not done again, and no more than one batch was embedded in vain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from hybridsearch.analysis.payload import asset_of, point_id, stamp_of
from hybridsearch.domain.generation import Generation
from hybridsearch.ingest.ahead import ReadingAhead
from hybridsearch.ingest.changes import Work, work_for
from hybridsearch.ingest.entry import Entry, Failure, Skipping, Source
from hybridsearch.ingest.extras import NO_EXTRAS, Extras
from hybridsearch.ingest.load import Loaded
from hybridsearch.ingest.readers import OpenReaders, Readers
from hybridsearch.ingest.report import Progress, Report, Silence
from hybridsearch.ingest.room import full_disk_told
from hybridsearch.ingest.sync import Difference, compare, unneeded
from hybridsearch.ingest.twins import Twins
from hybridsearch.ingest.writing import GenerationWriter


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Sizes of the flow; ``ahead`` is how many batches are read while one is embedded."""

    batch: int = 32
    ahead: int = 2


Batch = list["Future[Loaded | Failure] | Loaded | Failure"]


class Ingest:
    """Writes what a source lists into one generation of an archive."""

    def __init__(
        self,
        writer: GenerationWriter,
        open_readers: OpenReaders,
        settings: IngestSettings | None = None,
        *,
        extras: Extras = NO_EXTRAS,
    ) -> None:
        self._writer = writer
        self._store = writer.store
        self._open_readers = open_readers
        self._settings = settings or IngestSettings()
        self._extras = extras

    @property
    def generation(self) -> Generation:
        """The generation as it is after what was written so far."""
        return self._writer.generation

    @generation.setter
    def generation(self, generation: Generation) -> None:
        self._writer.generation = generation

    def run(
        self, source: Source, progress: Progress | None = None, *, finish: bool = True
    ) -> Report:
        """Ingest the source; an interrupt (Ctrl-C) at any moment ends it with the report so far.

        Args:
            finish: weigh words, gather names and build indexes at the end; where several
                processes write, somebody calls ``finish`` when all are done.

        Raises:
            SourceError: the source itself is broken; what was written before stays.
            ReaderError: no process that reads files can be started.
            StoreError: the store failed, or the disk is full; what was reported as written stays.
        """
        progress = progress or Silence()
        report = Report()
        started = time.monotonic()
        try:
            with full_disk_told():
                self._flow(source, progress, report, finish)
        except KeyboardInterrupt:
            report.interrupted = True
        if isinstance(source, Skipping):
            report.skipped = dict(source.skipped)
        report.seconds = time.monotonic() - started
        return report

    def compare(self, source: Source) -> Difference:
        """What a sync with the source would do; writes nothing.

        Raises:
            SourceError: the source itself is broken.
            StoreError: the store cannot be read.
        """
        return compare(source, self.generation.archive, self._store, self._extras)

    def sync(
        self,
        source: Source,
        progress: Progress | None = None,
        *,
        delete: bool = False,
        many: bool = False,
    ) -> Report:
        """Ingest the source, and delete the old names of files that have moved.

        Args:
            delete: delete also what the source does not list any more;
            many: however much that is.

        Raises:
            DeletionRefused: it would be so much that something must be wrong; nothing is done.
            SourceError, ReaderError, StoreError: as ``run`` does.
        """
        difference = self.compare(source)
        if delete and not many:
            difference.check_deletions()
        report = self.run(source, progress, finish=False)
        if report.interrupted:
            return report
        failed = (each.asset_id for each in report.failures)
        gone = unneeded(difference, failed, delete=delete)
        try:
            with full_disk_told():
                self._writer.delete(gone)
                report.deleted = len(gone)
                if self._writer.unfinished:
                    self._writer.finish(report, progress or Silence())
        except KeyboardInterrupt:
            report.interrupted = True
        return report

    def finish(self, progress: Progress | None = None) -> Report:
        """The end of an ingest for what several processes wrote: all words are weighed again.

        Raises:
            StoreError: the store failed, or the disk is full.
        """
        progress = progress or Silence()
        report = Report()
        started = time.monotonic()
        try:
            with full_disk_told():
                self._writer.finish(report, progress, reweigh_all=True)
        except KeyboardInterrupt:
            report.interrupted = True
        report.seconds = time.monotonic() - started
        return report

    def add(self, entries: Sequence[Entry | Failure], readers: Readers) -> Report:
        """Write a few entries now; weights, names and indexes wait for the next ``run``.

        ``readers`` stay open. Each id may stand in ``entries`` once.

        Raises:
            ReaderError, StoreError: as ``run`` does; what was written before stays.
        """
        report = Report()
        started = time.monotonic()
        self._take(self._start_reading(list(entries), readers, report), report)
        report.seconds = time.monotonic() - started
        return report

    def delete(self, ids: Sequence[str]) -> int:
        """Remove points now; weights, names and indexes wait for the next ``run``.

        Returns:
            how many of them there were.

        Raises:
            StoreError: the store failed.
        """
        return self._writer.delete(ids)

    def _flow(self, source: Source, progress: Progress, report: Report, finish: bool) -> None:
        progress.start(source.count())
        with closing(self._open_readers()) as readers:
            ahead = self._read_ahead(source, readers, report)
            for batch in ahead:
                self._take(batch, report, ahead.start_one)
                progress.advance(report)
        if finish and self._writer.unfinished:
            self._writer.finish(report, progress)

    def _read_ahead(
        self, source: Source, readers: Readers, report: Report
    ) -> ReadingAhead[list[Entry | Failure], Batch]:
        """Batches whose files are being read; at most ``ahead`` wait while one is embedded."""
        twins = Twins(self._store)
        return ReadingAhead(
            in_batches(source.entries(), self._settings.batch),
            lambda entries: self._start_reading(entries, readers, report, twins),
            self._settings.ahead,
        )

    def _start_reading(
        self,
        entries: list[Entry | Failure],
        readers: Readers,
        report: Report,
        twins: Twins | None = None,
    ) -> Batch:
        archive = self.generation.archive
        ids = {
            each.asset_id: point_id(archive, each.asset_id)
            for each in entries
            if isinstance(each, Entry)
        }
        found = self._store.retrieve(list(ids.values()), keys=("stamp",))
        records = {record.id: record for record in found}
        versions = self._extras.versions_of(entries)
        batch: Batch = []
        for each in entries:
            if isinstance(each, Failure):
                batch.append(each)
                continue
            work = work_for(each, ids[each.asset_id], records, versions[each.asset_id])
            if work.relocated:
                batch.extend(self._relocated(work))
            elif work.unchanged:
                report.unchanged += 1
            else:
                batch.append(readers.start(twins.known_to(work) if twins else work))
        return batch

    def _relocated(self, work: Work) -> list[Loaded]:
        """The same file, listed by another source or found at another place: nothing is read."""
        [record] = self._store.retrieve([work.point_id], vectors=True)
        stamp = stamp_of(record.payload)
        stamp = replace(stamp, place=work.now.place, source=work.now.source)
        asset = replace(asset_of(record.payload), uri=work.entry.uri)
        return [Loaded(work, asset, stamp, None, record.dense)]

    def _take(
        self, batch: Batch, report: Report, embedded: Callable[[], None] | None = None
    ) -> None:
        """Embed and write what was read; ``embedded`` is called between the two."""
        results = [each.result() if isinstance(each, Future) else each for each in batch]
        report.failures.extend(each for each in results if isinstance(each, Failure))
        loaded = [each for each in results if isinstance(each, Loaded)]
        report.warnings.extend(warning for each in loaded for warning in each.warnings)
        report.moved += sum(each.moved for each in loaded)
        self._writer.write(loaded, report, embedded)


def in_batches(entries: Iterable[Entry | Failure], size: int) -> Iterator[list[Entry | Failure]]:
    """Lists of ``size``, the last one shorter."""
    stream = iter(entries)
    while batch := list(islice(stream, size)):
        yield batch
