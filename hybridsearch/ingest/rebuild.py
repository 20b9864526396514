"""A new generation from the live one: read what is there, bring it to another encoder or analyzer.

In: copies of the old index, each as it was at one moment. Out: a generation with every asset of
the old one, or a list of those whose pictures cannot be had. Nothing but the store tells what is
done: a point whose stamp is that of the old one is not written again, so whatever interrupts the
flow, running it again goes on.

What was written to the old generation meanwhile is caught up with: a second round from a fresh
copy, and a last one while nobody may write, before the new generation takes over.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from hybridsearch.analysis.payload import Stamp, asset_of, stamp_of
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import RebuildError
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.load import Loaded
from hybridsearch.ingest.readers import OpenReaders, Readers
from hybridsearch.ingest.report import Progress, Report, Silence
from hybridsearch.ingest.room import full_disk_told
from hybridsearch.ingest.roots import outside_of
from hybridsearch.ingest.writing import GenerationWriter
from hybridsearch.ports import PointRecord, Store, Vector

TOLERATED = 0.01
"""The share of assets that may fail; more are a disk that is not there rather than bad files."""

FREE_ROUNDS = 2
"""Rounds during which others may write; the last one, short by then, keeps them waiting."""

_COMPARED = 256
"""Stamps that are compared at once."""

_NAMED = 5
_FEW = 10
"""So many failures are a few damaged files, unless they are half of the archive."""


class Old(Protocol):
    """The generation that is replaced."""

    def alone(self) -> AbstractContextManager[None]:
        """Nobody writes to it meanwhile."""
        ...

    def changes(self) -> int:
        """Another number after every change."""
        ...

    def snapshot(self) -> Store:
        """Its points as they are now, to be read and closed; to be called while ``alone``."""
        ...

    def replace(self) -> None:
        """Make the new generation the live one; to be called while ``alone``."""
        ...


@dataclass(frozen=True, slots=True)
class RebuildSettings:
    """How a rebuild goes about it.

    ``embeds``: the vectors are of another space, so pictures are read and embedded; otherwise
    vectors are taken over. ``tolerated`` is the share of assets that may fail.
    """

    embeds: bool
    batch: int = 32
    ahead: int = 2
    tolerated: float = TOLERATED


@dataclass(frozen=True, slots=True)
class _Asset:
    """One asset of the old generation; ``reading`` where its picture has to be read."""

    point_id: str
    asset: Asset
    stamp: Stamp
    vector: Vector | None
    reading: Future[Loaded | Failure] | Failure | None


class Rebuild:
    """Builds a generation from the live one, and has it take over."""

    def __init__(
        self,
        old: Old,
        writer: GenerationWriter,
        open_readers: OpenReaders,
        settings: RebuildSettings,
    ) -> None:
        self._old = old
        self._writer = writer
        self._new = writer.store
        self._open_readers = open_readers
        self._settings = settings
        self._failed: dict[str, tuple[Stamp, Failure]] = {}
        """By point: what cannot be had, and which state of it."""

    @property
    def failures(self) -> list[Failure]:
        """Assets that the new generation lacks, also after an error."""
        return [failure for _, failure in self._failed.values()]

    def run(self, progress: Progress | None = None) -> Report:
        """Build, catch up, audit, and let the new generation take over.

        An interrupt (Ctrl-C) ends it with the report so far; what was written stays for the next.

        Raises:
            RebuildError: too many pictures cannot be read, or assets are missing; the old
                generation stays the live one.
            ReaderError, StoreError: as an ingest does.
        """
        progress = progress or Silence()
        report = Report()
        started = time.monotonic()
        try:
            with full_disk_told(), closing(self._open_readers()) as readers:
                self._rounds(readers, progress, report)
        except KeyboardInterrupt:
            report.interrupted = True
        report.failures = self.failures
        report.seconds = time.monotonic() - started
        return report

    def _rounds(self, readers: Readers, progress: Progress, report: Report) -> None:
        for number in range(FREE_ROUNDS):
            with self._old.alone():
                seen = self._old.changes()
                snapshot = self._old.snapshot()
            with closing(snapshot):
                if number:
                    progress.phase("catching up")
                self._round(snapshot, readers, Silence() if number else progress, report)
                if self._writer.unfinished:
                    self._writer.finish(report, progress)
                progress.phase("auditing")
                self._audit(snapshot)
            progress.phase("taking over")
            with self._old.alone():
                if self._old.changes() == seen:
                    self._old.replace()
                    return
        with self._old.alone():
            with closing(self._old.snapshot()) as snapshot:
                self._round(snapshot, readers, Silence(), report)
                self._audit(snapshot)
            self._old.replace()

    def _round(self, old: Store, readers: Readers, progress: Progress, report: Report) -> None:
        """Bring the new generation to what the old one holds."""
        progress.start(old.count())
        waiting: deque[list[_Asset]] = deque()
        for records in _in_batches(self._differing(old, report), self._settings.batch):
            waiting.append(self._begun(old, records, readers))
            if len(waiting) > self._settings.ahead:
                self._take(waiting.popleft(), report, progress)
        while waiting:
            self._take(waiting.popleft(), report, progress)
        progress.advance(report)
        self._forget_gone(old, report)

    def _differing(self, old: Store, report: Report) -> Iterator[PointRecord]:
        """What the new generation does not have, or not as the old one has it now."""
        report.unchanged = 0
        for records in old.scroll(batch=_COMPARED, keys=("stamp",)):
            found = self._new.retrieve([each.id for each in records], keys=("stamp",))
            built = {each.id: stamp_of(each.payload) for each in found}
            for record in records:
                stamp = stamp_of(record.payload)
                if built.get(record.id) == stamp:
                    report.unchanged += 1
                elif record.id not in self._failed or self._failed[record.id][0] != stamp:
                    yield record

    def _begun(self, old: Store, records: list[PointRecord], readers: Readers) -> list[_Asset]:
        """The batch read from the old generation; reading of its pictures has begun."""
        ids = [each.id for each in records]
        keeps = not self._settings.embeds
        whole = old.retrieve(ids, keys=("asset", "stamp"), vectors=keeps)
        batch = []
        for record in whole:
            asset, stamp = asset_of(record.payload), stamp_of(record.payload)
            reading: Future[Loaded | Failure] | Failure | None = None
            if not keeps and stamp.content_hash is not None:
                found = entry_of(asset, stamp)
                if isinstance(found, Failure):
                    reading = found
                else:
                    reading = readers.start(Work(found, record.id, stamp, None))
            batch.append(_Asset(record.id, asset, stamp, record.dense, reading))
        return batch

    def _take(self, batch: list[_Asset], report: Report, progress: Progress) -> None:
        loaded = []
        for each in batch:
            read = each.reading.result() if isinstance(each.reading, Future) else each.reading
            if isinstance(read, Failure):
                self._failed[each.point_id] = (each.stamp, read)
                continue
            self._failed.pop(each.point_id, None)
            # Its metadata and its stamp stay: what has changed in the file since, an ingest finds.
            work = Work(_words_of(each.asset), each.point_id, each.stamp, None)
            pixels = read.pixels if read else None
            loaded.append(Loaded(work, each.asset, each.stamp, pixels, each.vector))
        report.failures = self.failures
        self._writer.write(loaded, report)
        progress.advance(report)

    def _forget_gone(self, old: Store, report: Report) -> None:
        """Delete what was deleted from the old generation."""
        for records in self._new.scroll(batch=_COMPARED, keys=()):
            ids = [each.id for each in records]
            there = {each.id for each in old.retrieve(ids, keys=())}
            gone = [each for each in ids if each not in there]
            self._writer.delete(gone)
            report.deleted += len(gone)
        failed = list(self._failed)
        still = {each.id for each in old.retrieve(failed, keys=())} if failed else set()
        self._failed = {key: value for key, value in self._failed.items() if key in still}

    def _audit(self, old: Store) -> None:
        """Every asset of the old generation is in the new one or in the list of failures.

        Raises:
            RebuildError: one is in neither, or more failed than may.
        """
        missing: list[str] = []
        total = 0
        for records in old.scroll(batch=_COMPARED, keys=()):
            ids = [each.id for each in records]
            total += len(ids)
            there = {each.id for each in self._new.retrieve(ids, keys=())}
            missing += [each for each in ids if each not in there and each not in self._failed]
        if missing:
            named = [asset_of(each.payload).id for each in old.retrieve(missing[:_NAMED])]
            raise RebuildError(
                f"{len(missing):,} of {total:,} assets are neither in the new generation nor "
                f"among its failures: {_listed(named, len(missing))}. The old one stays live.",
                "Run hybridsearch rebuild again: it goes on with what is missing.",
            )
        if len(self._failed) > max(self._settings.tolerated * total, min(_FEW, total // 2)):
            first = self.failures[0]
            raise RebuildError(
                f"{len(self._failed):,} of {total:,} assets cannot be taken into the new "
                f"generation, the first {first.asset_id}: {first.reason} The old one stays live.",
                "Make their pictures readable (is their disk there?) and run hybridsearch rebuild "
                "again: it goes on with them; or do without them: --accept-failures.",
            )


def entry_of(asset: Asset, stamp: Stamp) -> Entry | Failure:
    """Where an asset's picture was read from, to be read again.

    A failure where nothing tells, or where a link leads out of the folder that it was found in.
    """
    place = stamp.place or asset.uri
    if place is None:
        return _nowhere(asset)
    path = _path_of(place)
    if path is None:
        return Entry(asset.id, None, asset.id, url=place)
    root = _path_of(stamp.source or "")
    outside = outside_of(root, path, asset.id) if root is not None and root.is_dir() else None
    return outside or Entry(asset.id, path, str(path))


def _path_of(uri: str) -> Path | None:
    return Path(unquote(urlsplit(uri).path)) if uri.startswith("file:///") else None


def _words_of(asset: Asset) -> Entry:
    return Entry(asset.id, None, asset.id)


def _nowhere(asset: Asset) -> Failure:
    return Failure(
        asset.id,
        asset.id,
        "The archive does not know where its picture is.",
        "Ingest it again from where it is.",
    )


def _listed(names: Sequence[str], count: int) -> str:
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return ", ".join(names) + more


def _in_batches(records: Iterable[PointRecord], size: int) -> Iterator[list[PointRecord]]:
    stream = iter(records)
    while batch := list(islice(stream, size)):
        yield batch
