"""One contract for every encoder."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

from hybridsearch.adapters.encoders.clip import ClipEncoder
from hybridsearch.adapters.encoders.onnx_files import Precision
from hybridsearch.adapters.encoders.runtimes import clip_encoder
from hybridsearch.adapters.encoders.words import WordEncoder
from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.errors import ModelMissing
from hybridsearch.ports import Encoder, Pixels
from tests.contract.encoders import (
    as_published,
    as_sentence_transformers,
    exported,
    noise,
    small_clip,
    text_tower,
)


def starter() -> Encoder:
    try:
        module = import_module("hybridsearch.adapters.encoders.starter")
    except ImportError as error:
        pytest.skip(f"the starter encoder is not here: {error}")
    try:
        encoder: Encoder = module.StarterEncoder()
        _ = encoder.card
    except ModelMissing as error:
        pytest.skip(f"the starter encoder's models are not here: {error}")
    return encoder


def onnx(precision: Precision, multilingual: bool = False) -> Encoder:
    models = exported(small_clip(), precision)
    text_model = None
    if multilingual:
        text_model = str(text_tower())
        exported(text_tower(), precision)
    return clip_encoder(
        models, str(small_clip()), text_model, device="cpu", runtime="onnx", precision=precision
    )


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "words": WordEncoder,
    "clip": lambda: ClipEncoder(str(small_clip()), device="cpu"),
    "clip-saved": lambda: ClipEncoder(str(as_sentence_transformers(small_clip())), device="cpu"),
    "clip-published": lambda: ClipEncoder(str(as_published(small_clip())), device="cpu"),
    "clip-multilingual": lambda: ClipEncoder(
        str(small_clip()), text_model=str(text_tower()), device="cpu"
    ),
    "onnx": lambda: onnx("fp32"),
    "onnx-int8": lambda: onnx("int8"),
    "onnx-multilingual": lambda: onnx("fp32", multilingual=True),
    "starter": starter,
}

TEXTS = [
    "a fire in the factory",
    "",
    " ",
    "🔥🚒",
    "eksplozija v Melaminu, Kočevje",
    "word " * 2000,
    "a" * 10_000,
    "http://127.0.0.1:9/x.jpg",
    "data:image/png;base64,iVBORw0KGgo=",
    "\x00\x1b\u202e control",
]
PICTURES: list[Pixels] = [
    noise(224, 224),
    noise(300, 500),
    noise(1, 1),
    noise(1, 3000),
    noise(3000, 1),
    noise(3, 5),
    np.zeros((50, 50, 3), dtype=np.uint8),
    np.full((50, 50, 3), 255, dtype=np.uint8),
    noise(64, 64)[::-1, :, ::-1],
]


@pytest.fixture(scope="module", params=ENCODERS)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return ENCODERS[request.param]()


def test_the_card_is_stable_and_complete(encoder: Encoder, request: pytest.FixtureRequest) -> None:
    again = ENCODERS[request.node.callspec.params["encoder"]]()
    assert encoder.card == encoder.card == again.card
    assert encoder.card.name and encoder.card.fingerprint
    assert encoder.card.dimension > 0


def test_one_row_for_each_text(encoder: Encoder) -> None:
    rows = encoder.embed_texts(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.card.dimension)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def test_one_row_for_each_picture(encoder: Encoder) -> None:
    rows = encoder.embed_pictures(PICTURES)
    assert rows.shape == (len(PICTURES), encoder.card.dimension)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def test_an_empty_batch_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.embed_texts([]).shape == (0, encoder.card.dimension)
    assert encoder.embed_pictures([]).shape == (0, encoder.card.dimension)


def test_the_same_input_has_the_same_vector(encoder: Encoder) -> None:
    assert np.array_equal(encoder.embed_texts(TEXTS[:3]), encoder.embed_texts(TEXTS[:3]))
    assert np.array_equal(
        encoder.embed_pictures(PICTURES[:3]), encoder.embed_pictures(PICTURES[:3])
    )


@pytest.mark.parametrize("batch", [1, 4])
def test_the_batch_does_not_change_a_vector(encoder: Encoder, batch: int) -> None:
    texts = embed_texts(encoder, TEXTS, batch) - embed_texts(encoder, TEXTS, len(TEXTS))
    assert np.abs(texts).max() < 1e-4
    pictures = embed_pictures(encoder, PICTURES, batch)
    assert np.abs(pictures - embed_pictures(encoder, PICTURES, len(PICTURES))).max() < 1e-4


def test_different_inputs_have_different_vectors(encoder: Encoder) -> None:
    texts = embed_texts(encoder, ["red", "blue"])
    pictures = embed_pictures(encoder, [PICTURES[6], PICTURES[7]])
    assert not np.allclose(texts[0], texts[1], atol=1e-3)
    assert not np.allclose(pictures[0], pictures[1], atol=1e-3)


def test_half_a_surrogate_pair_does_no_harm(encoder: Encoder) -> None:
    assert embed_texts(encoder, ["a \ud800 b"]).shape == (1, encoder.card.dimension)


def test_inputs_are_left_as_they_were(encoder: Encoder) -> None:
    picture = noise(40, 60)
    picture.flags.writeable = False
    encoder.embed_pictures([picture])
    assert np.array_equal(picture, noise(40, 60))


def test_no_two_spaces_share_a_fingerprint() -> None:
    encoders: list[Encoder] = [
        WordEncoder(),
        WordEncoder(128),
        ClipEncoder(str(small_clip())),
        ClipEncoder(str(small_clip(seed=3))),
    ]
    assert len({each.card.fingerprint for each in encoders}) == len(encoders)
