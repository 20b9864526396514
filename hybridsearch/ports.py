"""The ports: what the product needs from encoders, stores and file formats.

In: domain values and arrays. Out: the same. Adapters implement these; nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hybridsearch.domain.asset import Provenance
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.fusion import Ranking
from hybridsearch.domain.generation import Generation

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3), RGB, upright (EXIF orientation applied), alpha flattened."""

Vector = npt.NDArray[np.float32]
"""(dimension,), unit length."""

Matrix = npt.NDArray[np.float32]
"""(n, dimension)."""

Payload = Mapping[str, Any]
"""JSON values only."""


class Encoder(Protocol):
    """Turns pictures and texts into vectors of one space.

    Batching, normalisation and checks sit above this port (``analysis.vectors``): an adapter
    gets one batch and answers with one row for each input, of any norm.
    """

    @property
    def card(self) -> EncoderCard: ...

    def embed_texts(self, texts: Sequence[str]) -> Matrix: ...

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix: ...


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (unsigned 32 bit, ascending, unique) and their weights (finite, positive)."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What a store keeps for an asset, written in one operation.

    ``id`` is a UUID in its hyphened form. A point without a picture has no dense vector; a
    point without words has an empty sparse one.
    """

    id: str
    dense: Vector | None
    sparse: SparseVector
    payload: Payload


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A point as read back; ``dense`` and ``sparse`` only where they were asked for."""

    id: str
    payload: Payload
    dense: Vector | None = None
    sparse: SparseVector | None = None


@dataclass(frozen=True, slots=True)
class StoreSchema:
    """What a store must know before the first point.

    ``dimension`` is None for an archive of words only. ``keyword_keys`` and ``integer_keys``
    are the payload paths that filters may use.
    """

    dimension: int | None
    keyword_keys: tuple[str, ...] = ()
    integer_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DenseQuery:
    """Nearest by cosine to ``vector`` among the points that have a dense vector.

    ``exact`` scans every point that passes the filter.
    """

    leg: str
    vector: Vector
    limit: int
    filter: Filter = EVERYTHING
    exact: bool = False


@dataclass(frozen=True, slots=True)
class SparseQuery:
    """Highest sum over terms of ``query weight x document weight x idf(term)``.

    Points that share no term with the query are not in the answer. ``idf`` is
    ``ln(1 + (N - df + 0.5) / (df + 0.5))``, N the number of points with a sparse vector.
    """

    leg: str
    vector: SparseVector
    limit: int
    filter: Filter = EVERYTHING


RankQuery = DenseQuery | SparseQuery


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """``points`` in all; ``indexed`` is how many dense vectors the graph covers, where known."""

    points: int
    indexed: int | None
    engine: str


class Store(Protocol):
    """Keeps points and answers rankings under a filter.

    One collection holds the dense vector, the sparse vector and the payload, so one write
    serves both rankings and one filter means the same in both. Scores: higher is better.
    Ties are broken by point id. Every method raises ``StoreError`` (or a kind of it) and
    nothing of the vendor's.
    """

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points, each whole, replacing those of the same id.

        All points are checked before the first is written: on ``InvalidPoint`` nothing is.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; ids that are not there are no error."""
        ...

    def rank(self, queries: Sequence[RankQuery]) -> list[Ranking]:
        """Answer several rankings in one call, in the order asked."""
        ...

    def idf(self, term_ids: Sequence[int]) -> dict[int, float]:
        """The inverse document frequency that ``rank`` uses; absent where no document has it.

        After deletes it may be that of before until ``optimize`` has built anew.
        """
        ...

    def retrieve(
        self, ids: Sequence[str], *, keys: Sequence[str] | None = None, vectors: bool = False
    ) -> list[PointRecord]:
        """Read points by id, each once, in the order asked, without those that are not there.

        ``keys`` limits the payload to those top-level keys; ``vectors`` adds both vectors.
        """
        ...

    def scroll(
        self, *, batch: int = 1000, keys: Sequence[str] | None = None
    ) -> Iterator[list[PointRecord]]:
        """All points in batches, each once, in a stable order."""
        ...

    def reweigh(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replace the sparse vectors of existing points; the rest of each point stays.

        Ids that are not there are left out.
        """
        ...

    def count(self, filter: Filter = EVERYTHING) -> int:
        """How many points pass the filter, exactly."""
        ...

    def flush(self) -> None:
        """Return only when everything acknowledged so far would survive a loss of power."""
        ...

    def optimize(self) -> None:
        """Build indexes over what was written; may take long. Answers do not depend on it."""
        ...

    def info(self) -> StoreInfo: ...

    def close(self) -> None:
        """Let go of files and connections. Closing twice is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: what encoders see, and what the file said about itself.

    ``width`` and ``height`` are those of the upright picture before any reduction.
    """

    pixels: Pixels
    width: int
    height: int
    media_type: str


FieldReadings = Mapping[Provenance, Mapping[str, Any]]
"""Asset field values by where they were found; lists for keywords, people, organisations."""


class MediaReader(Protocol):
    """Reads picture files: the pixels and the embedded metadata, from the file's bytes."""

    def decode(self, data: bytes) -> Picture:
        """Upright RGB pixels.

        Raises:
            PictureError: not a picture, truncated, or too large to be safe.
        """
        ...

    def metadata(self, data: bytes) -> FieldReadings:
        """EXIF, IPTC-IIM and XMP mapped to asset fields; unreadable metadata reads as none."""
        ...


class Generations(Protocol):
    """Remembers the generations of one archive, and which of them is live."""

    def live(self) -> Generation | None: ...

    def next_number(self) -> int: ...

    def save(self, generation: Generation) -> None:
        """Write the generation's manifest whole or not at all."""
        ...

    def activate(self, number: int) -> None:
        """Make a generation the one that searches ask, at once and whole."""
        ...
