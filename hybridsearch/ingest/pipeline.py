"""The ingest flow: ``for batch in read(source): write(analyse(batch), embed(batch))``.

Files are read and decoded ahead by others while the encoder works; how far ahead is bounded. A
batch is reported only after the store has flushed it, and the next is embedded only then, so
whatever interrupts the flow, running it again completes it: what a point's stamp says is done is
not done again, and no more than one batch was embedded in vain.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import DocumentTerms, average_lengths
from hybridsearch.analysis.detect import LanguageDetector, with_language
from hybridsearch.analysis.payload import point_id
from hybridsearch.domain.generation import DRIFT_TOLERANCE, Generation
from hybridsearch.ingest.background import Backgrounds, background_of
from hybridsearch.ingest.changes import work_for
from hybridsearch.ingest.entry import Entry, Failure, Skipping, Source
from hybridsearch.ingest.extras import NO_EXTRAS, Extras
from hybridsearch.ingest.lexicon import LexiconUpkeep
from hybridsearch.ingest.load import Loaded
from hybridsearch.ingest.readers import OpenReaders, Readers
from hybridsearch.ingest.report import Progress, Report, Silence
from hybridsearch.ingest.reweigh import measured_lengths, reweigh
from hybridsearch.ingest.room import Room, full_disk_told
from hybridsearch.ingest.write import field_lengths, vectors_for, write
from hybridsearch.ports import Encoder, Generations, Lexicons, Store

FIRST_BUILD_TOLERANCE = 0.001
"""A first build ends with exact weights: analysing again costs little beside embedding."""


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Sizes of the flow; ``ahead`` is how many batches are read while one is embedded.

    ``room`` is the disk that is written to; None where it is another machine's.
    """

    batch: int = 32
    ahead: int = 2
    room: Room | None = None


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
        open_readers: OpenReaders,
        settings: IngestSettings | None = None,
        *,
        lexicons: Lexicons | None = None,
        backgrounds: Backgrounds | None = None,
        detector: LanguageDetector | None = None,
        extras: Extras = NO_EXTRAS,
    ) -> None:
        self.generation = generation
        self._generations = generations
        self._store = store
        self._encoder = encoder
        self._analyzer = analyzer
        self._open_readers = open_readers
        self._settings = settings or IngestSettings()
        self._backgrounds = backgrounds
        self._detector = detector
        self._extras = extras
        self._lexicon = LexiconUpkeep(store, analyzer, lexicons) if lexicons else None

    def run(self, source: Source, progress: Progress | None = None) -> Report:
        """Ingest the source; an interrupt (Ctrl-C) at any moment ends it with the report so far.

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
                self._flow(source, progress, report)
        except KeyboardInterrupt:
            report.interrupted = True
        if isinstance(source, Skipping):
            report.skipped = dict(source.skipped)
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

    def _flow(self, source: Source, progress: Progress, report: Report) -> None:
        progress.start(source.count())
        with closing(self._open_readers()) as readers:
            for batch in self._read_ahead(source, readers, report):
                self._take(batch, report)
                progress.advance(report)
        if self._unfinished:
            self._finish(report, progress)

    def _read_ahead(self, source: Source, readers: Readers, report: Report) -> Iterator[Batch]:
        """Batches whose files are being read; at most ``ahead`` wait beside the one in hand."""
        waiting: deque[Batch] = deque()
        for entries in _in_batches(source.entries(), self._settings.batch):
            waiting.append(self._start_reading(entries, readers, report))
            if len(waiting) > self._settings.ahead:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()

    def _start_reading(
        self, entries: list[Entry | Failure], readers: Readers, report: Report
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
            if work.unchanged:
                report.unchanged += 1
            else:
                batch.append(readers.start(work))
        return batch

    def _take(self, batch: Batch, report: Report) -> None:
        results = [each.result() if isinstance(each, Future) else each for each in batch]
        report.failures.extend(each for each in results if isinstance(each, Failure))
        loaded = [each for each in results if isinstance(each, Loaded)]
        if not loaded:
            return
        if self._settings.room is not None:
            self._settings.room.check()
        if self._detector is not None:
            told = [with_language(each.asset, self._detector) for each in loaded]
            loaded = [replace(each, asset=asset) for each, asset in zip(loaded, told, strict=True)]
        documents = {each.work.point_id: self._analyzer.document(each.asset) for each in loaded}
        self._begin(documents)
        vectors = vectors_for(loaded, self._encoder, self._store)
        lengths = self.generation.average_lengths
        write(loaded, documents, vectors, self._analyzer, lengths, self._store)
        if self._lexicon is not None:
            for each in loaded:
                self._lexicon.add(each.asset, changed=each.work.stored is not None)
        report.written += len(loaded)
        report.embedded += sum(each.pixels is not None for each in loaded)

    def _begin(self, documents: Mapping[str, DocumentTerms]) -> None:
        """Before the first batch is written: it stands for an archive that had nothing yet."""
        if not self.generation.average_lengths:
            lengths = average_lengths(map(field_lengths, documents.values()))
            self._save(replace(self.generation, average_lengths=lengths, measured_lengths=lengths))
        if not self.generation.pending:
            self._save(replace(self.generation, pending=True))

    def _finish(self, report: Report, progress: Progress) -> None:
        """Take the averages again, bring the weights to them where they moved, build indexes."""
        progress.phase("measuring")
        self._save(replace(self.generation, measured_lengths=measured_lengths(self._store)))
        if self._drifted:
            progress.phase("weighing words")
            lengths = self.generation.measured_lengths
            reweigh(self._store, self._analyzer, lengths)
            self._save(replace(self.generation, average_lengths=lengths))
            report.reweighed = True
        if self._lexicon is not None and self._lexicon.due:
            progress.phase("gathering names")
            self._lexicon.finish()
        if self._encoder is not None and self._backgrounds is not None:
            progress.phase("measuring the encoder")
            background = background_of(self._store, self._encoder)
            if background is not None:
                self._backgrounds.save(background, self.generation)
        progress.phase("building indexes")
        self._store.optimize()
        self._store.flush()
        self._save(replace(self.generation, complete=True, pending=False))

    @property
    def _unfinished(self) -> bool:
        """Whether this ingest, or an earlier one that was cut short, left something to finish."""
        known = self.generation
        lexicon_due = self._lexicon is not None and self._lexicon.due
        return known.pending or not known.complete or self._drifted or lexicon_due

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
