"""Texts and pictures become unit vectors: batching, checks and normalisation for every encoder.

In: an encoder and its inputs. Out: one float32 row of length 1 for each input. Whatever holds
for all encoders is here, so that an adapter is one method for each modality.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import EncoderError
from hybridsearch.ports import Encoder, Matrix, Pixels

DEFAULT_BATCH = 32

Item = TypeVar("Item")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_REMEDY = (
    "This is a fault of the encoder or of its model, not of the query or picture alone: "
    "check that the model's files are complete, or configure another encoder."
)


def embed_texts(encoder: Encoder, texts: Sequence[str], batch: int = DEFAULT_BATCH) -> Matrix:
    """The unit vectors of texts, in the order given.

    Args:
        encoder: any implementation of the port.
        texts: of any length and content, the empty string included; half a surrogate pair, which
            no tokenizer takes, is replaced by U+FFFD.
        batch: how many texts the encoder gets in one call, at least 1.

    Returns:
        float32 of shape (len(texts), dimension), each row of length 1.

    Raises:
        EncoderError: the encoder failed or its answer breaks the contract; names the text.
        ValueError: ``batch`` is below 1.
    """
    whole = [_LONE_SURROGATE.sub("\ufffd", text) for text in texts]
    return _embed(encoder.card, encoder.embed_texts, whole, batch, "text")


def embed_pictures(
    encoder: Encoder, pictures: Sequence[Pixels], batch: int = DEFAULT_BATCH
) -> Matrix:
    """The unit vectors of pictures, in the order given.

    Args:
        encoder: any implementation of the port.
        pictures: uint8 arrays of shape (height, width, 3), RGB, upright; sizes may differ.
        batch: how many pictures the encoder gets in one call, at least 1.

    Returns:
        float32 of shape (len(pictures), dimension), each row of length 1.

    Raises:
        EncoderError: a picture has another shape or type, the encoder failed, or its answer
            breaks the contract; names the picture by its place.
        ValueError: ``batch`` is below 1.
    """
    card = encoder.card
    for place, picture in enumerate(pictures):
        _check_picture(card, picture, place)
    return _embed(card, encoder.embed_pictures, pictures, batch, "picture")


def _embed(
    card: EncoderCard,
    embed: Callable[[Sequence[Item]], Matrix],
    items: Sequence[Item],
    batch: int,
    kind: str,
) -> Matrix:
    if batch < 1:
        raise ValueError(f"batch must be at least 1, got {batch}")
    vectors = np.empty((len(items), card.dimension), dtype=np.float32)
    for start, part in _batches(items, batch):
        rows = np.asarray(embed(part))
        _check_shape(card, rows, len(part), kind)
        vectors[start : start + len(part)] = _unit_rows(card, rows, start, kind)
    return vectors


def _batches(items: Sequence[Item], batch: int) -> Iterator[tuple[int, Sequence[Item]]]:
    for start in range(0, len(items), batch):
        yield start, items[start : start + batch]


def _check_picture(card: EncoderCard, picture: Pixels, place: int) -> None:
    shape, dtype = picture.shape, picture.dtype
    if dtype == np.uint8 and len(shape) == 3 and shape[2] == 3 and picture.size > 0:
        return
    raise EncoderError(
        f"Encoder {card.name} takes pictures of type uint8 and shape (height, width, 3); "
        f"picture {place} has type {dtype} and shape {shape}.",
        "Decode picture files with the media reader.",
    )


def _check_shape(card: EncoderCard, rows: Matrix, count: int, kind: str) -> None:
    if rows.shape != (count, card.dimension):
        raise EncoderError(
            f"Encoder {card.name} answered {count} {kind}s with an array of shape {rows.shape}; "
            f"({count}, {card.dimension}) was due.",
            _REMEDY,
        )


def _unit_rows(card: EncoderCard, rows: Matrix, start: int, kind: str) -> Matrix:
    """Rows divided by their length; in float64, so that no square vanishes or overflows."""
    wide = rows.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.sqrt(np.sum(wide * wide, axis=1, keepdims=True))
    broken = np.flatnonzero(~np.isfinite(norms[:, 0]) | (norms[:, 0] == 0.0))
    if broken.size:
        place = int(broken[0])
        fault = "zero" if norms[place, 0] == 0.0 else "not finite"
        raise EncoderError(
            f"Encoder {card.name} gave {kind} {start + place} a vector that is {fault}.", _REMEDY
        )
    unit: Matrix = (wide / norms).astype(np.float32)
    return unit
