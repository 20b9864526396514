"""An archive for the service: real captions, made picture vectors, a real encoder for queries.

In: captions, an encoder's name. Out: a folder that ``hybridsearch serve`` opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.bench.corpus import Clusters, in_chunks
from eval.bench.timing import counted, say
from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import DocumentTerms, average_lengths
from hybridsearch.analysis.payload import Stamp, payload_of, point_id
from hybridsearch.bootstrap import Archive, make_encoder, make_store, open_archive
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import ConfigError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.write import field_lengths
from hybridsearch.ports import Encoder, Point

BATCH = 1000


def build_archive(settings: Settings, assets: Sequence[Asset], seed: int) -> None:
    """Write the assets as an ingest would, with vectors drawn instead of embedded, and finish."""
    name = settings.encoder.name or "starter"
    encoder = make_encoder(EncoderChoice(name), settings)
    if encoder is None:
        raise ConfigError("The service is measured with an encoder.", "Name one with --encoder.")
    analyzer = Analyzer(settings.analysis.settings())
    documents = [
        analyzer.document(each) for each in counted(assets, "analysing captions", len(assets))
    ]
    generations = FolderGenerations(settings.archive_folder)
    generation = _generation(settings, name, encoder, analyzer, documents)
    generations.save(generation)
    generations.activate(generation.number)
    store = make_store(generation, settings, generations, serve=False)
    try:
        batches = _points(settings.archive, assets, documents, analyzer, generation, seed)
        for batch in counted(batches, "writing batches of 1,000 points", -(-len(assets) // BATCH)):
            store.upsert(batch)
        store.flush()
    finally:
        store.close()
    say("gathering names, measuring the encoder, building indexes")
    with open_archive(settings) as opened:
        _finish(opened)


def _finish(archive: Archive) -> None:
    archive.ingest().run(Listed())


def _generation(
    settings: Settings,
    name: str,
    encoder: Encoder,
    analyzer: Analyzer,
    documents: Sequence[DocumentTerms],
) -> Generation:
    lengths = average_lengths(map(field_lengths, documents))
    return Generation(
        number=1,
        archive=settings.archive,
        choice=EncoderChoice(name),
        encoder=encoder.card,
        analyzer_version=analyzer.version,
        average_lengths=lengths,
        measured_lengths=lengths,
        created="bench",
        complete=True,
        pending=True,
    )


def _points(
    archive: str,
    assets: Sequence[Asset],
    documents: Sequence[DocumentTerms],
    analyzer: Analyzer,
    generation: Generation,
    seed: int,
) -> Iterator[list[Point]]:
    dimension = generation.encoder.dimension if generation.encoder else 1
    clusters = Clusters(len(assets), dimension, seed)
    for part in in_chunks(len(assets), BATCH):
        vectors, _ = clusters.draw(len(part))
        yield [
            Point(
                point_id(archive, assets[at].id),
                vectors[at - part.start],
                analyzer.vector(documents[at], generation.average_lengths),
                payload_of(
                    replace(assets[at], uri=None),
                    Stamp(None, None, None, fields_hash=""),
                    field_lengths(documents[at]),
                ),
            )
            for at in part
        ]


class Listed:
    """A source of these entries; of none, only what was written before is finished."""

    def __init__(self, *entries: Entry) -> None:
        self._entries = entries

    def count(self) -> int:
        """How many."""
        return len(self._entries)

    def entries(self) -> Iterator[Entry | Failure]:
        """All of them."""
        return iter(self._entries)
