"""ClipEncoder on a model of the real ViT-B/32 shape, random in content."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from hybridsearch.adapters.encoders.clip import ClipEncoder
from hybridsearch.adapters.encoders.clip_models import model_fingerprint
from hybridsearch.adapters.encoders.clip_pictures import for_clip
from hybridsearch.adapters.encoders.clip_quiet import quiet
from hybridsearch.adapters.encoders.clip_tower import Tower
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.errors import ConfigError, EncoderError
from hybridsearch.ports import Pixels, TextVersioned
from tests.contract.encoders import (
    DIMENSION,
    as_published,
    as_sentence_transformers,
    noise,
    real_shape_clip,
    small_clip,
    text_tower,
)


@pytest.fixture(scope="module")
def real() -> ClipEncoder:
    return ClipEncoder(str(real_shape_clip()), device="cpu")


def test_the_real_shape_loads_and_embeds_both_modalities(real: ClipEncoder) -> None:
    texts = embed_texts(real, ["fire", "red fire"])
    pictures = embed_pictures(real, [noise(480, 640), noise(640, 480)])
    assert texts.shape == pictures.shape == (2, DIMENSION)
    assert np.linalg.norm(np.concatenate([texts, pictures]), axis=1) == pytest.approx(1.0)
    assert real.card.name == "real-shape"
    assert not real.card.trial


def test_ours_equals_sentence_transformers_own(real: ClipEncoder) -> None:
    with quiet():
        model = SentenceTransformer(str(real_shape_clip()), device="cpu")
    pictures = [noise(300, 451), noise(451, 300), noise(224, 224), noise(90, 230)]
    ours = embed_pictures(real, pictures)
    theirs = model.encode([Image.fromarray(each) for each in pictures], normalize_embeddings=True)
    assert np.sum(ours * theirs, axis=1).min() > 0.999999
    assert np.allclose(real.embed_texts(["red fire"]), model.encode(["red fire"]), atol=1e-5)


def squares(count: int) -> list[Pixels]:
    return [noise(224, 224, seed) for seed in range(count)]


def test_half_precision_as_on_a_gpu_gives_the_vectors_but_for_rounding() -> None:
    """What a GPU computes, computed here: bytes in, half precision inside, float32 out."""
    exact, halved = (Tower(str(small_clip()), "cpu") for _ in range(2))
    halved.model.half()
    one, other = exact.look(squares(5)), halved.look(squares(5))
    assert other.dtype == np.float32
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    assert (np.sum(one * other, axis=1) / lengths).min() > 0.9999
    assert ClipEncoder(str(small_clip()), device="cpu").batch() == 32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_a_gpu_gives_the_processors_vectors(real: ClipEncoder) -> None:
    gpu = ClipEncoder(str(real_shape_clip()), device="cuda")
    assert gpu.batch() == 256
    assert gpu.card == real.card
    many = squares(300)
    cosines = np.sum(embed_pictures(gpu, many, 256) * embed_pictures(real, many), axis=1)
    assert cosines.min() > 0.9999
    texts = ["a red fire", ""]
    assert np.sum(embed_texts(gpu, texts) * embed_texts(real, texts), axis=1).min() > 0.999


def test_the_batch_does_not_matter_on_the_real_shape(real: ClipEncoder) -> None:
    pictures = [noise(240, 320, seed) for seed in range(3)]
    one = embed_pictures(real, pictures, batch=1)
    assert np.abs(one - embed_pictures(real, pictures, batch=3)).max() < 1e-4
    texts = ["fire", "red", "a much longer text about a fire in a red house", ""]
    assert np.abs(embed_texts(real, texts, 1) - embed_texts(real, texts, 4)).max() < 1e-4


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_file_has_the_vector_of_the_upright_picture(orientation: int) -> None:
    encoder = ClipEncoder(str(small_clip()), device="cpu")
    upright = Image.fromarray(noise(240, 320))
    inverse = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}.get(
        orientation, Image.Transpose(PLAIN_TURNS.get(orientation, 0))
    )
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned, plain = BytesIO(), BytesIO()
    upright.transpose(inverse).save(turned, "PNG", exif=exif)
    upright.save(plain, "PNG")
    reader = FileMediaReader()
    pictures = [reader.decode(file.getvalue()).pixels for file in (turned, plain)]
    one, other = embed_pictures(encoder, pictures)
    assert np.allclose(one, other, atol=1e-5)


PLAIN_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    7: Image.Transpose.TRANSVERSE,
}
"""The turns that are their own inverse."""


def test_every_way_of_saving_a_model_gives_the_same_vectors() -> None:
    folders = [small_clip(), as_sentence_transformers(small_clip()), as_published(small_clip())]
    encoders = [ClipEncoder(str(folder), device="cpu") for folder in folders]
    for texts in (["red fire", "Fire!"], ["fire " * 100]):
        first, *others = [embed_texts(encoder, texts) for encoder in encoders]
        assert all(np.allclose(first, other, atol=1e-5) for other in others)
    first, *others = [embed_pictures(encoder, [noise(250, 300)]) for encoder in encoders]
    assert all(np.allclose(first, other, atol=1e-5) for other in others)


def test_the_second_text_tower_takes_texts_and_leaves_pictures() -> None:
    plain = ClipEncoder(str(small_clip()), device="cpu")
    both = ClipEncoder(str(small_clip()), text_model=str(text_tower()), device="cpu")
    assert both.card.dimension == plain.card.dimension == DIMENSION
    assert both.card.name == "small-2+text-512"
    assert both.card.fingerprint == plain.card.fingerprint
    assert isinstance(both, TextVersioned) and both.text_version != plain.text_version
    picture = [noise(100, 100)]
    assert np.array_equal(both.embed_pictures(picture), plain.embed_pictures(picture))
    assert not np.allclose(both.embed_texts(["fire"]), plain.embed_texts(["fire"]), atol=1e-3)
    with quiet():
        tower = SentenceTransformer(str(text_tower()), device="cpu")
    assert np.allclose(both.embed_texts(["čoln"]), tower.encode(["čoln"]), atol=1e-5)


def test_towers_of_different_spaces_are_refused() -> None:
    encoder = ClipEncoder(str(small_clip()), text_model=str(text_tower(48)), device="cpu")
    with pytest.raises(EncoderError, match=r"vectors of 48 numbers, .* of 512"):
        _ = encoder.card


def test_a_text_model_alone_takes_no_pictures() -> None:
    encoder = ClipEncoder(str(text_tower()), device="cpu")
    with pytest.raises(EncoderError, match="does not take image input"):
        encoder.embed_pictures([noise(10, 10)])


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port on this machine, and every connection that it got."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, peer = server.accept()
                except TimeoutError:
                    continue
                connection.close()
                connections.append(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], connections
        finally:
            stop.set()
            thread.join()


def test_a_query_that_looks_like_a_picture_stays_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection, no file, and the vector of its characters."""
    encoder = ClipEncoder(str(small_clip()), device="cpu")
    path = tmp_path / "fire.png"
    Image.fromarray(noise(20, 20)).save(path)
    encoder.embed_texts(["loaded"])
    opened: list[object] = []
    original = Image.open

    def watched(file: Any, *args: Any, **options: Any) -> Image.Image:
        opened.append(file)
        return original(file, *args, **options)

    monkeypatch.setattr(Image, "open", watched)
    with listening() as (port, connections):
        address = f"http://127.0.0.1:{port}/fire.jpg"
        uri = f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}"
        queries = [address, uri, str(path), "fire.mp3", "fire.mp4"]
        vectors = embed_texts(encoder, queries)
        apart = embed_texts(encoder, [f" {query} " for query in queries])
        time.sleep(0.3)
        assert connections == []
        assert opened == []
        assert np.allclose(vectors, apart, atol=1e-5)

        # Bare strings, to see that the watch would have noticed: all three become pictures.
        bare = encoder._texts.model
        with pytest.raises(Exception, match=r"(?i)disconnected|reset|closed|read"):
            bare.encode([address])
        pictures = bare.encode([uri, str(path)])
        assert len(connections) == 1
        assert len(opened) == 2
        assert np.allclose(pictures[0], encoder.embed_pictures([noise(20, 20)])[0], atol=1e-5)


def test_what_exceeds_the_text_limit_is_cut_off(real: ClipEncoder) -> None:
    long, longer, other = embed_texts(real, ["fire " * 80, "fire " * 5000, "fire " * 40])
    assert np.allclose(long, longer, atol=1e-5)
    assert not np.allclose(long, other, atol=1e-3)


def test_strips_and_specks_see_their_middle() -> None:
    strip = noise(10, 4000)
    assert for_clip(strip).size == (80 * 2, 20)
    assert for_clip(noise(1, 3000)).size == (8 * 16, 16)
    assert for_clip(noise(3000, 1)).size == (16, 8 * 16)
    assert for_clip(noise(100, 799)).size == (799, 100)
    middle = np.asarray(for_clip(noise(50, 1000)))
    assert np.array_equal(middle, noise(50, 1000)[:, 300:700])


def test_strips_keep_the_vector_that_clip_would_give_them() -> None:
    encoder = ClipEncoder(str(small_clip()), device="cpu")
    with quiet():
        model = SentenceTransformer(str(small_clip()), device="cpu")
    strip = noise(32, 960)
    ours = embed_pictures(encoder, [strip])[0]
    theirs = model.encode([Image.fromarray(strip)], normalize_embeddings=True)[0]
    assert ours @ theirs > 0.999


def test_threads_may_share_an_encoder() -> None:
    encoder = ClipEncoder(str(small_clip()), device="cpu")
    texts = ["fire", "a fire " * 30]
    expected = ClipEncoder(str(small_clip()), device="cpu").embed_texts(texts)
    answers: list[bool] = []

    def work() -> None:
        answers.extend(np.allclose(encoder.embed_texts(texts), expected) for _ in range(5))
        encoder.embed_pictures([noise(30, 30)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 20


def test_the_card_needs_no_torch() -> None:
    """Importing and asking for the card stay cheap for commands that embed nothing."""
    script = (
        "import sys\n"
        "from hybridsearch.adapters.encoders.clip import ClipEncoder\n"
        "encoder = ClipEncoder(sys.argv[1], text_model=sys.argv[2])\n"
        "print(encoder.card.dimension, 'torch' in sys.modules, 'transformers' in sys.modules)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(as_published(small_clip())), str(text_tower())],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stdout.split() == ["512", "False", "False"]


def copy_of(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def test_the_fingerprint_follows_the_content_not_the_place(tmp_path: Path) -> None:
    original = model_fingerprint(small_clip())
    copy = copy_of(small_clip(), tmp_path / "copy")
    (copy / "README.md").write_text("notes")
    (copy / ".cache").mkdir()
    (copy / ".cache" / "x.json").write_text("{}")
    (copy / "pytorch_model.bin").write_bytes(b"the same numbers, in the older format")
    assert model_fingerprint(copy) == original

    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"logit_scale_init_value": 1.0}))
    assert model_fingerprint(copy) != original


@pytest.mark.parametrize("place", [0.01, 0.5, 0.99])
def test_other_weights_have_another_fingerprint(tmp_path: Path, place: float) -> None:
    """Training changes nearly all numbers; a run of 1 % of the file stands in for it."""
    copy = copy_of(small_clip(), tmp_path / "copy")
    weights = bytearray((copy / "model.safetensors").read_bytes())
    start = min(int(place * len(weights)), len(weights) - len(weights) // 100)
    for at in range(start, start + len(weights) // 100):
        weights[at] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert model_fingerprint(copy) != model_fingerprint(small_clip())


def test_incomplete_and_damaged_weights_are_named(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    lacking = copy_of(small_clip(), tmp_path / "lacking")
    tensors = load_file(lacking / "model.safetensors")
    del tensors["visual_projection.weight"]
    save_file(tensors, lacking / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EncoderError, match="lacks some of its weights"):
        ClipEncoder(str(lacking), device="cpu").embed_texts(["fire"])

    damaged = copy_of(small_clip(), tmp_path / "damaged")
    whole = (damaged / "model.safetensors").read_bytes()
    (damaged / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EncoderError, match="cannot be loaded"):
        ClipEncoder(str(damaged), device="cpu").embed_texts(["fire"])

    (damaged / "config.json").write_text("{")
    with pytest.raises(EncoderError, match=r"config.json is damaged"):
        _ = ClipEncoder(str(damaged), device="cpu").card


def test_loading_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    ClipEncoder(str(small_clip()), device="cpu").embed_texts(["fire"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_a_configuration_error(device: str) -> None:
    import torch

    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine has the device")
    if device == "mps" and torch.backends.mps.is_available():
        pytest.skip("this machine has the device")
    encoder = ClipEncoder(str(small_clip()), device=device)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=f"no {device} device"):
        encoder.embed_texts(["fire"])


def test_an_unknown_device_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="Unknown device 'tpu'"):
        ClipEncoder(device="tpu")  # type: ignore[arg-type]
