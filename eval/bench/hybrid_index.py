"""The archive that the hybrid benchmark searches: real captions with made vectors.

In: assets, a seed. Out: a generation, points as an ingest would write them, and an encoder
whose query vectors were made before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eval.bench.corpus import Clusters, in_chunks
from eval.bench.index import BATCH
from eval.bench.timing import counted
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import DocumentTerms, average_lengths
from hybridsearch.analysis.payload import Stamp, payload_of, point_id
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import EncoderError
from hybridsearch.ingest.write import field_lengths
from hybridsearch.ports import Matrix, Pixels, Point

DIMENSION = 512
ARCHIVE = "bench"


class Precomputed:
    """An encoder that has its answers ready, so that its time counts in nothing."""

    card = EncoderCard("precomputed", DIMENSION, "bench", trial=True)

    def __init__(self, texts: Sequence[str], count: int, seed: int) -> None:
        self.clusters = Clusters(count, DIMENSION, seed)
        rows, _ = self.clusters.draw(len(texts))
        self.vectors = dict(zip(texts, rows, strict=True))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """The vectors made before; a text that was not foreseen (a scene) gets one now."""
        new = [text for text in texts if text not in self.vectors]
        if new:
            rows, _ = self.clusters.draw(len(new))
            self.vectors.update(zip(new, rows, strict=True))
        return np.stack([self.vectors[text] for text in texts])

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """There are none here."""
        raise EncoderError("This encoder has no pictures.", "Use a real one.")


def generation_of(
    assets: Sequence[Asset], analyzer: Analyzer, encoder: Precomputed
) -> tuple[Generation, list[DocumentTerms]]:
    """The manifest an ingest would leave, and the analysed assets."""
    told = counted(assets, "analysing captions", len(assets))
    documents = [analyzer.document(asset) for asset in told]
    lengths = average_lengths(map(field_lengths, documents))
    choice = EncoderChoice(encoder.card.name)
    made = Generation(
        1, ARCHIVE, choice, encoder.card, analyzer.version, lengths, lengths, "now", complete=True
    )
    return made, documents


def points(
    assets: Sequence[Asset],
    documents: Sequence[DocumentTerms],
    analyzer: Analyzer,
    generation: Generation,
    encoder: Precomputed,
) -> Iterator[list[Point]]:
    """Batches of points with everything in them that an ingest writes."""
    for part in in_chunks(len(assets), BATCH):
        vectors, _ = encoder.clusters.draw(len(part))
        yield [
            Point(
                point_id(ARCHIVE, assets[at].id),
                vectors[at - part.start],
                analyzer.vector(documents[at], generation.average_lengths),
                _payload(assets[at], documents[at]),
            )
            for at in part
        ]


def _payload(asset: Asset, document: DocumentTerms) -> dict[str, object]:
    stamp = Stamp(None, None, None, fields_hash="")
    return payload_of(asset, stamp, field_lengths(document))
