"""OnnxClipEncoder: CLIP models that were exported, without torch.

In: texts and upright RGB arrays. Out: vectors of CLIP's space, in fp32 those of ``ClipEncoder``.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.adapters.encoders.clip_crops import CentreCrop
from hybridsearch.adapters.encoders.onnx_tower import OnnxTower
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import EncoderError
from hybridsearch.ports import Matrix, Pixels, View


class OnnxClipEncoder:
    """Texts and pictures in one space, on the processor; threads may share it.

    Args:
        pictures: the export of a CLIP model.
        texts: the export of another text tower for its space; the same model's where None.

    Raises:
        EncoderError: the two exports' vectors differ in length, or the first takes no pictures.
    """

    def __init__(self, pictures: OnnxTower, texts: OnnxTower | None = None) -> None:
        looks, reads = pictures.export, (texts or pictures).export
        if looks.crop is None:
            raise EncoderError(
                f"The model {looks.name} does not take image input.",
                "Configure a CLIP model; a text model is for the option text_model only.",
            )
        if looks.dimension != reads.dimension:
            raise EncoderError(
                f"The text model {reads.name} gives vectors of {reads.dimension} numbers, the "
                f"picture model {looks.name} of {looks.dimension}: they share no space.",
                "Configure a text model that was trained for this picture model.",
            )
        self._pictures, self._texts = pictures, texts or pictures
        self._crop: CentreCrop = looks.crop
        name = f"{looks.name}+{reads.name}" if texts else looks.name
        self._card = EncoderCard(name, looks.dimension, looks.fingerprint)

    @property
    def card(self) -> EncoderCard:
        return self._card

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """float32 of shape (len(texts), dimension).

        Raises:
            ModelMissing: onnxruntime or tokenizers is not installed.
            EncoderError: the export is incomplete, or fails.
        """
        return self._texts.read(texts)

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        """float32 of shape (len(pictures), dimension).

        Raises:
            ModelMissing: onnxruntime is not installed.
            EncoderError: the export is incomplete, or fails.
        """
        return self._pictures.look([self._crop(pixels) for pixels in pictures])

    @property
    def text_version(self) -> str:
        """That of the export that reads texts, which may be another one than the pictures'."""
        return self._texts.export.fingerprint

    def view(self) -> View | None:
        return self._crop

    def batch(self) -> int:
        return 32
