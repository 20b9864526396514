"""What sits above the encoder port: batches, checks, unit length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import EncoderError
from hybridsearch.ports import Matrix, Pixels

Rows = Callable[[int], Matrix]

CARD = EncoderCard("scripted", 3, "scripted-1")


@dataclass
class Scripted:
    """An encoder that answers what the test says, and remembers the sizes of its batches."""

    rows: Rows
    batches: list[int] = field(default_factory=list)
    card: EncoderCard = CARD

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        self.batches.append(len(texts))
        return self.rows(len(texts))

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        self.batches.append(len(pictures))
        return self.rows(len(pictures))


def constant(*row: float) -> Rows:
    return lambda count: np.tile(np.array(row, dtype=np.float32), (count, 1))


def picture(height: int = 2, width: int = 2) -> Pixels:
    return np.zeros((height, width, 3), dtype=np.uint8)


def test_rows_have_unit_length_and_keep_their_order() -> None:
    def rows(count: int) -> Matrix:
        return np.diag([3.0, 4.0, 5.0])[:count].astype(np.float32)

    vectors = embed_texts(Scripted(rows), ["a", "b", "c"])
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, np.eye(3, dtype=np.float32))


def test_batches_are_as_large_as_asked_and_the_last_takes_the_rest() -> None:
    encoder = Scripted(constant(1, 2, 2))
    assert embed_texts(encoder, list("abcde"), batch=2).shape == (5, 3)
    assert embed_pictures(encoder, [picture()] * 3, batch=3).shape == (3, 3)
    assert encoder.batches == [2, 2, 1, 3]


def test_nothing_in_nothing_out_and_the_encoder_is_not_called() -> None:
    encoder = Scripted(constant(1, 2, 2))
    assert embed_texts(encoder, []).shape == (0, 3)
    assert embed_pictures(encoder, []).shape == (0, 3)
    assert encoder.batches == []


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_very_short_and_very_long_rows_are_normalised_without_loss(scale: float) -> None:
    vectors = embed_texts(Scripted(constant(3 * scale, 4 * scale, 0)), ["a"])
    assert vectors[0] == pytest.approx([0.6, 0.8, 0.0])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ((0.0, 0.0, 0.0), "zero"),
        ((float("nan"), 1.0, 0.0), "not finite"),
        ((float("inf"), 1.0, 0.0), "not finite"),
    ],
)
def test_a_row_without_direction_names_encoder_and_input(
    row: tuple[float, ...], fault: str
) -> None:
    broken_at = 3

    def rows(count: int) -> Matrix:
        answer = np.ones((count, 3), dtype=np.float32)
        if len(encoder.batches) == 2:
            answer[broken_at - 2] = row
        return answer

    encoder = Scripted(rows)
    with pytest.raises(EncoderError, match=rf"scripted gave text 3 a vector that is {fault}"):
        embed_texts(encoder, list("abcde"), batch=2)


@pytest.mark.parametrize("shape", [(1, 3), (2, 4), (2,), (2, 3, 1)])
def test_an_answer_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    encoder = Scripted(lambda _: np.ones(shape, dtype=np.float32))
    with pytest.raises(EncoderError, match=r"scripted answered 2 texts .* \(2, 3\) was due"):
        embed_texts(encoder, ["a", "b"])


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((2, 2), dtype=np.uint8),
        np.zeros((2, 2, 4), dtype=np.uint8),
        np.zeros((0, 2, 3), dtype=np.uint8),
        np.zeros((2, 2, 3), dtype=np.float32),
    ],
)
def test_pictures_of_another_shape_or_type_never_reach_the_encoder(bad: Pixels) -> None:
    encoder = Scripted(constant(1, 2, 2))
    with pytest.raises(EncoderError, match="picture 1 has type"):
        embed_pictures(encoder, [picture(), bad])
    assert encoder.batches == []


def test_a_batch_below_one_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        embed_texts(Scripted(constant(1, 2, 2)), ["a"], batch=0)


def test_half_a_surrogate_pair_never_reaches_the_encoder() -> None:
    seen: list[str] = []

    class Listening(Scripted):
        def embed_texts(self, texts: Sequence[str]) -> Matrix:
            seen.extend(texts)
            return super().embed_texts(texts)

    embed_texts(Listening(constant(1, 2, 2)), ["a\ud800b", "🔥"])
    assert seen == ["a\ufffdb", "🔥"]
