"""Labels become vectors: the mean of their prompts' unit vectors, of length 1 again.

In: labels and an encoder. Out: one row a label. Vectors that were made before are read back, so
that a list of thousands is embedded once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.labels.label import Label
from hybridsearch.labels.templates import prompts
from hybridsearch.ports import Encoder, Matrix, TextVersioned, Vector

_PROMPTS_AT_ONCE = 2048
"""Texts embedded between two writes: an interrupted run of thousands keeps what it has."""


class KeptVectors(Protocol):
    """Keeps vectors by a digest of what they were made from; derived, never the truth."""

    def read(self, keys: Sequence[str]) -> Mapping[str, Vector]:
        """The vectors that are there."""
        ...

    def write(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors; those that are there already stay as they are."""
        ...


def label_vectors(
    encoder: Encoder, labels: Sequence[Label], kept: KeptVectors | None = None
) -> Matrix:
    """Unit vectors (labels, dimension): label by label the mean over names and templates.

    Raises:
        EncoderError: the encoder fails.
    """
    return ensembles(encoder, [prompts(each.names, each.language) for each in labels], kept)


def ensembles(
    encoder: Encoder, groups: Sequence[Sequence[str]], kept: KeptVectors | None = None
) -> Matrix:
    """Unit vectors (groups, dimension): of each group of texts the mean of their unit vectors.

    Raises:
        EncoderError: the encoder fails.
    """
    maker = _maker(encoder)
    keys = [_key(maker, texts) for texts in groups]
    known = dict(kept.read(keys)) if kept else {}
    missing = {key: texts for key, texts in zip(keys, groups, strict=True) if key not in known}
    for part in _parts(missing):
        made = _embedded(encoder, part)
        known.update(made)
        if kept:
            kept.write(made)
    if not keys:
        return np.empty((0, encoder.card.dimension), np.float32)
    return np.stack([known[key] for key in keys])


def _embedded(encoder: Encoder, groups: Mapping[str, Sequence[str]]) -> dict[str, Vector]:
    rows = embed_texts(encoder, [text for texts in groups.values() for text in texts])
    made: dict[str, Vector] = {}
    start = 0
    for key, texts in groups.items():
        mean = rows[start : start + len(texts)].astype(np.float64).mean(axis=0)
        length = float(np.linalg.norm(mean))
        # Texts whose vectors cancel out have no mean direction; the first one stands for all.
        made[key] = (mean / length).astype(np.float32) if length > 0 else rows[start]
        start += len(texts)
    return made


def _parts(groups: Mapping[str, Sequence[str]]) -> list[dict[str, Sequence[str]]]:
    parts: list[dict[str, Sequence[str]]] = []
    texts_in_last = _PROMPTS_AT_ONCE
    for key, texts in groups.items():
        if texts_in_last >= _PROMPTS_AT_ONCE:
            parts.append({})
            texts_in_last = 0
        parts[-1][key] = texts
        texts_in_last += len(texts)
    return parts


def _maker(encoder: Encoder) -> str:
    """What tells two text towers apart; the card's fingerprint is that of the pictures."""
    card = encoder.card
    version = encoder.text_version if isinstance(encoder, TextVersioned) else card.name
    return f"{card.fingerprint}\x00{version}"


def _key(maker: str, texts: Sequence[str]) -> str:
    said = json.dumps([maker, *texts], ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()
