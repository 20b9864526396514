"""An encoder that embeds each text once: for studies that ask the same queries again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.ports import Encoder, Matrix, Pixels, Vector


class Remembering:
    """The encoder's answers to texts, kept as long as this lives; pictures pass through."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vector] = {}

    @property
    def card(self) -> EncoderCard:
        """That of the encoder itself: its vectors are not changed."""
        return self._encoder.card

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """One row for each text; those not asked before go to the encoder in one batch."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.embed_texts(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """As the encoder gives them."""
        return self._encoder.embed_pictures(pictures)
