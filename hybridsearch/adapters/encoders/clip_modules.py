"""CLIP's two towers as torch modules from plain tensors to vectors.

In: bytes of squares, or token ids with their mask. Out: vectors. What runs on a GPU and what is
exported to ONNX are these modules, so both compute the same. Importing this imports torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from hybridsearch.adapters.encoders.clip_crops import CentreCrop

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class Look(nn.Module):
    """Squares (n, side, side, 3), uint8, become picture vectors (n, dimension).

    Normalised where the model computes: a quarter of the bytes travel there.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, model: SentenceTransformer, crop: CentreCrop) -> None:
        super().__init__()
        self.model = model
        self.dtype = next(model.parameters()).dtype
        for name, values in (("mean", crop.mean), ("deviation", crop.deviation)):
            scaled = torch.tensor(values, device=model.device).view(1, 3, 1, 1) * 255
            self.register_buffer(name, scaled, persistent=False)

    def forward(self, squares: Tensor) -> Tensor:
        """Channels first, 0 to 1, minus the mean, over the deviation; then the model."""
        pixels = (squares.permute(0, 3, 1, 2).to(torch.float32) - self.mean) / self.deviation
        return _through(self.model, {"pixel_values": pixels.to(self.dtype), "modality": "image"})


class Read(nn.Module):
    """Token ids and mask (n, length), int64, become text vectors (n, dimension)."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Every module of the model in turn: transformer, pooling, dense layer."""
        features = {"input_ids": input_ids, "attention_mask": attention_mask, "modality": "text"}
        return _through(self.model, features)


def _through(model: SentenceTransformer, features: dict[str, Any]) -> Tensor:
    for module in model:
        features = module(features)
    vectors: Tensor = features["sentence_embedding"]
    return vectors
