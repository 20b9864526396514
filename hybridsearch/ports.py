"""The ports: what the product needs from encoders, stores and file formats.

In: domain values and arrays. Out: the same. Adapters implement these; nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from hybridsearch.domain.asset import Provenance
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.generation import Generation
from hybridsearch.domain.names import ArchiveWord, KnownName, LexiconInfo
from hybridsearch.domain.ranking import Ranking

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


class View(Protocol):
    """What an encoder looks at of a picture, cut out where its file is decoded.

    It must pickle, for files are decoded in other processes. Taking it twice changes nothing,
    so an encoder takes whole pictures and views alike.
    """

    @property
    def min_side(self) -> int:
        """Pixels that decoding must leave of the shorter side."""
        ...

    def __call__(self, pixels: Pixels) -> Pixels: ...


@runtime_checkable
class Viewing(Protocol):
    """An encoder that tells what it looks at, and how many pictures it likes to get at once."""

    def view(self) -> View | None:
        """None where it wants whole pictures."""
        ...

    def batch(self) -> int:
        """The number of pictures beyond which a larger batch gains nothing; at least 1."""
        ...


@runtime_checkable
class TextVersioned(Protocol):
    """An encoder whose texts may be read by a model of their own; its card tells pictures' only."""

    @property
    def text_version(self) -> str:
        """Changes whenever the vector of the same text would change."""
        ...


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (unsigned 32 bit, ascending, unique) and their weights (finite, positive)."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What a store keeps for an asset, written in one operation.

    ``id`` is 16 hexadecimal digits in lower case. A point without a picture has no dense vector; a
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

    ``dimension`` is None for an archive of words only. The keys are the payload paths that
    filters may use: keywords (``AnyOf``, and what facets count), integers (``Between``), texts
    (``HasPhrase``), locations (``WithinBox``, ``WithinRadius``; ``{"lat": ..., "lon": ...}``).
    A text is words with single spaces between; text keys differ in their last names.
    """

    dimension: int | None
    keyword_keys: tuple[str, ...] = ()
    integer_keys: tuple[str, ...] = ()
    text_keys: tuple[str, ...] = ()
    location_keys: tuple[str, ...] = ()


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
class FacetCount:
    """How many points have ``value`` (of one keyword key)."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """``points`` in all; ``indexed`` is how many dense vectors the graph covers, where known."""

    points: int
    indexed: int | None
    engine: str


Watch = Callable[[], None]
"""Called now and then while something long goes on; it raises to end that."""


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

    def rank(self, queries: Sequence[RankQuery], *, complete: bool = False) -> list[Ranking]:
        """Answer several rankings in one call, in the order asked.

        ``complete`` also scores, in each ranking, what only the others listed (``scored``):
        exactly, without what the query cannot score at all (no picture, no term in common).
        """
        ...

    def dated(
        self, key: str, limit: int, filter: Filter = EVERYTHING, *, newest: bool = True
    ) -> Ranking:
        """The points that pass, by the integer at an integer key instead of by a ranking.

        The highest first (``newest``) or the lowest; a point's score is the integer, or its
        negative. Points without one come last.
        """
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

        ``keys`` limits the payload to those paths (``stamp``, ``match.date_first``), with empty
        objects where there is nothing at the end of one; ``vectors`` adds both vectors.
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

    def facet(self, key: str, limit: int, filter: Filter = EVERYTHING) -> tuple[FacetCount, ...]:
        """The most frequent values of a keyword key among the points that pass, exactly counted.

        Most frequent first, equal counts by value. A point with several values counts for each.
        """
        ...

    def flush(self) -> None:
        """Return only when everything acknowledged so far would survive a loss of power."""
        ...

    def optimize(self, watch: Watch | None = None) -> None:
        """Build indexes over what was written; may take long. Answers do not depend on it.

        ``watch`` is called now and then by a store that can give up building; what it raises
        ends the build, and the indexes are as they were.
        """
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

    def recognise(self, head: bytes) -> str:
        """The media type by a file's first bytes; ``HEAD_BYTES`` of them tell.

        Raises:
            PictureError: no format that can be read; the message names what it is, if known.
        """
        ...

    def decode(self, data: bytes) -> Picture:
        """Upright RGB pixels.

        Raises:
            PictureError: not a picture, truncated, or too large to be safe.
        """
        ...

    def metadata(self, data: bytes) -> FieldReadings:
        """EXIF, IPTC-IIM and XMP mapped to asset fields; unreadable metadata reads as none."""
        ...

    def sidecar(self, data: bytes) -> Mapping[str, Any]:
        """Asset fields of an XMP sidecar's content; an unreadable one reads as none."""
        ...

    def sidecar_damaged(self, data: bytes) -> bool:
        """Whether the content is no sidecar that can be read, rather than one without fields."""
        ...


HEAD_BYTES = 64
"""How much of a file tells its format."""


class RemoteFiles(Protocol):
    """Files that a manifest names by URL. For ingest alone: nothing that serves has one."""

    def versions(self, urls: Sequence[str]) -> Mapping[str, str]:
        """What changes when a file's content does (ETag, time and size), asked all at once.

        URLs of which nothing can be learned are absent; reading them may still tell why.
        """
        ...

    def read(self, url: str, max_bytes: int) -> bytes:
        """The whole file.

        Raises:
            PictureError: it cannot be had, in time or at all, or is larger than ``max_bytes``.
        """
        ...


class ThumbnailEncoder(Protocol):
    """Makes small copies of pictures for showing."""

    @property
    def suffix(self) -> str:
        """Of the files, with its dot."""
        ...

    def encode(self, pixels: Pixels, longer_side: int) -> bytes:
        """A file without metadata, in sRGB; never larger than the picture itself."""
        ...


class TextReader(Protocol):
    """Reads the text that stands in pictures."""

    @property
    def name(self) -> str:
        """Model and settings: another name may read otherwise."""
        ...

    def read(self, pixels: Pixels) -> str:
        """The lines of text in reading order, one a line; empty where there is none.

        Raises:
            PictureError: the picture cannot be read for text.
        """
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


class Lexicon(Protocol):
    """The names and words of one generation: derived from its store, never the truth."""

    @property
    def info(self) -> LexiconInfo: ...

    def starts(self, keys: Sequence[str]) -> Mapping[str, int]:
        """How many words the longest name has that begins with a word of that key.

        Keys that begin no name are absent from the answer.
        """
        ...

    def names(self, keys: Sequence[str]) -> Mapping[str, tuple[KnownName, ...]]:
        """What stands under each key (``analysis.name_keys``), the most frequent first.

        Keys of no name are absent from the answer.
        """
        ...

    def words(self, folded: Sequence[str]) -> Mapping[str, ArchiveWord]:
        """The archive's words by their form without case and accents; absent where it has none."""
        ...

    def alike(self, folded: str) -> tuple[ArchiveWord, ...]:
        """Words that may lie within two edits of one (one, where it is short).

        None that lies within one edit is left out; some may lie further away.
        """
        ...

    def complete(
        self, whole: Sequence[str], beginning: str, limit: int, fields: Sequence[str] = ()
    ) -> tuple[KnownName, ...]:
        """Values that have all ``whole`` words and a word with the beginning, most frequent first.

        All are folded as values are; ``fields`` limits them to some fields.
        """
        ...

    def words_from(self, beginning: str, limit: int) -> tuple[ArchiveWord, ...]:
        """The archive's words with the beginning (without accents), the most frequent first."""
        ...

    def display(self, field: str, folded: str) -> str:
        """The most frequent spelling of a field's value; the value itself where it is unknown."""
        ...

    def close(self) -> None:
        """Let go of the file. Closing twice is no error."""
        ...


@dataclass(frozen=True, slots=True)
class LexiconContents:
    """All that a lexicon is written from.

    ``values`` are the values of fields that facets and names show, each with the keys it is
    recognised by: none for a value that is no name. Names that only texts say are kept from the
    first time on, and are names from ``SAID`` times on. Of what is added to a lexicon counts may
    be below 0, of what was changed or deleted. ``spelled`` and ``spelled_words`` count how
    values (by field and folded form) and words are written, so that the spelling shown is right
    after changes too.
    """

    info: LexiconInfo
    values: Sequence[tuple[KnownName, Sequence[str]]]
    words: Sequence[ArchiveWord]
    spelled: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    spelled_words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Lexicons(Protocol):
    """Keeps the lexicon of one generation."""

    def open(self) -> Lexicon | None:
        """The lexicon; None where there is none, or one that cannot be read."""
        ...

    def write(self, contents: LexiconContents, *, add: bool = False) -> None:
        """Replace the lexicon, or (``add``) add to its counts: whole or not at all.

        Raises:
            StoreError: the file cannot be written, or there is none to add to.
        """
        ...
