"""The composition root: settings in, a working archive out. Tests call it too.

Vendor libraries are imported only when the part that needs them is built, so that asking for
help, or searching by words, loads no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from hybridsearch.adapters.calibrations import FolderCalibrations
from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.payload import INTEGER_KEYS, KEYWORD_KEYS
from hybridsearch.config import DEFAULT_ENCODER, Settings
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import ArchiveNotFound, GenerationMismatch
from hybridsearch.ingest.pipeline import Ingest, IngestSettings
from hybridsearch.ports import Encoder, Store, StoreSchema
from hybridsearch.search.engine import SearchEngine
from hybridsearch.search.plan import PlannerSettings

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

    def ingest(self) -> Ingest:
        """The flow that writes into the archive."""
        sizes = self.settings.ingest
        batch = sizes.batch if self.encoder else WORDS_ONLY_BATCH
        return Ingest(
            self.generation,
            self.generations,
            self.store,
            self.encoder,
            self.analyzer,
            self._media(),
            IngestSettings(batch, sizes.readers, max_file_bytes=sizes.max_file_mib * 2**20),
        )

    def search(self) -> SearchEngine:
        """The flow that answers queries."""
        chosen = self.settings.search
        return SearchEngine(
            self.generation,
            self.store,
            self.encoder,
            self.analyzer,
            self._media(),
            PlannerSettings(chosen.depth, chosen.looks_weight, chosen.words_weight, chosen.k),
            self.calibrations.cutoff(self.generation),
        )

    @property
    def calibrations(self) -> FolderCalibrations:
        """What the live generation's scores are worth, where that was fitted."""
        return FolderCalibrations(self.generations.folder_of(self.generation.number))

    @property
    def failures_file(self) -> Path:
        """What the last ingest could not use."""
        return self.settings.archive_folder / "failures.jsonl"

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _media(self) -> FileMediaReader:
        return FileMediaReader(max_pixels=self.settings.ingest.max_megapixels * 10**6)


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
    return Archive(settings, generation, generations, store, encoder, analyzer)


def make_encoder(choice: EncoderChoice | None, settings: Settings) -> Encoder | None:
    """The encoder by its name; its model loads when it is first used.

    Raises:
        ModelMissing: the model is not on this machine and cannot be fetched.
    """
    if choice is None:
        return None
    if choice.name == "starter":
        from hybridsearch.adapters.encoders.starter import StarterEncoder

        return StarterEncoder()
    if choice.name == "words":
        from hybridsearch.adapters.encoders.words import WordEncoder

        return WordEncoder()
    from hybridsearch.adapters.encoders.clip import ClipEncoder

    return ClipEncoder(choice.name, text_model=choice.text_model, device=settings.encoder.device)


def make_store(
    generation: Generation, settings: Settings, generations: FolderGenerations, serve: bool
) -> Store:
    """The store of a generation.

    Raises:
        StoreLocked: another process has it open.
        StoreUnavailable: the server cannot be reached.
    """
    schema = StoreSchema(
        generation.encoder.dimension if generation.encoder else None, KEYWORD_KEYS, INTEGER_KEYS
    )
    if settings.store.kind == "qdrant":
        return _qdrant(generation, settings, schema)
    folder = generations.folder_of(generation.number) / "store"
    if serve:
        from hybridsearch.adapters.stores.engine_process import EngineProcessStore

        return EngineProcessStore(folder, schema)
    from hybridsearch.adapters.stores.edge import EdgeStore

    return EdgeStore(folder, schema)


def _qdrant(generation: Generation, settings: Settings, schema: StoreSchema) -> Store:
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
        return None if name == "none" else EncoderChoice(name, asked.text_model)
    indexed = live.choice.name if live.choice else "none"
    if asked.name is not None and asked.name != indexed:
        raise GenerationMismatch(
            f"The archive {live.archive!r} was indexed with the encoder {indexed!r}, "
            f"not {asked.name!r}: their vectors cannot be compared.",
            "Leave the encoder out, or index into another archive with --archive NAME.",
        )
    if live.choice is None:
        return None
    return EncoderChoice(live.choice.name, asked.text_model or live.choice.text_model)


def _begin(
    settings: Settings,
    generations: FolderGenerations,
    encoder: Encoder | None,
    analyzer: Analyzer,
) -> Generation:
    generation = Generation(
        number=generations.next_number(),
        archive=settings.archive,
        choice=_choice(settings, None),
        encoder=encoder.card if encoder else None,
        analyzer_version=analyzer.version,
        average_lengths={},
        measured_lengths={},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    generations.save(generation)
    generations.activate(generation.number)
    return generation


def _must_fit(generation: Generation, encoder: Encoder | None, analyzer: Analyzer) -> None:
    if generation.analyzer_version != analyzer.version:
        raise GenerationMismatch(
            f"The archive {generation.archive!r} was indexed under other analysis settings.",
            "Put the [analysis] settings back, or index into another archive with --archive NAME.",
        )
    indexed = generation.encoder.fingerprint if generation.encoder else None
    present = encoder.card.fingerprint if encoder else None
    if indexed != present:
        raise GenerationMismatch(
            f"The archive {generation.archive!r} was indexed by another version of its encoder: "
            f"fingerprint {indexed}, now {present}.",
            "Install the model it was indexed with, or index into another archive with "
            "--archive NAME.",
        )
