"""One archive as the service has it: opened once, shared by all, renewed when it changes.

In: settings. Out: an engine that answers, a writer that writes, and both again after an ingest,
after the engine process has died, or when another generation has become the live one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Lock, Thread, local
from typing import TypeVar

import numpy as np

from hybridsearch.adapters.stores.in_use import InUse
from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, fitted_to, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import GenerationReplaced, HybridSearchError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.pipeline import Ingest
from hybridsearch.ingest.readers import Readers
from hybridsearch.ingest.report import Report
from hybridsearch.labels.labeller import Labeller
from hybridsearch.ports import Lexicon
from hybridsearch.search.engine import SearchEngine
from services.api.encoding import SharedEncoder
from services.api.pictures import Pictures
from services.api.problems import Refusal
from services.api.uploads import Uploads

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_GREY = np.full((224, 224, 3), 128, dtype=np.uint8)
"""A picture to warm up with: many encoders load what reads pictures when they see the first."""

WRITE_PATIENCE = 30.0
"""Seconds that a write waits for another one, or for a batch of a running ingest."""


LEAVING_PATIENCE = 60.0
"""Seconds that requests of a generation that was replaced may still take."""


@dataclass(slots=True)
class _Opened:
    """One generation, opened, and what was made from it."""

    archive: Archive
    encoder: SharedEncoder | None
    uploads: Uploads
    writer: Ingest
    engine: SearchEngine
    lexicon: Lexicon | None
    readers: Readers | None = None
    labeller: Labeller | None = None

    def let_go(self) -> None:
        """Close everything. Twice is no error."""
        readers, self.readers = self.readers, None
        if readers is not None:
            readers.close()
        self.uploads.close()
        if self.encoder is not None:
            self.encoder.close()
        with suppress(HybridSearchError):
            self.archive.close()


class Served:
    """An open archive with everything made from it. Safe to share among threads.

    A request that is ``pinned`` sees one generation from its beginning to its end.
    """

    def __init__(self, settings: Settings) -> None:
        """
        Raises:
            HybridSearchError: the archive cannot be opened.
        """
        self._settings = settings
        self.name = settings.archive
        self._renewing = Lock()
        self._counting = Lock()
        self.writing = Lock()
        """Held by whoever writes to the archive."""
        self.writers_waiting = 0
        self.written = 0
        """Writes outside of ingests so far; who finishes the index sees whether there were more."""
        self.last_write: float | None = None
        self.pictures = Pictures(settings)
        self._pin = local()
        self._leaving: list[_Opened] = []
        self._now = InUse(self._open())

    def _open(self) -> _Opened:
        service = self._settings.service
        opened = open_archive(self._settings, create=service.create, serve=True)
        # What a client lists is not fetched: a manifest may name addresses inside the network.
        opened = replace(opened, fetches=False)
        encoder: SharedEncoder | None = None
        if opened.encoder is not None:
            encoder = SharedEncoder(opened.encoder, service.vectors_cached)
            opened = replace(opened, encoder=encoder)
        uploads = Uploads(service, encoder.view() if encoder else None)
        lexicon = opened.lexicons.open()
        return _Opened(opened, encoder, uploads, opened.ingest(), opened.search(), lexicon)

    @contextmanager
    def pinned(self) -> Iterator[Archive]:
        """In this thread, everything is of one generation until the end."""
        with self._now.used() as opened:
            self._pin.opened = opened
            try:
                yield opened.archive
            finally:
                self._pin.opened = None

    @property
    def _opened(self) -> _Opened:
        pinned: _Opened | None = getattr(self._pin, "opened", None)
        return pinned or self._now.value

    @property
    def archive(self) -> Archive:
        """The archive with its newest generation."""
        return self._opened.archive

    @property
    def encoder(self) -> SharedEncoder | None:
        """The newest generation's encoder."""
        return self._opened.encoder

    @property
    def uploads(self) -> Uploads:
        """Decodes pictures for the newest generation's encoder."""
        return self._opened.uploads

    @property
    def engine(self) -> SearchEngine:
        """The engine over the newest generation."""
        return self._opened.engine

    @property
    def lexicon(self) -> Lexicon | None:
        """The newest lexicon."""
        return self._opened.lexicon

    @property
    def labeller(self) -> Labeller:
        """Labels pictures by the newest generation.

        Raises:
            QueryError: the archive has no encoder.
        """
        opened = self._opened
        if opened.labeller is None:
            opened.labeller = opened.archive.labels()
        return opened.labeller

    @property
    def writer(self) -> Ingest:
        """The flow that writes; use it while holding ``writing``."""
        return self._opened.writer

    def warm_up(self) -> None:
        """Have the model loaded and the store asked once.

        Raises:
            HybridSearchError: the archive cannot answer.
        """
        self._warm(self._opened)

    @staticmethod
    def _warm(opened: _Opened) -> None:
        if opened.encoder is not None:
            opened.encoder.embed_texts(["warming up"])
            opened.encoder.embed_pictures([_GREY])
        opened.archive.store.info()

    def asset(self, asset_id: str) -> Asset | None:
        """One asset, None where there is none."""
        found = self.assets([asset_id])
        return found[0] if found else None

    def assets(self, ids: Sequence[str]) -> list[Asset]:
        """The assets that there are, in the order asked, each once."""
        wanted = [point_id(self.name, each) for each in ids]
        records = self.archive.store.retrieve(wanted, keys=("asset",))
        return [asset_of(record.payload) for record in records]

    def add(self, entries: Sequence[Entry | Failure]) -> Report:
        """Write assets now; one without a file keeps the picture that it has.

        Raises:
            Refusal: another write goes on for too long.
            HybridSearchError: the store failed, or no file can be read.
        """
        return self._in_turn(lambda: self._add(entries))

    def _add(self, entries: Sequence[Entry | Failure]) -> Report:
        opened = self._opened
        if opened.readers is None:
            opened.readers = opened.archive.readers()
        report = opened.writer.add(self._with_pictures(entries), opened.readers)
        if report.written:
            self._noted()
        return report

    def _in_turn(self, write: Callable[[], Result]) -> Result:
        """Write while nobody else does; once more where another generation has taken over."""
        try:
            with self.held():
                return write()
        except GenerationReplaced:
            self.follow()
            with self.held():
                return write()

    def _with_pictures(self, entries: Sequence[Entry | Failure]) -> list[Entry | Failure]:
        """An entry without a file keeps the picture that its asset has, if that can be read."""
        bare = [each for each in entries if isinstance(each, Entry) and not each.has_picture]
        there = {asset.id: asset for asset in self.assets([each.asset_id for each in bare])}
        known = {key: asset for key, asset in there.items() if asset.content_hash}
        return [
            self._with_picture(each, known[each.asset_id])
            if isinstance(each, Entry) and not each.has_picture and each.asset_id in known
            else each
            for each in entries
        ]

    def _with_picture(self, entry: Entry, asset: Asset) -> Entry | Failure:
        path = self.pictures.original(asset)
        if path is not None:
            return replace(entry, path=path)
        return Failure(
            entry.asset_id,
            entry.origin,
            "It has a picture that cannot be read from here, and would lose it.",
            "Name the picture's folder in service.roots, or delete the asset first.",
        )

    def delete(self, ids: Sequence[str]) -> int:
        """Delete assets; how many of the ids there were.

        Raises:
            Refusal: another write goes on for too long.
            HybridSearchError: the store failed.
        """
        return self._in_turn(lambda: self._delete([point_id(self.name, each) for each in ids]))

    def _delete(self, points: Sequence[str]) -> int:
        deleted = self.writer.delete(points)
        if deleted:
            self._noted()
        return deleted

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the archive for writing.

        Raises:
            Refusal: who holds it does not let go in time.
        """
        with self._counting:
            self.writers_waiting += 1
        try:
            mine = self.writing.acquire(timeout=WRITE_PATIENCE)
        finally:
            with self._counting:
                self.writers_waiting -= 1
        if not mine:
            raise Refusal(
                503,
                "The archive is being written to.",
                "Try again in a minute; /v1/jobs tells what is going on.",
                {"retry-after": "30"},
                "Archive busy",
            )
        try:
            yield
        finally:
            self.writing.release()

    def unfinished_since(self, written: int) -> None:
        """Remember that there were writes after ``written``, which the last finish missed."""
        if self.written != written:
            self._must_be_finished()

    def _must_be_finished(self) -> None:
        opened = self._opened
        known = opened.writer.generation
        if not known.pending:
            opened.writer.generation = replace(known, pending=True)
            opened.archive.generations.save(opened.writer.generation)

    def _noted(self) -> None:
        self.written += 1
        self.last_write = time.monotonic()
        lengths = self.writer.generation.average_lengths
        if self.engine.generation.average_lengths != lengths:  # the first that was ever written
            self.renew()

    def renew(self) -> None:
        """Search with what an ingest left: its weights, names and background."""
        with self._renewing:
            opened = self._now.value
            archive = replace(opened.archive, generation=opened.writer.generation)
            # A request that goes on keeps what it began with, until nobody holds it.
            self._now.replace(
                replace(
                    opened,
                    archive=archive,
                    engine=archive.search(),
                    lexicon=archive.lexicons.open(),
                    labeller=None,
                )
            )

    def follow(self) -> bool:
        """Answer from another generation, where one has become the live one; whether it does.

        Nobody waits: it is opened and warmed up before it takes over, and who began with the old
        one ends with it.

        Raises:
            Refusal: a write goes on for too long.
            HybridSearchError: it cannot be opened; the old one goes on answering.
        """
        if not self._moved_on():
            return False
        with self.held(), self._renewing:
            live = self.archive.generations.live()
            if live is None or not self._moved_on():
                return False
            settings, self._settings = self._settings, fitted_to(self._settings, live)
            try:
                fresh = self._open()
                self._warm(fresh)
            except BaseException:
                self._settings = settings
                raise
            old, drained = self._now.value, self._now.replace(fresh)
            self._leaving.append(old)
            self.last_write = time.monotonic() if live.pending else None
        told = {"archive": self.name, "generation": live.number}
        log.info("another generation answers from now on", extra=told)
        Thread(target=self._left, args=(old, drained), name="leaving", daemon=True).start()
        return True

    def _moved_on(self) -> bool:
        opened = self._now.value.archive
        return opened.generations.live_number() not in (None, opened.generation.number)

    def _left(self, old: _Opened, drained: Callable[[float], bool]) -> None:
        drained(LEAVING_PATIENCE)
        old.let_go()
        with self._renewing, suppress(ValueError):
            self._leaving.remove(old)

    def reopen(self, broken: Archive) -> None:
        """Open the archive again, unless somebody has done so since ``broken`` failed.

        Raises:
            HybridSearchError: it cannot be opened.
        """
        with self._renewing:
            if self._now.value.archive is not broken:
                return
            log.warning("the store is opened again", extra={"archive": self.name})
            self._now.value.let_go()
            self._now.replace(self._open())

    def close(self) -> None:
        """Let go of everything, when nobody uses it any more."""
        with self._renewing:
            for each in (*self._leaving, self._now.value):
                each.let_go()
            self.pictures.close()
