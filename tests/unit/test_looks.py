from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from hybridsearch.adapters.media.pictures import decode_picture
from hybridsearch.demo.pictures import gather
from hybridsearch.ingest.looks import perceptual_hash
from hybridsearch.ports import Pixels
from hybridsearch.search.duplicates import NEAR
from tests.data import collection

Change = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pixels]:
    """The demo's pictures, photographs and drawings, by file name."""
    folder = tmp_path_factory.mktemp("demo")
    manifest = gather(folder)
    files = sorted(path for path in folder.iterdir() if path != manifest)
    return {path.name: decode_picture(path.read_bytes()).pixels for path in files}


def saved(quality: int) -> Change:
    def again(picture: Image.Image) -> Image.Image:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality)
        return Image.open(stream).convert("RGB")

    return again


def scaled(factor: float) -> Change:
    return lambda each: each.resize(
        (max(1, round(each.width * factor)), max(1, round(each.height * factor)))
    )


CHANGES: dict[str, Change] = {
    "JPEG quality 30": saved(30),
    "a third of the size": scaled(1 / 3),
    "an odd size": scaled(0.773),
    "three times the size": scaled(3),
    "15 % brighter": lambda each: ImageEnhance.Brightness(each).enhance(1.15),
    "15 % less contrast": lambda each: ImageEnhance.Contrast(each).enhance(0.85),
    "pale": lambda each: ImageEnhance.Color(each).enhance(0.6),
    "grey": lambda each: each.convert("L").convert("RGB"),
    "smaller, darker, saved twice": lambda each: saved(50)(
        ImageEnhance.Brightness(saved(70)(scaled(0.6)(each))).enhance(0.9)
    ),
}


def apart(one: str | None, other: str | None) -> int:
    assert one is not None
    assert other is not None
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("name", CHANGES)
def test_a_copy_is_near(photographs: dict[str, Pixels], name: str) -> None:
    for file, pixels in photographs.items():
        copy = np.asarray(CHANGES[name](Image.fromarray(pixels)))
        assert apart(perceptual_hash(pixels), perceptual_hash(copy)) <= NEAR, file


def test_other_pictures_are_far(photographs: dict[str, Pixels]) -> None:
    hashes = {file: perceptual_hash(pixels) for file, pixels in photographs.items()}
    stereo = {"motorcycle_left.png", "motorcycle_right.png"}
    for one, other in combinations(hashes, 2):
        if {one, other} != stereo:
            assert apart(hashes[one], hashes[other]) > 2 * NEAR, (one, other)


def test_near_pairs_of_an_archive_are_few() -> None:
    """Counted once by hand: all 36 pairs show one scene. Twice as many would be false ones."""
    files = sorted((collection("fsac_color") / "images").iterdir())
    found = [perceptual_hash(decode_picture(path.read_bytes()).pixels) for path in files]
    bits = np.array([int(each, 16) for each in found if each is not None], dtype=np.uint64)
    assert len(bits) == len(files)
    near = np.bitwise_count(bits[:, None] ^ bits[None, :]) <= NEAR
    assert 30 <= np.triu(near, 1).sum() <= 45


def blank() -> Iterator[tuple[str, Pixels]]:
    slope = np.linspace(0, 255, 240)
    yield "one tone", np.full((160, 240, 3), 200, np.uint8)
    yield "slope", np.repeat(np.tile(slope, (160, 1))[:, :, None], 3, axis=2).astype(np.uint8)
    noise = np.random.default_rng(1).normal(200, 3, (160, 240, 3))
    yield "noise", noise.astype(np.uint8)


@pytest.mark.parametrize(("name", "pixels"), list(blank()), ids=lambda each: str(each)[:8])
def test_without_structure_there_is_no_hash(name: str, pixels: Pixels) -> None:
    assert perceptual_hash(pixels) is None
    again = np.asarray(saved(40)(Image.fromarray(pixels)))
    assert perceptual_hash(again) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (5, 7), (33, 31), (900, 3)])
def test_the_smallest_pictures_have_a_hash_or_none(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.uint8)
    found = perceptual_hash(noise)
    assert found is None or (len(found) == 16 and int(found, 16) >= 0)


def test_the_same_pixels_give_the_same_hash(photographs: dict[str, Pixels]) -> None:
    pixels = photographs["coffee.png"]
    assert perceptual_hash(pixels) == perceptual_hash(np.ascontiguousarray(pixels.copy()))
    assert perceptual_hash(pixels) == perceptual_hash(np.asfortranarray(pixels))
