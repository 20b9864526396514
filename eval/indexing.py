"""A collection's index, built once through the real pipeline and kept for the next evaluation."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.collections import Collection
from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.errors import GenerationMismatch, SourceError
from hybridsearch.ingest.entry import Entry, Failure, Source
from hybridsearch.ingest.report import Progress

DONE = "indexed.json"


@dataclass(frozen=True, slots=True)
class Without:
    """A source less some of its entries: those that trained what is measured."""

    source: Source
    excluded: Callable[[str], bool]

    def count(self) -> int:
        """How many entries are left."""
        return sum(1 for _ in self.entries())

    def entries(self) -> Iterator[Entry | Failure]:
        """The entries that are left, in the source's order."""
        return (each for each in self.source.entries() if not self.excluded(each.asset_id))


@dataclass(frozen=True)
class Indexed:
    """An open archive with the collection in it, and what was left out of it."""

    archive: Archive
    left_out: frozenset[str]
    fingerprint: str
    """Changes with the collection's manifest, the encoder, the analyzer or what was left out."""

    seen: tuple[str, ...] = ()
    """The collections whose pictures trained the encoder."""

    @cached_property
    def asset_of(self) -> Mapping[str, str]:
        """Asset ids by point id."""
        batches = self.archive.store.scroll(keys=("match",))
        return {
            record.id: record.payload["match"]["id"][0] for batch in batches for record in batch
        }


def open_index(
    collection: Collection, settings: Settings, progress: Progress | None = None
) -> Indexed:
    """Open the collection's index, indexing what is not in it yet.

    Raises:
        SourceError: pictures of the collection cannot be read; the message counts them.
    """
    excluded = trained_on(collection, settings)
    source, left_out = collection.source(), frozenset[str]()
    if excluded is not None:
        entries = source.entries()
        left_out = frozenset(each.asset_id for each in entries if excluded(each.asset_id))
        source = Without(source, excluded)
    archive = _opened(settings)
    told = _fingerprint(collection, archive, left_out)
    done = settings.archive_folder / DONE
    if not done.is_file() or json.loads(done.read_text()) != told:
        report = archive.ingest().run(source, progress)
        if report.failures or report.interrupted:
            archive.close()
            first = report.failures[0] if report.failures else None
            raise SourceError(
                f"{len(report.failures):,} assets of {collection.name} could not be indexed"
                + (f"; the first: {first.origin}: {first.reason}" if first else "."),
                "Mend them and run it again; what was indexed is kept.",
            )
        archive.close()
        archive = open_archive(settings)
        done.write_text(json.dumps(told))
    return Indexed(archive, left_out, told, seen_by(settings.encoder.name))


def _opened(settings: Settings) -> Archive:
    """The archive; an index of another encoder or analyzer is a cache gone stale, and goes."""
    try:
        return open_archive(settings, create=True)
    except GenerationMismatch:
        if not (settings.archive_folder / DONE).is_file():
            raise
        shutil.rmtree(settings.archive_folder)
        return open_archive(settings, create=True)


def trained_on(collection: Collection, settings: Settings) -> Callable[[str], bool] | None:
    """Which assets trained the encoder, and so count in no figure of it; None where none did."""
    if collection.name not in TRAINING or collection.name not in seen_by(settings.encoder.name):
        return None
    from eval.starter.split import in_training_half

    return in_training_half


def seen_by(encoder: str | None) -> tuple[str, ...]:
    """The collections whose pictures trained an encoder's head; none but a starter has one."""
    name, _, head = (encoder or "").partition(":")
    if name != "starter":
        return ()
    from hybridsearch.adapters.encoders.starter.encoder import HEAD_FILE
    from hybridsearch.adapters.encoders.starter.head import trained_on as trained_head_on

    return trained_head_on(Path(head) if head else HEAD_FILE)


TRAINING = frozenset({"fsac_color"})
"""Collections of which a part trained the starter encoder's head."""

TRAINED_WHOLE = frozenset({"coco_mini"})
"""Collections of which every picture did: there is no part to hold out, so it is told."""


def _fingerprint(collection: Collection, archive: Archive, left_out: frozenset[str]) -> str:
    generation = archive.generation
    parts = [
        collection.fingerprint(),
        generation.analyzer_version,
        generation.encoder.fingerprint if generation.encoder else "",
        *sorted(left_out),
    ]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]
