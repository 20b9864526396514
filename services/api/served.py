"""One archive as the service has it: opened once, shared by all, renewed when it changes.

In: settings. Out: an engine that answers, a writer that writes, and both again after an ingest
or after the engine process has died.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Lock

import numpy as np

from hybridsearch.analysis.payload import asset_of, point_id
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import HybridSearchError
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

_GREY = np.full((224, 224, 3), 128, dtype=np.uint8)
"""A picture to warm up with: many encoders load what reads pictures when they see the first."""

WRITE_PATIENCE = 30.0
"""Seconds that a write waits for another one, or for a batch of a running ingest."""


class Served:
    """An open archive with everything made from it. Safe to share among threads."""

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
        self._open()

    def _open(self) -> None:
        service = self._settings.service
        opened = open_archive(self._settings, create=service.create, serve=True)
        self.encoder: SharedEncoder | None = None
        if opened.encoder is not None:
            self.encoder = SharedEncoder(opened.encoder, service.vectors_cached)
            opened = replace(opened, encoder=self.encoder)
        self._archive = opened
        self._readers: Readers | None = None
        self.uploads = Uploads(service, self.encoder.view() if self.encoder else None)
        self._writer = opened.ingest()
        self._engine = opened.search()
        self._labeller: Labeller | None = None
        self._lexicon = opened.lexicons.open()

    @property
    def archive(self) -> Archive:
        """The archive with its newest generation."""
        return self._archive

    @property
    def engine(self) -> SearchEngine:
        """The engine over the newest generation."""
        return self._engine

    @property
    def lexicon(self) -> Lexicon | None:
        """The newest lexicon."""
        return self._lexicon

    @property
    def labeller(self) -> Labeller:
        """Labels pictures by the newest generation.

        Raises:
            QueryError: the archive has no encoder.
        """
        if self._labeller is None:
            self._labeller = self._archive.labels()
        return self._labeller

    @property
    def writer(self) -> Ingest:
        """The flow that writes; use it while holding ``writing``."""
        return self._writer

    def warm_up(self) -> None:
        """Have the model loaded and the store asked once.

        Raises:
            HybridSearchError: the archive cannot answer.
        """
        if self.encoder is not None:
            self.encoder.embed_texts(["warming up"])
            self.encoder.embed_pictures([_GREY])
        self._archive.store.info()

    def asset(self, asset_id: str) -> Asset | None:
        """One asset, None where there is none."""
        found = self.assets([asset_id])
        return found[0] if found else None

    def assets(self, ids: Sequence[str]) -> list[Asset]:
        """The assets that there are, in the order asked, each once."""
        wanted = [point_id(self.name, each) for each in ids]
        records = self._archive.store.retrieve(wanted, keys=("asset",))
        return [asset_of(record.payload) for record in records]

    def add(self, entries: Sequence[Entry | Failure]) -> Report:
        """Write assets now; one without a file keeps the picture that it has.

        Raises:
            Refusal: another write goes on for too long.
            HybridSearchError: the store failed, or no file can be read.
        """
        with self.held():
            if self._readers is None:
                self._readers = self._archive.readers()
            report = self._writer.add(self._with_pictures(entries), self._readers)
            if report.written:
                self._noted()
        return report

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
        points = [point_id(self.name, each) for each in ids]
        with self.held():
            store = self._archive.store
            there = [record.id for record in store.retrieve(points, keys=())]
            if there:
                self._must_be_finished()
                store.delete(there)
                store.flush()
                self._noted()
        return len(there)

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
        known = self._writer.generation
        if not known.pending:
            self._writer.generation = replace(known, pending=True)
            self._archive.generations.save(self._writer.generation)

    def _noted(self) -> None:
        self.written += 1
        self.last_write = time.monotonic()
        lengths = self._writer.generation.average_lengths
        if self._engine.generation.average_lengths != lengths:  # the first that was ever written
            self.renew()

    def renew(self) -> None:
        """Search with what an ingest left: its weights, names and background."""
        with self._renewing:
            self._archive = replace(self._archive, generation=self._writer.generation)
            engine, lexicon = self._archive.search(), self._archive.lexicons.open()
            # A search that goes on keeps what it began with, until nobody holds it.
            self._engine, self._lexicon, self._labeller = engine, lexicon, None

    def reopen(self, broken: Archive) -> None:
        """Open the archive again, unless somebody has done so since ``broken`` failed.

        Raises:
            HybridSearchError: it cannot be opened.
        """
        with self._renewing:
            if self._archive is not broken:
                return
            log.warning("the store is opened again", extra={"archive": self.name})
            self._let_go()
            self._open()

    def close(self) -> None:
        """Let go of everything, when nobody uses it any more."""
        with self._renewing:
            self._let_go()
            self.pictures.close()

    def _let_go(self) -> None:
        if self._readers is not None:
            self._readers.close()
            self._readers = None
        self.uploads.close()
        if self.encoder is not None:
            self.encoder.close()
        with suppress(HybridSearchError):
            self._archive.close()
