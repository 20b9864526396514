"""One collection's labels, judged: everything that is told of it.

In: a collection, settings. Out: the study's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eval.collections import Collection
from eval.indexing import open_index
from eval.labels.captions import CaptionStudy, caption_study
from eval.labels.classes import Classes, classes
from eval.labels.tagging import (
    CutRow,
    TagRow,
    TemplateRow,
    cut_rows,
    known_share_row,
    tag_rows,
    template_rows,
)
from eval.labels.truth import Truth, read_truth
from hybridsearch.adapters.label_vectors import SqliteVectors
from hybridsearch.analysis.background import Background
from hybridsearch.bootstrap import Archive
from hybridsearch.config import Settings
from hybridsearch.errors import SourceError
from hybridsearch.labels.evidence import Evidence, Yardstick
from hybridsearch.labels.label import Label
from hybridsearch.labels.measuring import measured_evidence, worded_pictures
from hybridsearch.labels.vectors import KeptVectors, ensembles, label_vectors
from hybridsearch.ports import Encoder, Matrix


@dataclass(frozen=True, slots=True)
class Study:
    """Everything measured on one collection under one encoder; ``notes`` tell what was left out
    and what the encoder has seen."""

    collection: str
    encoder: str
    pictures: int
    labels: int
    rate: float
    evidence: Evidence
    templates: Sequence[TemplateRow]
    tags: Sequence[TagRow]
    cuts: Sequence[CutRow]
    classes: Classes
    captions: CaptionStudy
    notes: tuple[str, ...]


def study(collection: Collection, settings: Settings, column: str | None = None) -> Study:
    """Index the collection if need be, and judge labels on it.

    Raises:
        SourceError: the collection has no labels, or cannot be indexed.
    """
    with_index = open_index(collection, settings)
    with with_index.archive as archive:
        truth = read_truth(collection, with_index, column)
        notes = _notes(collection.name, len(with_index.left_out), with_index.seen)
        return _studied(collection.name, archive, truth, notes)


def _studied(name: str, archive: Archive, truth: Truth, notes: tuple[str, ...]) -> Study:
    encoder, background = archive.encoder, archive.backgrounds.load(archive.generation)
    if encoder is None or background is None:
        raise SourceError(f"The collection {name} has no pictures.", "Choose one that has.")
    kept = SqliteVectors(archive.settings.label_vectors_file)
    vectors = label_vectors(encoder, [Label(each) for each in truth.labels], kept)
    cosines: Matrix = truth.vectors @ vectors.T
    yardstick = Yardstick.of(vectors, background)
    found = _evidence(archive, encoder, background, kept)
    return Study(
        name,
        encoder.card.name,
        len(truth.asset_ids),
        len(truth.labels),
        truth.rate,
        found,
        template_rows(truth, lambda groups: ensembles(encoder, groups, kept)),
        [
            *tag_rows(truth, cosines, yardstick, background, found),
            known_share_row(truth, cosines, yardstick, found),
        ],
        cut_rows(truth, cosines, yardstick, found),
        classes(truth, cosines, yardstick, found),
        caption_study(truth, _caption_vectors(truth, encoder, kept), background),
        notes,
    )


def _evidence(
    archive: Archive, encoder: Encoder, background: Background, kept: KeptVectors
) -> Evidence:
    """As the product measures it, but never from keywords: they may be what is judged."""
    pictures = [
        replace(each, terms=each.terms - each.keywords, keywords=frozenset())
        for each in worded_pictures(archive.store)
    ]
    return measured_evidence(encoder, background, pictures, kept=kept)


def _caption_vectors(truth: Truth, encoder: Encoder, kept: KeptVectors) -> Matrix:
    """Of the first captions; a row of zeros for none."""
    vectors = ensembles(encoder, [(each[0] or " ",) for each in truth.captions], kept)
    vectors[[not each[0] for each in truth.captions]] = np.float32(0)
    return vectors


def _notes(name: str, left_out: int, seen: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if left_out:
        notes.append(f"{left_out:,} pictures trained the encoder and are left out.")
    elif name in seen:
        notes.append("The encoder was trained on these pictures: the figures are too good.")
    return tuple(notes)
