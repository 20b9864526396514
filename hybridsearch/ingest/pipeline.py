"""The ingest flow: ``for batch in read(source): write(analyse(batch), embed(batch))``.

Files are read and decoded ahead by a few threads while the encoder works; how far ahead is
bounded. A batch is reported only after the store has flushed it, so whatever interrupts the
flow, running it again completes it: what a point's stamp says is done is not done again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import average_lengths
from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.generation import DRIFT_TOLERANCE, Generation
from hybridsearch.ingest.changes import Work, work_for
from hybridsearch.ingest.entry import Entry, Failure, Source
from hybridsearch.ingest.load import MAX_FILE_BYTES, Loaded, load
from hybridsearch.ingest.report import Progress, Report, Silence
from hybridsearch.ingest.reweigh import measured_lengths, reweigh
from hybridsearch.ingest.write import field_lengths, vectors_for, write
from hybridsearch.ports import Encoder, Generations, MediaReader, Store

FIRST_BUILD_TOLERANCE = 0.001
"""A first build ends with exact weights: analysing again costs little beside embedding."""


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Sizes of the flow; ``ahead`` is how many batches are read while one is embedded."""

    batch: int = 32
    readers: int = 2
    ahead: int = 2
    max_file_bytes: int = MAX_FILE_BYTES


Batch = list["Future[Loaded | Failure] | Failure"]


class Ingest:
    """Writes what a source lists into one generation of an archive."""

    def __init__(
        self,
        generation: Generation,
        generations: Generations,
        store: Store,
        encoder: Encoder | None,
        analyzer: Analyzer,
        media: MediaReader,
        settings: IngestSettings | None = None,
    ) -> None:
        self.generation = generation
        self._generations = generations
        self._store = store
        self._encoder = encoder
        self._analyzer = analyzer
        self._media = media
        self._settings = settings or IngestSettings()

    def run(self, source: Source, progress: Progress | None = None) -> Report:
        """Ingest the source; an interrupt (Ctrl-C) ends it after the batch in hand.

        Raises:
            SourceError: the source itself is broken; what was written before stays.
            StoreError: the store failed; what was reported as written stays.
        """
        progress = progress or Silence()
        report = Report()
        started = time.monotonic()
        progress.start(source.count())
        try:
            with ThreadPoolExecutor(self._settings.readers, "reader") as readers:
                for batch in self._read_ahead(source, readers, report):
                    self._take(batch, report)
                    progress.advance(report)
        except KeyboardInterrupt:
            report.interrupted = True
        if report.written or not self.generation.complete or self._drifted:
            self._finish(report, progress)
        report.seconds = time.monotonic() - started
        return report

    def _read_ahead(
        self, source: Source, readers: ThreadPoolExecutor, report: Report
    ) -> Iterator[Batch]:
        """Batches whose files are being read; at most ``ahead`` wait beside the one in hand."""
        waiting: deque[Batch] = deque()
        try:
            for entries in _in_batches(source.entries(), self._settings.batch):
                waiting.append(self._start_reading(entries, readers, report))
                if len(waiting) > self._settings.ahead:
                    yield waiting.popleft()
            yield from waiting
        except BaseException:
            readers.shutdown(wait=False, cancel_futures=True)
            raise

    def _start_reading(
        self, entries: list[Entry | Failure], readers: ThreadPoolExecutor, report: Report
    ) -> Batch:
        archive = self.generation.archive
        ids = {
            each.asset_id: point_id(archive, each.asset_id)
            for each in entries
            if isinstance(each, Entry)
        }
        found = self._store.retrieve(list(ids.values()), keys=("stamp",))
        records = {record.id: record for record in found}
        batch: Batch = []
        for each in entries:
            if isinstance(each, Failure):
                batch.append(each)
                continue
            work = work_for(each, ids[each.asset_id], records)
            if work.unchanged:
                report.unchanged += 1
            else:
                batch.append(readers.submit(self._load, work))
        return batch

    def _load(self, work: Work) -> Loaded | Failure:
        return load(work, self._media, self._settings.max_file_bytes)

    def _take(self, batch: Batch, report: Report) -> None:
        results = [each.result() if isinstance(each, Future) else each for each in batch]
        report.failures.extend(each for each in results if isinstance(each, Failure))
        loaded = [each for each in results if isinstance(each, Loaded)]
        if not loaded:
            return
        documents = {each.work.point_id: self._analyzer.document(each.asset) for each in loaded}
        if not self.generation.average_lengths:
            self._begin_with(average_lengths(map(field_lengths, documents.values())))
        vectors = vectors_for(loaded, self._encoder, self._store)
        lengths = self.generation.average_lengths
        write(loaded, documents, vectors, self._analyzer, lengths, self._store)
        report.written += len(loaded)
        report.embedded += sum(each.pixels is not None for each in loaded)

    def _begin_with(self, lengths: Mapping[str, float]) -> None:
        """The first batch stands for the archive until the end of the ingest tells better."""
        self._save(replace(self.generation, average_lengths=lengths, measured_lengths=lengths))

    def _finish(self, report: Report, progress: Progress) -> None:
        """Take the averages again, bring the weights to them where they moved, build indexes."""
        progress.phase("measuring")
        self._save(replace(self.generation, measured_lengths=measured_lengths(self._store)))
        if report.interrupted:
            return
        if self._drifted:
            progress.phase("weighing words")
            lengths = self.generation.measured_lengths
            reweigh(self._store, self._analyzer, lengths)
            self._save(replace(self.generation, average_lengths=lengths))
            report.reweighed = True
        progress.phase("building indexes")
        self._store.optimize()
        self._store.flush()
        self._save(replace(self.generation, complete=True))

    @property
    def _drifted(self) -> bool:
        tolerance = DRIFT_TOLERANCE if self.generation.complete else FIRST_BUILD_TOLERANCE
        return self.generation.drift > tolerance

    def _save(self, generation: Generation) -> None:
        self._generations.save(generation)
        self.generation = generation


def _in_batches(entries: Iterable[Entry | Failure], size: int) -> Iterator[list[Entry | Failure]]:
    stream = iter(entries)
    while batch := list(islice(stream, size)):
        yield batch
