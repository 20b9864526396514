"""The word encoder: what other tests may rely on."""

from __future__ import annotations

import numpy as np
import pytest

from hybridsearch.adapters.encoders.words import COLOURS, WordEncoder
from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.ports import Pixels

EXPECTED = [2.0, 0.0, 1.0, -1.0, 0.0, -2.0, 1.0, -1.0]
"""The vector of "melamin" at dimension 8."""


def plain(name: str, height: int = 10, width: int = 20) -> Pixels:
    return np.full((height, width, 3), COLOURS[name], dtype=np.uint8)


@pytest.mark.parametrize("name", COLOURS)
def test_a_picture_of_one_colour_has_the_vector_of_its_name(name: str) -> None:
    encoder = WordEncoder()
    assert np.allclose(
        embed_pictures(encoder, [plain(name)]), embed_texts(encoder, [name]), atol=1e-6
    )


def test_a_picture_of_two_colours_is_near_both_names_and_the_larger_part_more() -> None:
    encoder = WordEncoder()
    pixels = np.concatenate([plain("red", height=30), plain("blue", height=10)])
    vector = embed_pictures(encoder, [pixels])[0]
    red, blue, green = embed_texts(encoder, ["red", "blue", "green"]) @ vector
    assert red > blue > green + 0.2


def test_texts_that_share_words_are_nearer_than_those_that_do_not() -> None:
    encoder = WordEncoder()
    fire, flame, boat = embed_texts(encoder, ["Fire in Kočevje", "fire", "boat"])
    assert fire @ flame > 0.4 > abs(fire @ boat)


def test_case_and_punctuation_do_not_count() -> None:
    one, other = embed_texts(WordEncoder(), ["Fire, in KOČEVJE!", "fire in kočevje"])
    assert np.array_equal(one, other)


def test_vectors_are_the_same_in_every_process() -> None:
    vector = WordEncoder(dimension=8).embed_texts(["melamin"])[0]
    assert vector.tolist() == EXPECTED


def test_the_card_tells_the_dimension_apart_and_marks_the_encoder_as_trial() -> None:
    assert WordEncoder(64).card != WordEncoder(128).card
    assert WordEncoder().card.trial
    with pytest.raises(ValueError, match="at least 8"):
        WordEncoder(dimension=4)
