"""The head: joins class evidence and sentence vectors in one space of 512 numbers.

In: what the two towers say. Out: vectors whose dot product is ``coarse + MIX * fine``.

The coarse block asks "which ImageNet classes does the text speak of, and are they in the
picture?" and needs no training pairs (after ConSE, Norouzi et al. 2014, but through logits
and a softmax over class names instead of averaged names). The fine block is a kernel ridge
regression from captions to pictures (into the pictures' space, where nearest-neighbour hubs
are fewer: Shigeto et al. 2015), learnt from few pictures and so given a third of the say.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import save

from hybridsearch.ports import Matrix, Vector

if TYPE_CHECKING:  # only their fields are read: the head loads without torch
    from hybridsearch.adapters.encoders.starter.pictures import Evidence
    from hybridsearch.adapters.encoders.starter.texts import TextStates

COARSE = 384
FINE = 128
DIMENSION = COARSE + FINE

MIX = 0.35
"""The fine block's say against the coarse block's 1."""

TRAINED_ON = "trained_on"
SHIPPED_TRAINED_ON = "coco_mini,fsac_color"
"""What the head that is shipped was trained on; its file does not say so itself."""

SENTENCE_TEMPERATURE = 0.1
TOKEN_TEMPERATURE = 0.06
KERNEL_WIDTH = 0.5


@dataclass(frozen=True, slots=True)
class Head:
    """All that training found out. ``classes`` are the 1,000 of ImageNet, in its order.

    Pictures: ``logit_mean``, ``presence_mean`` (1000,); ``basis`` (1000, 384), orthonormal
    principal directions; ``fine_mean``, ``fine_scale`` (128,).
    Texts: ``caption_mean``, ``token_mean`` (384,); ``class_anchors`` (1000, 384), unit vectors
    of the classes' names and definitions; ``sentence_share``, ``token_share`` (1000,), each
    class's mean share in captions; ``caption_anchors`` (k, 384), unit; ``caption_values``
    (k, 128), the regression's coefficients.
    """

    logit_mean: Vector
    presence_mean: Vector
    basis: Matrix
    fine_mean: Vector
    fine_scale: Vector
    caption_mean: Vector
    token_mean: Vector
    class_anchors: Matrix
    sentence_share: Vector
    token_share: Vector
    caption_anchors: Matrix
    caption_values: Matrix

    def pictures(self, evidence: Evidence) -> Matrix:
        """Class evidence of n pictures to vectors (n, 512), all of one length."""
        seen = class_view(evidence, self.logit_mean, self.presence_mean) @ self.basis
        fine = (seen[:, :FINE] - self.fine_mean) / self.fine_scale
        return _joined(unit(seen), unit(fine))

    def texts(self, states: TextStates) -> Matrix:
        """Sentence and token vectors of n texts to vectors (n, 512)."""
        sentences = unit(states.sentences - self.caption_mean)
        fine = kernel(sentences, self.caption_anchors) @ self.caption_values
        return _joined(unit(self._classes_meant(states, sentences) @ self.basis), unit(fine))

    def _classes_meant(self, states: TextStates, sentences: Matrix) -> Matrix:
        """How much more than usual each text speaks of each class (n, 1000).

        The sentence says what the text is about; its tokens keep the second and third object.
        """
        whole = shares(sentences, self.class_anchors, SENTENCE_TEMPERATURE) - self.sentence_share
        tokens = unit(states.tokens - self.token_mean)
        each = shares(tokens, self.class_anchors, TOKEN_TEMPERATURE) - self.token_share
        return unit(whole) + unit(summed(each, states.owners, len(sentences)))

    def save(self, path: Path, trained_on: str) -> None:
        """Write the head: matrices in half precision, the rest in single.

        ``trained_on`` names the collections whose pictures it has seen, with commas between.
        """
        tensors = {
            name: np.ascontiguousarray(tensor, np.float16 if tensor.ndim == 2 else np.float32)
            for name, tensor in self._tensors().items()
        }
        path.write_bytes(save(tensors, {TRAINED_ON: trained_on}))

    @classmethod
    def load(cls, path: Path) -> Head:
        """Read a head that ``save`` wrote."""
        with safe_open(path, framework="numpy") as file:
            return cls(
                **{
                    field.name: file.get_tensor(field.name).astype(np.float32)
                    for field in fields(cls)
                }
            )

    def _tensors(self) -> dict[str, Matrix]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def trained_on(path: Path) -> tuple[str, ...]:
    """The collections whose pictures a head has seen."""
    with safe_open(path, framework="numpy") as file:
        told = (file.metadata() or {}).get(TRAINED_ON, SHIPPED_TRAINED_ON)
    return tuple(told.split(","))


def class_view(evidence: Evidence, logit_mean: Vector, presence_mean: Vector) -> Matrix:
    """Both kinds of evidence, each centred and of unit length, added up (n, 1000)."""
    return unit(evidence.logits - logit_mean) + unit(evidence.presence - presence_mean)


def shares(vectors: Matrix, anchors: Matrix, temperature: float) -> Matrix:
    """Softmax over anchors of ``cosine / temperature``."""
    scores = vectors @ anchors.T / np.float32(temperature)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Matrix = scores / scores.sum(axis=1, keepdims=True)
    return total


def kernel(vectors: Matrix, anchors: Matrix) -> Matrix:
    """``exp((cosine - 1) / width)``: a Gaussian kernel between unit vectors."""
    similarity: Matrix = np.exp((vectors @ anchors.T - 1) / np.float32(KERNEL_WIDTH))
    return similarity


def summed(rows: Matrix, owners: npt.NDArray[np.int64], count: int) -> Matrix:
    """The sum of each owner's rows; zero where it has none (an empty text)."""
    total = np.zeros((count, rows.shape[1]), np.float32)
    np.add.at(total, owners, rows)
    return total


def unit(rows: Matrix) -> Matrix:
    """Rows of length one; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Matrix = rows / np.maximum(lengths, np.float32(1e-9))
    return scaled


def _joined(coarse: Matrix, fine: Matrix) -> Matrix:
    return np.concatenate([coarse, fine * np.float32(MIX**0.5)], axis=1).astype(np.float32)
