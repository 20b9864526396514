"""What ``hybridsearch sync`` does: one sync, or one after each change of a folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.adapters.watching import restings
from hybridsearch.bootstrap import Archive, make_extras, open_archive
from hybridsearch.cli.ingesting import print_report, terminable, watched
from hybridsearch.config import Settings
from hybridsearch.errors import (
    ArchiveNotFound,
    DeletionRefused,
    SourceError,
    StoreLocked,
    StoreUnavailable,
)
from hybridsearch.ingest.entry import Source
from hybridsearch.ingest.report import Report, write_failures
from hybridsearch.ingest.retry import read_failures, still_failing
from hybridsearch.ingest.sync import Difference, compare
from hybridsearch.ports import Encoder, StoreSchema


def difference_of(settings: Settings, source: Source) -> Difference:
    """What a sync would do; of an archive that is not there yet, everything is new."""
    try:
        with open_archive(settings) as opened:
            return opened.ingest().compare(source)
    except ArchiveNotFound:
        empty = MemoryStore(StoreSchema(None))
        return compare(source, settings.archive, empty, make_extras(settings))


@dataclass(slots=True)
class Syncing:
    """One source and how it is synced."""

    settings: Settings
    source: Source
    delete: bool
    many: bool
    as_json: bool
    _encoder: Encoder | None = field(default=None, repr=False)
    _failed: bool = False

    def once(self) -> Report:
        """Sync and report.

        Raises:
            HybridSearchError: as an ingest does; ``DeletionRefused``.
        """
        # The engine in a process of its own: an interrupt need not wait while it builds indexes.
        with open_archive(self.settings, create=True, serve=True) as archive:
            archive = self._with_encoder(archive)
            before = read_failures(archive.failures_file)
            flow = archive.ingest()
            report = watched(
                lambda progress: flow.sync(
                    self.source, progress, delete=self.delete, many=self.many
                ),
                quiet=self.as_json,
            )
            write_failures(still_failing(before, report), archive.failures_file)
            print_report(report, archive, self.as_json)
        return report

    def watch(self, folder: Path) -> Report | None:
        """Sync, and again after each change; until an interrupt, which is the usual end.

        The archive is closed in between, so that others can search it. What is wrong for the
        moment (somebody has the archive open, the disk is away) is told, and tried again.

        Raises:
            SourceError: it is no folder.
            HybridSearchError: what waiting does not mend.
        """
        if not folder.is_dir():
            raise SourceError(f"{folder} is not a folder.", "Only folders can be watched.")
        console = Console(stderr=True, highlight=False)
        moments = restings(
            folder, ignored=self.settings.data_dir.resolve(), due=lambda: self._failed
        )
        with terminable():
            try:
                for number, _ in enumerate(moments):
                    report = self._patiently(console)
                    if report is not None and report.interrupted:
                        return report if not number else None
                    if not number:
                        console.print(f"Watching {folder}; Ctrl-C ends it.", markup=False)
            except KeyboardInterrupt:
                pass
        console.print("Watching has ended.")
        return None

    def _patiently(self, console: Console) -> Report | None:
        try:
            report = self.once()
        except (StoreLocked, StoreUnavailable, DeletionRefused) as error:
            self._failed = True
            console.print(f"{error} It is tried again in a minute.", markup=False)
            return None
        self._failed = False
        return report

    def _with_encoder(self, archive: Archive) -> Archive:
        """With the encoder of the last time, if that is the same: its model is loaded."""
        known = self._encoder
        if known is not None and archive.encoder is not None and known.card == archive.encoder.card:
            return replace(archive, encoder=known)
        self._encoder = archive.encoder
        return archive
