"""The composition root: settings in, a working archive out. Tests call it too.

Vendor libraries are imported only when the part that needs them is built, so that asking for
help, or searching by words, loads no model.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hybridsearch.adapters.backgrounds import FolderBackgrounds
from hybridsearch.adapters.calibrations import FolderCalibrations
from hybridsearch.adapters.encoders.cores import cores
from hybridsearch.adapters.encoders.onnx_files import Export, Precision
from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.label_evidence import FolderEvidence
from hybridsearch.adapters.label_vectors import SqliteVectors
from hybridsearch.adapters.lexicon import FolderLexicons
from hybridsearch.adapters.media import DEFAULT_MIN_SIDE, FileMediaReader
from hybridsearch.adapters.media.thumbnails import WebpThumbnails
from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.adapters.readers.pool import ProcessReaders
from hybridsearch.adapters.remote import FsspecFiles
from hybridsearch.adapters.stores.guarded import GuardedStore
from hybridsearch.adapters.turns import GenerationGuard, Turns
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.detect import LanguageDetector
from hybridsearch.analysis.payload import INTEGER_KEYS, KEYWORD_KEYS, LOCATION_KEYS, TEXT_KEYS
from hybridsearch.analysis.vectors import DEFAULT_BATCH
from hybridsearch.config import DEFAULT_ENCODER, AnalysisSection, Settings
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import ArchiveNotFound, ConfigError, GenerationMismatch
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.pictured_text import PicturedText
from hybridsearch.ingest.pipeline import Ingest, IngestSettings
from hybridsearch.ingest.room import Room
from hybridsearch.ingest.thumbnails import Thumbnails
from hybridsearch.ingest.writing import Derived, GenerationWriter
from hybridsearch.labels.labeller import Aids as LabelAids
from hybridsearch.labels.labeller import Labeller
from hybridsearch.ports import Encoder, Lexicon, Store, StoreSchema, View, Viewing
from hybridsearch.search.engine import Aids, Found, SearchEngine
from hybridsearch.search.plan import PlannerSettings
from hybridsearch.search.recent import RecentLists
from hybridsearch.search.weights import PlannerNumbers, fitted_numbers

if TYPE_CHECKING:
    from hybridsearch.adapters.stores.qdrant import QdrantStore

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


def open_archive(settings: Settings, *, create: bool = False, serve: bool = False) -> Archive:
    """Open an archive's live generation.

    Args:
        create: make the archive where there is none.
        serve: keep the embedded engine in a process of its own, so that this one stays
            responsive while the engine builds indexes.

    Raises:
        ArchiveNotFound: there is no such archive and ``create`` is False.
        GenerationMismatch: the archive was indexed by another encoder or analyzer.
        ModelMissing: the encoder's model is not on this machine.
        StoreLocked: another process has the archive open.
    """
    generations = FolderGenerations(settings.archive_folder)
    analyzer = Analyzer(settings.analysis.settings())
    live = generations.live()
    if live is None and not create:
        raise ArchiveNotFound(
            f"There is no archive {settings.archive!r} in {settings.data_dir}.",
            "Make it: hybridsearch ingest FOLDER.",
        )
    encoder = make_encoder(_choice(settings, live), settings)
    generation = live or _begin(settings, generations, encoder, analyzer)
    _must_fit(generation, encoder, analyzer)
    store = make_store(generation, settings, generations, serve)
    if live is None:
        name_collection(generation, settings)
    guard = GenerationGuard(generations, Turns(settings.archive_folder), generation.number)
    guarded = GuardedStore(store, guard)
    return Archive(settings, generation, generations, guarded, encoder, analyzer)


def fitted_to(settings: Settings, generation: Generation) -> Settings:
    """The settings with the encoder and the analysis that a generation was built with.

    For whoever follows an archive to another generation without being configured anew.
    """
    choice = generation.choice
    encoder = settings.encoder.model_copy(
        update={
            "name": choice.name if choice else "none",
            "text_model": choice.text_model if choice else None,
            "precision": choice.precision if choice else None,
        }
    )
    analysis = settings.analysis
    if generation.analysis is not None:
        analysis = AnalysisSection.model_validate(dict(generation.analysis))
    return settings.model_copy(update={"encoder": encoder, "analysis": analysis})


def make_extras(settings: Settings) -> Extras:
    """What an ingest does beside embedding, as the settings have it.

    Raises:
        ConfigError: what it needs is not installed.
    """
    chosen = settings.ingest
    text = None
    if chosen.ocr:
        from hybridsearch.adapters.pictured_text import RapidTextReader

        text = PicturedText(
            settings.archive_folder / "pictured_text", RapidTextReader(chosen.ocr_min_score)
        )
    return Extras(
        FsspecFiles(chosen.remote_seconds),
        make_thumbnails(settings) if chosen.thumbnails else None,
        text,
    )


def make_thumbnails(settings: Settings) -> Thumbnails:
    """The archive's small copies of its pictures."""
    return Thumbnails(settings.archive_folder / "thumbnails", WebpThumbnails())


def make_encoder(choice: EncoderChoice | None, settings: Settings) -> Encoder | None:
    """The encoder by its name; its model loads when it is first used.

    Raises:
        ModelMissing: the model is not on this machine and cannot be fetched.
    """
    if choice is None:
        return None
    name, _, head = choice.name.partition(":")
    if name == "starter":
        from hybridsearch.adapters.encoders.starter import StarterEncoder

        return StarterEncoder(Path(head)) if head else StarterEncoder()
    if choice.name == "words":
        from hybridsearch.adapters.encoders.words import WordEncoder

        return WordEncoder()
    from hybridsearch.adapters.encoders.runtimes import clip_encoder

    return clip_encoder(
        settings.models_folder,
        choice.name,
        choice.text_model,
        device=settings.encoder.device,
        runtime=settings.encoder.runtime,
        precision=choice.precision,
    )


def export_encoder(settings: Settings, precision: Precision) -> tuple[Export, ...]:
    """Export the CLIP model of the configuration or of the archive's index, for ONNX Runtime.

    Another text tower is exported beside it.

    Raises:
        ConfigError: the encoder is none that can be exported.
        ModelMissing: the model, or a package that exporting needs, is not there.
        EncoderError: the model cannot be exported, or its copy gives other vectors.
    """
    live = FolderGenerations(settings.archive_folder).live()
    indexed = live.choice if live else None
    name = settings.encoder.name or (indexed.name if indexed else DEFAULT_ENCODER)
    if name.partition(":")[0] in ("none", "words", "starter"):
        raise ConfigError(
            f"The encoder {name!r} is no CLIP model; there is nothing to export.",
            "Name a CLIP model: hybridsearch export --encoder clip-ViT-B-32.",
        )
    from hybridsearch.adapters.encoders.onnx_export import export_model

    text_model = settings.encoder.text_model or (indexed.text_model if indexed else None)
    names = [name, text_model] if text_model else [name]
    return tuple(export_model(each, settings.models_folder, precision) for each in names)


def make_store(
    generation: Generation, settings: Settings, generations: FolderGenerations, serve: bool
) -> Store:
    """The store of a generation.

    Raises:
        StoreLocked: another process has it open.
        StoreUnavailable: the server cannot be reached.
    """
    schema = schema_of(generation)
    if settings.store.kind == "qdrant":
        return _qdrant(generation, settings, schema)
    folder = generations.folder_of(generation.number) / "store"
    if serve:
        from hybridsearch.adapters.stores.side_build import SideBuildingStore

        return SideBuildingStore(folder, schema)
    from hybridsearch.adapters.stores.edge import EdgeStore

    return EdgeStore(folder, schema)


def schema_of(generation: Generation) -> StoreSchema:
    """What the store of a generation must know."""
    return StoreSchema(
        generation.encoder.dimension if generation.encoder else None,
        KEYWORD_KEYS,
        INTEGER_KEYS,
        TEXT_KEYS,
        LOCATION_KEYS,
    )


def name_collection(generation: Generation, settings: Settings) -> None:
    """On a server, point the archive's alias to the generation's collection, for other tools.

    Searches here go by the generation that the archive's folder names, so that none sees another
    collection from one request to the next.

    Raises:
        StoreUnavailable: the server cannot be reached.
    """
    if settings.store.kind == "qdrant":
        with closing(_qdrant(generation, settings, schema_of(generation))) as store:
            store.alias(generation.archive)


def drop_collection(generation: Generation, settings: Settings) -> None:
    """On a server, delete the generation's collection.

    Raises:
        StoreUnavailable: the server cannot be reached.
    """
    if settings.store.kind == "qdrant":
        with closing(_qdrant(generation, settings, schema_of(generation))) as store:
            store.drop()


def _qdrant(generation: Generation, settings: Settings, schema: StoreSchema) -> QdrantStore:
    from hybridsearch.adapters.stores.qdrant import QdrantStore

    key = settings.store.api_key
    return QdrantStore(
        f"{generation.archive}-{generation.number:04d}",
        schema,
        url=settings.store.url,
        grpc_port=settings.store.grpc_port,
        api_key=key.get_secret_value() if key else None,
        shards=settings.store.shards,
        replicas=settings.store.replicas,
    )


def _choice(settings: Settings, live: Generation | None) -> EncoderChoice | None:
    """The encoder asked for; where none was, the archive's own, and CLIP for a new archive."""
    asked = settings.encoder
    if live is None:
        name = asked.name or DEFAULT_ENCODER
        if name == "none":
            return None
        return EncoderChoice(name, asked.text_model, asked.precision or "fp32")
    indexed = live.choice.name if live.choice else "none"
    if asked.name is not None and asked.name != indexed:
        raise GenerationMismatch(
            f"The archive {live.archive!r} was indexed with the encoder {indexed!r}, "
            f"not {asked.name!r}: their vectors cannot be compared.",
            "Leave the encoder out; or build the index anew: "
            f"{_rebuild(live)} --encoder {asked.name}.",
        )
    if live.choice is None:
        return None
    if asked.precision not in (None, live.choice.precision):
        raise GenerationMismatch(
            f"The archive {live.archive!r} was indexed in {live.choice.precision}, not in "
            f"{asked.precision}: their vectors cannot be compared.",
            "Leave encoder.precision out; or build the index anew, with encoder.precision set: "
            f"{_rebuild(live)}.",
        )
    text_model = asked.text_model or live.choice.text_model
    return EncoderChoice(live.choice.name, text_model, live.choice.precision)


def _begin(
    settings: Settings,
    generations: FolderGenerations,
    encoder: Encoder | None,
    analyzer: Analyzer,
) -> Generation:
    with Turns(settings.archive_folder).alone():
        live = generations.live()
        if live is not None:  # somebody else was faster
            _choice(settings, live)
            return live
        choice = _choice(settings, None)
        generation = new_generation(settings, generations, choice, encoder, analyzer)
        generations.activate(generation.number)
    return generation


def new_generation(
    settings: Settings,
    generations: FolderGenerations,
    choice: EncoderChoice | None,
    encoder: Encoder | None,
    analyzer: Analyzer,
) -> Generation:
    """An empty generation beside those that there are; the next number is its own."""
    generation = Generation(
        number=generations.next_number(),
        archive=settings.archive,
        choice=choice,
        encoder=encoder.card if encoder else None,
        analyzer_version=analyzer.version,
        average_lengths={},
        measured_lengths={},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        analysis=settings.analysis.model_dump(mode="json"),
    )
    generations.save(generation)
    return generation


def _must_fit(generation: Generation, encoder: Encoder | None, analyzer: Analyzer) -> None:
    if generation.analyzer_version != analyzer.version:
        raise GenerationMismatch(
            f"The archive {generation.archive!r} was indexed under other analysis settings, or by "
            "another version of their rules.",
            f"Build the index anew, without embedding a picture: {_rebuild(generation)}; or put "
            "the [analysis] settings back.",
        )
    indexed = generation.encoder.fingerprint if generation.encoder else None
    present = encoder.card.fingerprint if encoder else None
    if indexed != present:
        raise GenerationMismatch(
            f"The archive {generation.archive!r} was indexed by another version of its encoder: "
            f"fingerprint {indexed}, now {present}.",
            f"Install the model it was indexed with; or build the index anew: "
            f"{_rebuild(generation)}.",
        )


def _rebuild(generation: Generation) -> str:
    """The command that builds a generation of the present settings."""
    named = "" if generation.archive == "default" else f" --archive {generation.archive}"
    return f"hybridsearch rebuild{named}"
