"""The labels flow: ``tags(evidence(cosines(look(picture), labels)))``.

In: a picture, labels. Out: tags, a classification, a description, or the tags of a whole archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from hybridsearch.analysis.background import Background
from hybridsearch.analysis.payload import asset_of
from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.analysis.words import folded
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import QueryError
from hybridsearch.labels.classifying import Classification, ClassSettings, classified
from hybridsearch.labels.describing import Description, near_captions, text_weight
from hybridsearch.labels.evidence import Evidence, Yardstick
from hybridsearch.labels.label import Label
from hybridsearch.labels.looked import Eye, Looked, OfAsset
from hybridsearch.labels.measuring import Worded, measured_evidence, worded_pictures
from hybridsearch.labels.tagging import Tag, Tagger, Tags, TagSettings
from hybridsearch.labels.templates import DEFAULT_LANGUAGE
from hybridsearch.labels.vectors import KeptVectors, label_vectors
from hybridsearch.ports import Encoder, Matrix, MediaReader, PointRecord, Store

FEW_PICTURES = 30
"""Below this the mean of a label's cosines with them is known to a fifth of a spread or worse."""

_BATCH = 256


class KeptEvidence(Protocol):
    """Keeps what was measured on one generation; derived, never the truth."""

    def load(self, points: int) -> Evidence | None:
        """The evidence; None where there is none that fits the encoder and so many points."""
        ...

    def save(self, evidence: Evidence, points: int) -> None:
        """Keep it."""
        ...


@dataclass(frozen=True, slots=True)
class Aids:
    """What was made beside the index; without any of it everything is made anew, each time.

    ``language`` is that of most captions.
    """

    background: Background | None = None
    evidence: KeptEvidence | None = None
    vectors: KeptVectors | None = None
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class TaggedAsset:
    """An asset with the tags suggested for it; ``written`` are those that its keywords hold."""

    asset_id: str
    keywords: tuple[str, ...]
    tags: tuple[Tag, ...]
    written: frozenset[str]


class Labeller:
    """Labels pictures by one generation of an archive. Threads may share it; it writes nothing."""

    def __init__(
        self,
        archive: str,
        store: Store,
        encoder: Encoder | None,
        media: MediaReader,
        aids: Aids | None = None,
    ) -> None:
        """
        Raises:
            QueryError: the archive was indexed without an encoder.
        """
        if encoder is None:
            raise QueryError(
                f"The archive {archive!r} was indexed without an encoder: it knows no pictures.",
                f"Give it one: hybridsearch rebuild --archive {archive} --encoder starter.",
            )
        self._archive = archive
        self._store = store
        self._encoder = encoder
        self._eye = Eye(archive, store, encoder, media)
        self._aids = aids or Aids()

    def tag(
        self, picture: Looked, labels: Sequence[Label], settings: TagSettings | None = None
    ) -> Tags:
        """Which of the labels the picture shows, each with a probability of its own.

        Raises:
            AssetNotFound, PictureError, EncoderError: there is no such picture, or it cannot be
                looked at.
            QueryError: the archive has no picture to compare with.
        """
        vector = self._eye.vector(picture)
        tagger = self._tagger(labels, settings or TagSettings())
        [tags] = tagger.tags(vector[None, :])
        return Tags(
            tags, len(labels), tagger.share, self.evidence, self._encoder.card, self.notes()
        )

    def classify(
        self, picture: Looked, labels: Sequence[Label], settings: ClassSettings | None = None
    ) -> Classification:
        """Which one of the labels the picture shows.

        Raises:
            AssetNotFound, PictureError, EncoderError: there is no such picture, or it cannot be
                looked at.
            QueryError: the archive has no picture to compare with.
        """
        chosen = settings or ClassSettings()
        vector = self._eye.vector(picture)
        vectors = label_vectors(self._encoder, labels, self._aids.vectors)
        return classified(
            labels,
            vectors @ vector,
            Yardstick.of(vectors, self.background),
            self.evidence,
            chosen,
            self._encoder.card,
            self.notes() if chosen.scale is None else (),
        )

    def describe(self, picture: Looked, limit: int = 5) -> Description:
        """Captions of the archive's pictures that are nearest to the picture.

        An asset's own caption is not told: it is known.

        Raises:
            AssetNotFound, PictureError, EncoderError: there is no such picture, or it cannot be
                looked at.
            QueryError: the archive has no picture to compare with.
        """
        vector = self._eye.vector(picture)
        captions = near_captions(
            vector,
            self._store,
            self.background,
            lambda texts: embed_texts(self._encoder, texts),
            limit,
            picture.asset_id if isinstance(picture, OfAsset) else None,
        )
        how = (
            "Ordered by how near the picture is and how well its caption fits."
            if text_weight(self.background) > 0
            else "Ordered by how near the picture is: the archive's captions do not show that its "
            "encoder tells which text fits."
        )
        return Description(captions, self._encoder.card, (how,))

    def tag_archive(
        self, labels: Sequence[Label], settings: TagSettings | None = None
    ) -> Iterator[TaggedAsset]:
        """The tags of every picture of the archive that has any, from its stored vectors.

        Nothing is written into the assets: the tags are there to be looked through.

        Raises:
            EncoderError: a label cannot be embedded.
            QueryError: the archive has no picture.
        """
        tagger = self._tagger(labels, settings or TagSettings())
        names = {label.name: {folded(name) for name in label.names} for label in labels}
        return self._all_tagged(tagger, names)

    def _all_tagged(self, tagger: Tagger, names: dict[str, set[str]]) -> Iterator[TaggedAsset]:
        for points in self._store.scroll(batch=_BATCH, keys=()):
            ids = [each.id for each in points]
            read = self._store.retrieve(ids, keys=("asset",), vectors=True)
            pictured = [each for each in read if each.dense is not None]
            found = tagger.tags(_rows(pictured)) if pictured else []
            for record, tags in zip(pictured, found, strict=True):
                if tags:
                    yield _tagged(asset_of(record.payload), tags, names)

    @property
    def card(self) -> EncoderCard:
        """The encoder that looks and reads."""
        return self._encoder.card

    def notes(self) -> tuple[str, ...]:
        """Sentences on what the probabilities rest on."""
        pictures = len(self.background.vectors)
        if pictures >= FEW_PICTURES:
            return (self.evidence.told(),)
        return (
            self.evidence.told(),
            f"Only {pictures} pictures tell what is ordinary here: the probabilities are rough.",
        )

    @cached_property
    def background(self) -> Background:
        """Pictures drawn at random: the archive's own, or read now where none were kept.

        Raises:
            QueryError: the archive has no picture.
        """
        kept = self._aids.background
        if kept is not None and len(kept.vectors):
            return kept
        if not self._worded:
            raise QueryError(
                f"The archive {self._archive!r} has no picture to compare with.",
                "Ingest pictures first: hybridsearch ingest FOLDER.",
            )
        return Background(np.stack([each.vector for each in self._worded]))

    @cached_property
    def evidence(self) -> Evidence:
        """What the encoder's scores are worth here; measured once, then kept.

        Raises:
            EncoderError: a word of the captions cannot be embedded.
            QueryError: the archive has no picture.
        """
        points = self._store.count()
        kept = self._aids.evidence
        known = kept.load(points) if kept else None
        if known is not None:
            return known
        measured = measured_evidence(
            self._encoder, self.background, self._worded, self._aids.language, self._aids.vectors
        )
        if kept:
            kept.save(measured, points)
        return measured

    @cached_property
    def _worded(self) -> list[Worded]:
        return worded_pictures(self._store)

    def _tagger(self, labels: Sequence[Label], settings: TagSettings) -> Tagger:
        vectors = label_vectors(self._encoder, labels, self._aids.vectors)
        yardstick = Yardstick.of(vectors, self.background)
        return Tagger(labels, vectors, yardstick, self.evidence, settings)


def _rows(records: Sequence[PointRecord]) -> Matrix:
    return np.stack([each.dense for each in records if each.dense is not None])


def _tagged(asset: Asset, tags: tuple[Tag, ...], names: dict[str, set[str]]) -> TaggedAsset:
    keywords = {folded(each) for each in asset.keywords}
    written = frozenset(tag.label for tag in tags if names[tag.label] & keywords)
    return TaggedAsset(asset.id, asset.keywords, tags, written)
