"""The generations of an archive: built beside each other, exchanged, taken back, removed.

In: settings. Out: another live generation. While one is built, the live one goes on answering,
also in another process: only copies of it are read.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.stores.copying import copy_index
from hybridsearch.adapters.stores.folder_lock import FolderLock
from hybridsearch.adapters.turns import Turns, changes_of
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.bootstrap import (
    Archive,
    drop_collection,
    make_encoder,
    make_store,
    name_collection,
    new_generation,
    open_archive,
    schema_of,
)
from hybridsearch.config import Settings
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import (
    ArchiveNotFound,
    ConfigError,
    GenerationMismatch,
    GenerationReplaced,
    StoreError,
    StoreLocked,
)
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.rebuild import TOLERATED, Rebuild, RebuildSettings
from hybridsearch.ingest.report import Progress, Report, write_failures
from hybridsearch.ingest.retry import read_failures
from hybridsearch.ports import Encoder, Store

COPY = "old"
"""Below a generation's folder: the copy of the live index that it is being built from."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: ``now`` is the generation it built, the live one unless interrupted."""

    before: Generation
    now: Generation
    report: Report


def rebuild(
    settings: Settings,
    progress: Progress | None = None,
    *,
    accept_failures: bool = False,
    encoder: Encoder | None = None,
) -> Rebuilt | None:
    """Build the archive's index anew under the encoder and analyzer of the settings.

    What an interrupted rebuild has built is taken up. An encoder that the settings leave open is
    that of the live generation. None where the live generation is what the settings ask for.

    Args:
        accept_failures: let the new generation take over however many pictures cannot be read.
        encoder: the settings' encoder, where the caller has it already.

    Raises:
        ArchiveNotFound: there is no such archive.
        ModelMissing: the encoder's model is not on this machine.
        RebuildError: assets would be missing; the old generation stays the live one.
        GenerationReplaced: another generation has become the live one meanwhile.
        StoreLocked: another rebuild is building the same generation.
        StoreError: there is no room on the disk.
    """
    generations = FolderGenerations(settings.archive_folder)
    live = _live(settings, generations)
    analyzer = Analyzer(settings.analysis.settings())
    choice = choice_for(settings, live)
    encoder = encoder or make_encoder(choice, settings)
    fits = _Fit(encoder, analyzer, choice)
    if fits(live):
        return None
    _must_have_room(settings, generations.folder_of(live.number))
    turns = Turns(settings.archive_folder)
    with turns.alone():
        begun = [each for each in generations.every() if fits(each) and each.number != live.number]
        generation = (
            replace(begun[-1], choice=choice, analysis=settings.analysis.model_dump(mode="json"))
            if begun
            else new_generation(settings, generations, choice, encoder, analyzer)
        )
    store = _new_index(generation, settings, generations)
    new = Archive(settings, generation, generations, store, encoder, analyzer)
    with closing(new):
        report, failures = _built(new, live, turns, progress, accept_failures)
    if not report.interrupted:
        _list_failures(new, failures)
        _finished(settings, live)
    now = generations.get(generation.number) or generation
    return Rebuilt(live, now, report)


def _new_index(generation: Generation, settings: Settings, generations: FolderGenerations) -> Store:
    """Embedded, in a process of its own: an interrupt need not wait while it builds indexes."""
    if settings.store.kind == "qdrant":
        return make_store(generation, settings, generations, serve=False)
    from hybridsearch.adapters.stores.engine_process import EngineProcessStore

    folder = generations.folder_of(generation.number) / "store"
    return EngineProcessStore(folder, schema_of(generation))


def _built(
    new: Archive, live: Generation, turns: Turns, progress: Progress | None, accept: bool
) -> tuple[Report, Sequence[Failure]]:
    old = _LiveIndex(new, live, turns)
    same_space = _fingerprint(live) == _fingerprint(new.generation)
    sizes = RebuildSettings(
        embeds=not same_space and new.encoder is not None,
        batch=new.ingest_batch,
        tolerated=1.0 if accept else TOLERATED,
    )
    remote = Extras(remote=new.extras().remote)
    flow = Rebuild(old, new.writer(), lambda: new.readers(remote), sizes)
    try:
        report = flow.run(progress)
    finally:
        shutil.rmtree(old.copy, ignore_errors=True)
        write_failures(flow.failures, failures_of(new.generations, new.generation.number))
    return report, flow.failures


class _LiveIndex:
    """The live generation as a rebuild sees it: copies of an embedded index, else the server's."""

    def __init__(self, new: Archive, live: Generation, turns: Turns) -> None:
        self._new = new
        self._live = live
        self._turns = turns
        self.copy = new.generations_folder / COPY

    def alone(self) -> AbstractContextManager[None]:
        """Nobody writes to the archive meanwhile."""
        return self._turns.alone()

    def changes(self) -> int:
        """Another number after every change."""
        return changes_of(self._new.generations, self._live.number)

    def snapshot(self) -> Store:
        """The live index, copied where it is embedded: whoever has it open keeps it."""
        self._must_be_live()
        settings, generations = self._new.settings, self._new.generations
        if settings.store.kind == "qdrant":
            return make_store(self._live, settings, generations, serve=False)
        from hybridsearch.adapters.stores.engine_process import EngineProcessStore

        copy_index(generations.folder_of(self._live.number) / "store", self.copy)
        # In a process of its own, which a full disk ends instead of this one.
        return EngineProcessStore(self.copy, schema_of(self._live))

    def replace(self) -> None:
        """Close the new index, so that whoever follows can open it, and make it the live one."""
        self._must_be_live()
        new = self._new
        new.store.flush()
        new.close()
        name_collection(new.generation, new.settings)
        new.generations.activate(new.generation.number)

    def _must_be_live(self) -> None:
        live = self._new.generations.live_number()
        if live != self._live.number:
            raise GenerationReplaced(
                f"Generation {live} has become the live one while generation "
                f"{self._new.generation.number} was built from generation {self._live.number}.",
                "Run hybridsearch rebuild again: it goes on from there.",
            )


def rollback(settings: Settings, to: int | None = None) -> tuple[Generation, Generation]:
    """Make an earlier generation the live one; the present one and the one of before.

    Args:
        to: its number; the newest complete one below the live one where None.

    Raises:
        ArchiveNotFound: there is no such archive.
        ConfigError: there is no such generation, or it was never finished.
    """
    generations = FolderGenerations(settings.archive_folder)
    with Turns(settings.archive_folder).alone():
        live = _live(settings, generations)
        complete = [each for each in generations.every() if each.complete]
        wanted = (
            [each for each in complete if each.number < live.number]
            if to is None
            else [each for each in complete if each.number == to]
        )
        if not wanted:
            there = ", ".join(str(each.number) for each in complete if each.number != live.number)
            raise ConfigError(
                f"There is no complete generation {f'before {live.number}' if to is None else to}.",
                f"Name one with --to: {there}." if there else "Ingest the archive again.",
            )
        name_collection(wanted[-1], settings)
        generations.activate(wanted[-1].number)
    return wanted[-1], live


def remove_generation(settings: Settings, number: int) -> None:
    """Delete a generation that is not the live one, with everything that it keeps.

    Raises:
        ArchiveNotFound: there is no such archive.
        ConfigError: there is no generation of this number.
        StoreError: it is the live one.
        StoreLocked: another process has it open.
    """
    generations = FolderGenerations(settings.archive_folder)
    with Turns(settings.archive_folder).alone():
        _live(settings, generations)
        folder = generations.folder_of(number)
        if not folder.is_dir():
            raise ConfigError(
                f"There is no generation {number}.", "List them: hybridsearch generations."
            )
        if number != generations.live_number():
            if (folder / "store").is_dir():
                FolderLock(folder / "store").release()  # refuses where somebody has it open
            known = generations.get(number)
            if known is not None:
                drop_collection(known, settings)
        generations.remove(number)


def choice_for(settings: Settings, live: Generation) -> EncoderChoice | None:
    """The encoder that the settings ask for; what they leave open is as in the live generation."""
    asked = settings.encoder
    before = live.choice
    name = asked.name or (before.name if before else "none")
    if name == "none":
        return None
    same = before is not None and before.name == name
    text_model = asked.text_model or (before.text_model if before and same else None)
    precision = asked.precision or (before.precision if before and same else "fp32")
    return EncoderChoice(name, text_model, precision)


class _Fit:
    """Tells whether a generation is what is asked for."""

    def __init__(
        self, encoder: Encoder | None, analyzer: Analyzer, choice: EncoderChoice | None
    ) -> None:
        self._fingerprint = encoder.card.fingerprint if encoder else None
        self._analyzer_version = analyzer.version
        self._text_model = choice.text_model if choice else None

    def __call__(self, generation: Generation) -> bool:
        return (
            _fingerprint(generation) == self._fingerprint
            and generation.analyzer_version == self._analyzer_version
            and (generation.choice.text_model if generation.choice else None) == self._text_model
        )


def _live(settings: Settings, generations: FolderGenerations) -> Generation:
    live = generations.live()
    if live is None:
        raise ArchiveNotFound(
            f"There is no archive {settings.archive!r} in {settings.data_dir}.",
            "Make it: hybridsearch ingest FOLDER.",
        )
    return live


def _must_have_room(settings: Settings, folder: Path) -> None:
    """Room for a copy of the index and for another one, before either is begun."""
    if settings.store.kind != "edge":
        return
    size = sum(each.stat().st_blocks * 512 for each in (folder / "store").rglob("*"))
    free = shutil.disk_usage(folder).free
    needed = 2 * size + settings.ingest.min_free_mib * 2**20
    if free < needed:
        raise StoreError(
            f"The disk of {folder} has {free / 2**20:,.0f} MiB left; a rebuild needs "
            f"{needed / 2**20:,.0f} MiB: twice what the index takes, and ingest.min_free_mib.",
            "Make room there; old generations can go: hybridsearch generations remove N.",
        )


def _fingerprint(generation: Generation) -> str | None:
    return generation.encoder.fingerprint if generation.encoder else None


def _list_failures(archive: Archive, failures: Sequence[Failure]) -> None:
    """Beside those of ingests, so that ``--retry-failed`` takes them up."""
    listed = {each.asset_id: each for each in read_failures(archive.failures_file)}
    listed |= {each.asset_id: each for each in failures}
    write_failures(list(listed.values()), archive.failures_file)


def _finished(settings: Settings, before: Generation) -> None:
    """Finish what was caught up with at the very end, unless a service takes that upon itself."""
    generations = FolderGenerations(settings.archive_folder)
    live = generations.live()
    if live is None or not live.pending:
        return
    with suppress(StoreLocked, GenerationMismatch):
        if settings.store.kind == "edge":
            FolderLock(generations.folder_of(before.number) / "store").release()
        with open_archive(settings, serve=True) as archive:
            archive.ingest().finish()


def failures_of(generations: FolderGenerations, number: int) -> Path:
    """Where a rebuild lists what it could not take into a generation."""
    return generations.folder_of(number) / "failures.jsonl"
