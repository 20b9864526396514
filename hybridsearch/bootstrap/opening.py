"""Opening an archive: the live generation with its encoder and its store, guarded."""

from __future__ import annotations

from datetime import UTC, datetime

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.stores.guarded import GuardedStore
from hybridsearch.adapters.turns import GenerationGuard, Turns
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.bootstrap.archive import Archive
from hybridsearch.bootstrap.encoders import make_encoder
from hybridsearch.bootstrap.fitting import chosen_encoder, must_fit
from hybridsearch.bootstrap.stores import make_store, name_collection
from hybridsearch.config import AnalysisSection, Settings
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import ArchiveNotFound
from hybridsearch.ports import Encoder


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
    encoder = make_encoder(chosen_encoder(settings, live), settings)
    generation = live or _begin(settings, generations, encoder, analyzer)
    must_fit(generation, encoder, analyzer)
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


def _begin(
    settings: Settings,
    generations: FolderGenerations,
    encoder: Encoder | None,
    analyzer: Analyzer,
) -> Generation:
    with Turns(settings.archive_folder).alone():
        live = generations.live()
        if live is not None:  # somebody else was faster
            chosen_encoder(settings, live)
            return live
        choice = chosen_encoder(settings, None)
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
