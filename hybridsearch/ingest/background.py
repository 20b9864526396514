"""The end of an ingest: what the archive's own captions tell of its encoder.

In: the store and the encoder. Out: a background. No picture is embedded for it: their vectors
are in the store; a few hundred captions are, where they are others than the last time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

import numpy as np

from hybridsearch.analysis.background import Background, measured_background
from hybridsearch.analysis.payload import asset_of
from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.analysis.words import words_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.generation import Generation
from hybridsearch.ports import Encoder, PointRecord, Store, Vector

PICTURES = 512
"""Random pictures: the mean of a query's cosines with them is known to a 23rd of their spread."""

CAPTIONS = 256

_BATCH = 256
_SCANNED = 8 * PICTURES
"""Points looked at, where many have no picture."""


class Backgrounds(Protocol):
    """Keeps the background of one generation: derived from its store, never the truth."""

    def save(self, background: Background, generation: Generation) -> None:
        """Replace the background, whole or not at all."""
        ...

    def load(self, generation: Generation) -> Background | None:
        """The background; None where there is none that fits the generation."""
        ...


def background_of(
    store: Store, encoder: Encoder, known: Background | None = None
) -> Background | None:
    """Measure the archive's background; None where it has no pictures.

    The sample is the first points by id: a random one, since ids are hashes. Where it is that of
    the ``known`` background, this is the answer.
    """
    vectors: list[Vector] = []
    texts: list[str] = []
    own: list[Vector] = []
    for record in islice(_pictured(store), PICTURES):
        if record.dense is None:  # told by _pictured; for the type checker
            continue
        vectors.append(record.dense)
        text = described(asset_of(record.payload))
        if text and len(texts) < CAPTIONS:
            texts.append(text)
            own.append(record.dense)
    if not vectors:
        return None
    sample = _told_apart(vectors, texts, own)
    if known is not None and known.sample == sample:
        return known
    captions = list(embed_texts(encoder, texts)) if texts else []
    return replace(measured_background(np.stack(vectors), captions, own), sample=sample)


def _told_apart(vectors: Sequence[Vector], texts: Sequence[str], own: Sequence[Vector]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for each in (*vectors, *own):
        digest.update(each.tobytes())
    digest.update("\0".join(texts).encode())
    return digest.hexdigest()


def described(asset: Asset) -> str | None:
    """What tells most of the picture: caption, headline or keywords, if of two words or more."""
    for text in (asset.caption, asset.headline, " ".join(asset.keywords)):
        if text and len(words_of(text)) > 1:
            return text
    return None


def _pictured(store: Store) -> Iterator[PointRecord]:
    batches = store.scroll(batch=_BATCH, keys=())
    for points in islice(batches, _SCANNED // _BATCH):
        read = store.retrieve([each.id for each in points], keys=("asset",), vectors=True)
        yield from (each for each in read if each.dense is not None)
