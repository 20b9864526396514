"""WordEncoder: a small deterministic encoder for tests; no model, no download.

In: texts and pictures. Out: vectors of one space, in which texts that share words are near
each other and a picture is near the names of its colours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.ports import Matrix, Pixels, Vector

_VERSION = 1
_SPREAD = 8
"""Places of the vector that a word touches: enough that two words never cancel each other."""

_SIDE = 64
"""A picture is read at no more than this many rows and columns."""

_WORD = re.compile(r"\w+")

COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (220, 20, 20),
    "green": (20, 150, 20),
    "blue": (20, 20, 220),
    "yellow": (240, 230, 20),
    "orange": (250, 140, 10),
    "brown": (120, 70, 30),
    "purple": (130, 20, 150),
    "pink": (250, 160, 190),
    "cyan": (20, 220, 230),
}
"""The colour words that pictures are near to, and the RGB values that stand for them."""


class WordEncoder:
    """Hashes words to vectors, and pictures to the words for their colours.

    A text is the sum of its words' vectors, each word added with sign at a few hashed places
    (Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009). A
    picture is the sum of its colours' words, each by the square root of its share of the
    pixels, so that a picture of one colour has exactly the vector of that colour's name.
    """

    def __init__(self, dimension: int = 256) -> None:
        """
        Args:
            dimension: length of the vectors, at least 8.

        Raises:
            ValueError: the dimension is below 8.
        """
        if dimension < _SPREAD:
            raise ValueError(f"dimension must be at least {_SPREAD}, got {dimension}")
        fingerprint = f"words-{_VERSION}-{dimension}"
        self._card = EncoderCard("words", dimension, fingerprint, trial=True)
        self._colour_rgb = np.array(list(COLOURS.values()), dtype=np.int32)
        self._colour_vectors = np.stack([self._word(name) for name in COLOURS])

    @property
    def card(self) -> EncoderCard:
        return self._card

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """float32 of shape (len(texts), dimension); a text without words has a vector too."""
        return self._stack([self._text(text) for text in texts])

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """float32 of shape (len(pictures), dimension)."""
        return self._stack([self._picture(pixels) for pixels in pictures])

    def _stack(self, rows: list[Vector]) -> Matrix:
        empty = np.empty((0, self._card.dimension), dtype=np.float32)
        return np.stack(rows) if rows else empty

    def _text(self, text: str) -> Vector:
        words = _WORD.findall(text.casefold())
        total = np.zeros(self._card.dimension, dtype=np.float32)
        for word in words:
            total += self._word(word)
        return total if total.any() else self._word("")

    def _picture(self, pixels: Pixels) -> Vector:
        rows, columns = (max(1, -(-side // _SIDE)) for side in pixels.shape[:2])
        sample = pixels[::rows, ::columns].reshape(-1, 1, 3).astype(np.int32)
        nearest = ((sample - self._colour_rgb) ** 2).sum(axis=2).argmin(axis=1)
        counts = np.bincount(nearest, minlength=len(COLOURS))
        weights = np.sqrt(counts / counts.sum()).astype(np.float32)
        total: Vector = (weights[:, None] * self._colour_vectors).sum(axis=0)
        return total

    def _word(self, word: str) -> Vector:
        """The word's vector: ``_SPREAD`` hashed places, each +1 or -1."""
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4 * _SPREAD).digest()
        numbers = np.frombuffer(digest, dtype="<u4")
        vector = np.zeros(self._card.dimension, dtype=np.float32)
        signs = np.where(numbers & 1, np.float32(1), np.float32(-1))
        np.add.at(vector, (numbers >> 1) % self._card.dimension, signs)
        return vector
