"""ClipEncoder: CLIP models through sentence-transformers.

In: texts and upright RGB arrays. Out: vectors of CLIP's space. Nothing of torch is imported
before the first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from hybridsearch.adapters.encoders.clip_pictures import VERSION, for_clip
from hybridsearch.adapters.encoders.clip_tower import Device, Tower
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import EncoderError
from hybridsearch.ports import Matrix, Pixels, View

DEFAULT_MODEL = "clip-ViT-B-32"

_BATCH, _GPU_BATCH = 32, 256
"""Pictures at once; a processor gains nothing beyond 16, a GPU nothing beyond some hundreds."""


class ClipEncoder:
    """Texts and pictures in one space, by a CLIP model of any size; threads may share it.

    A second model may take the texts: a text tower trained for the same space, such as
    ``clip-ViT-B-32-multilingual-v1`` for ``clip-ViT-B-32``. Pictures keep their vectors.
    """

    def __init__(
        self, model: str = DEFAULT_MODEL, text_model: str | None = None, device: Device = "auto"
    ) -> None:
        """
        Args:
            model: a name on the model hub, or the path of a folder that sentence-transformers
                or transformers saved.
            text_model: the same, for texts; None lets ``model`` take them.
            device: where to compute; "auto" takes the best there is.

        Raises:
            ConfigError: there is no such device.
        """
        self._pictures = Tower(model, device)
        self._texts = Tower(text_model, device) if text_model else self._pictures

    @cached_property
    def card(self) -> EncoderCard:
        """Read from the models' files; needs them on this machine, but does not load them.

        The fingerprint is ``clip-<version>-<pictures>``: the version of our preparation and a
        digest of the picture model's files. The text tower is not part of it: an archive stays
        as it is when another one reads the queries.

        Raises:
            ModelMissing: a model is neither on this machine nor to be had from the hub.
            EncoderError: the two models' vectors differ in length.
        """
        pictures, texts = self._pictures, self._texts
        if pictures.dimension != texts.dimension:
            raise EncoderError(
                f"The text model {texts.name} gives vectors of {texts.dimension} numbers, the "
                f"picture model {pictures.name} of {pictures.dimension}: they share no space.",
                "Configure a text model that was trained for this picture model.",
            )
        both = pictures is not texts
        name = f"{pictures.short_name}+{texts.short_name}" if both else pictures.short_name
        fingerprint = f"clip-{VERSION}-{pictures.fingerprint}"
        return EncoderCard(name, pictures.dimension, fingerprint)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """float32 of shape (len(texts), dimension).

        What exceeds the model's limit is cut off: CLIP reads 77 tokens.

        Raises:
            ModelMissing: the model is neither on this machine nor to be had from the hub.
            EncoderError: the model cannot be loaded, or fails.
        """
        # A bare string that looks like a picture's address or path would be fetched and embedded
        # as that picture (sentence_transformers.base.modality); a query is never more than text.
        return self._texts.encode("text", [{"text": text} for text in texts])

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """float32 of shape (len(pictures), dimension).

        Raises:
            ModelMissing: the model is neither on this machine nor to be had from the hub.
            EncoderError: the model cannot be loaded, or fails.
        """
        view = self._pictures.crop
        if view is None:
            return self._pictures.encode("image", [for_clip(pixels) for pixels in pictures])
        return self._pictures.look([view(pixels) for pixels in pictures])

    @property
    def text_version(self) -> str:
        """That of the model that reads texts, which may be another one than the pictures'."""
        return self._texts.fingerprint

    def view(self) -> View | None:
        return self._pictures.crop

    def batch(self) -> int:
        return _GPU_BATCH if self._pictures.on_gpu else _BATCH
