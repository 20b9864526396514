"""An open archive: its live generation, and the flows that work on it.

In: parts that are made. Out: what ingests into the archive, searches it and labels its pictures.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self

from hybridsearch.adapters.backgrounds import FolderBackgrounds
from hybridsearch.adapters.calibrations import FolderCalibrations
from hybridsearch.adapters.encoders.cores import cores
from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.label_evidence import FolderEvidence
from hybridsearch.adapters.label_vectors import SqliteVectors
from hybridsearch.adapters.lexicon import FolderLexicons
from hybridsearch.adapters.media import DEFAULT_MIN_SIDE, FileMediaReader
from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.adapters.readers.pool import ProcessReaders
from hybridsearch.adapters.stores.guarded import GuardedStore
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.detect import LanguageDetector
from hybridsearch.analysis.vectors import DEFAULT_BATCH
from hybridsearch.bootstrap.extras import make_extras
from hybridsearch.config import Settings
from hybridsearch.domain.generation import Generation
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.pipeline import Ingest, IngestSettings
from hybridsearch.ingest.room import Room
from hybridsearch.ingest.writing import Derived, GenerationWriter
from hybridsearch.labels.labeller import Aids as LabelAids
from hybridsearch.labels.labeller import Labeller
from hybridsearch.ports import Encoder, Lexicon, Store, View, Viewing
from hybridsearch.search.engine import Aids, Found, SearchEngine
from hybridsearch.search.plan import PlannerSettings
from hybridsearch.search.recent import RecentLists
from hybridsearch.search.weights import PlannerNumbers, fitted_numbers

_OCR_SIDE = 2000
"""Pixels of the longer side; more the reader of text does not look at."""

_SERVER_LIST_SECONDS = 10.0
"""Seconds that a list serves for further pages while others may write to the server."""

WORDS_ONLY_BATCH = 1000
"""Assets a batch where nothing is embedded: the flush after each batch is then the cost."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive, opened: its live generation and the parts that work on it."""

    settings: Settings
    generation: Generation
    generations: FolderGenerations
    store: Store
    encoder: Encoder | None
    analyzer: Analyzer
    fetches: bool = True
    """Whether an ingest may fetch files that a manifest names by URL."""
    opened: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def ingest(self) -> Ingest:
        """The flow that writes into the archive."""
        return Ingest(
            self.writer(),
            self.readers,
            IngestSettings(self.ingest_batch),
            extras=self.extras(),
        )

    def writer(self) -> GenerationWriter:
        """What writes into the generation, batch by batch."""
        return GenerationWriter(
            self.generation,
            self.generations,
            self.store,
            self.encoder,
            self.analyzer,
            Derived(self.lexicons, self.backgrounds),
            room=self._room(),
            detector=self._detector(),
        )

    def readers(self, extras: Extras | None = None) -> ProcessReaders:
        """Processes that read files; close them. ``extras`` stand in for the settings' own."""
        sizes = self.settings.ingest
        extras = self.extras() if extras is None else extras
        longer_side = max(extras.thumbnails.sizes) if extras.thumbnails else 1
        order = ReadingOrder(
            self._media(max(longer_side, _OCR_SIDE) if extras.text else longer_side),
            self._view(),
            max_file_bytes=sizes.max_file_mib * 2**20,
            seconds=sizes.seconds_per_file,
            memory_bytes=sizes.reader_memory_mib * 2**20,
            extras=extras,
        )
        return ProcessReaders(order, sizes.readers or cores())

    def extras(self) -> Extras:
        """What an ingest does with a picture beside embedding it."""
        made = make_extras(self.settings)
        return made if self.fetches else replace(made, remote=None)

    def search(self, numbers: PlannerNumbers | None = None) -> SearchEngine:
        """The flow that answers queries; ``numbers`` stand in for the planner's fitted ones."""
        chosen = self.settings.search
        return SearchEngine(
            self.generation,
            self.store,
            self.encoder,
            self.analyzer,
            self._media(),
            PlannerSettings(
                depth=chosen.depth,
                paged_depth=chosen.paged_depth,
                method=chosen.fusion,
                k=chosen.k,
                looks_weight=chosen.looks_weight,
                words_weight=chosen.words_weight,
            ),
            Aids(
                lexicon=self._lexicon(),
                background=self.backgrounds.load(self.generation),
                cutoff=self.calibrations.cutoff(self.generation),
                numbers=numbers or fitted_numbers(),
                recent=self._recent_lists(),
            ),
        )

    def labels(self) -> Labeller:
        """The flow that tags, classifies and describes pictures.

        Raises:
            QueryError: the archive was indexed without an encoder.
        """
        folder = self.generations.folder_of(self.generation.number)
        return Labeller(
            self.settings.archive,
            self.store,
            self.encoder,
            self._media(),
            LabelAids(
                self.backgrounds.load(self.generation),
                FolderEvidence(folder, self.encoder.card if self.encoder else None),
                SqliteVectors(self.settings.label_vectors_file),
                self.settings.analysis.languages[0],
            ),
        )

    @property
    def calibrations(self) -> FolderCalibrations:
        """What the live generation's scores are worth, where that was fitted."""
        return FolderCalibrations(self.generations.folder_of(self.generation.number))

    @property
    def lexicons(self) -> FolderLexicons:
        """The live generation's names and words, gathered at the end of an ingest."""
        return FolderLexicons(self.generations.folder_of(self.generation.number))

    @property
    def backgrounds(self) -> FolderBackgrounds:
        """What the live generation's own captions tell of its encoder."""
        return FolderBackgrounds(self.generations.folder_of(self.generation.number))

    def _detector(self) -> LanguageDetector | None:
        chosen = self.settings.analysis
        return LanguageDetector(chosen.languages) if chosen.detect_language else None

    @property
    def generations_folder(self) -> Path:
        """Where the generation keeps its files."""
        return self.generations.folder_of(self.generation.number)

    @property
    def failures_file(self) -> Path:
        """What the last ingest could not use."""
        return self.settings.archive_folder / "failures.jsonl"

    def close(self) -> None:
        """Let go of the store, and of the lexicons that searches opened."""
        self.opened.close()
        self.store.close()

    def _lexicon(self) -> Lexicon | None:
        found = self.lexicons.open()
        if found is not None:
            self.opened.callback(found.close)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _recent_lists(self) -> RecentLists[Found] | None:
        store = self.store
        if not isinstance(store, GuardedStore):  # nobody tells when it changes
            return None
        # Only this process writes to an embedded store; to a server others may.
        seconds = inf if self.settings.store.kind == "edge" else _SERVER_LIST_SECONDS
        return RecentLists(lambda: store.changes, self.settings.search.lists_kept, seconds)

    def _media(self, longer_side: int = 1) -> FileMediaReader:
        """``longer_side``: pixels that decoding leaves of it, for thumbnails."""
        sizes = self.settings.ingest
        view = self._view()
        return FileMediaReader(
            max_pixels=sizes.max_megapixels * 10**6,
            min_side=DEFAULT_MIN_SIDE if view is None else view.min_side,
            min_longer_side=longer_side,
            legacy_encodings=sizes.legacy_encodings,
        )

    def _view(self) -> View | None:
        return self.encoder.view() if isinstance(self.encoder, Viewing) else None

    def _room(self) -> Room | None:
        if self.settings.store.kind != "edge":
            return None
        return Room(self.settings.archive_folder, self.settings.ingest.min_free_mib * 2**20)

    @property
    def ingest_batch(self) -> int:
        """Assets that are embedded and written at once."""
        if self.encoder is None:
            return WORDS_ONLY_BATCH
        suits = self.encoder.batch() if isinstance(self.encoder, Viewing) else DEFAULT_BATCH
        return self.settings.ingest.batch or suits
