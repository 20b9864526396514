"""Files that are built to be slow are refused at once; large but honest ones are not."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eval.fuzz.raw_files import ASCII, LONG, numbers
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.limits import check_structure
from hybridsearch.adapters.media.tiff import directories
from hybridsearch.errors import PictureError
from tests.hostile import (
    SLOW,
    gif_blocks,
    jpeg_scans,
    jpeg_segments,
    picture,
    repeated_scan,
    tiff,
)


@pytest.mark.parametrize("kind", SLOW)
def test_what_is_built_to_be_slow_is_refused_at_once(kind: str) -> None:
    data = SLOW[kind]()
    reader = FileMediaReader()
    started = time.process_time()
    with pytest.raises(PictureError, match="built to be slow") as error:
        reader.decode(data)
    assert isinstance(reader.metadata(data), dict)
    assert time.process_time() - started < 2.0
    assert error.value.remedy


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


HONEST: dict[str, Callable[[], bytes]] = {
    "metadata in 300 segments": lambda: jpeg_segments(300, b"x" * 60_000),
    "progressive": lambda: picture(size=(800, 600), progressive=True),
    "12 scans": lambda: jpeg_scans(12, (200, 200)),
    "a video behind it": lambda: picture() + bytes(range(256)) * 40_000,
    "many marks behind it": lambda: picture() + b"\xff\xda\0\2" * 5000,
    "long comment": lambda: gif_blocks(15_000),
    "one row a strip": lambda: saved(
        Image.new("L", (64, 3000)), "TIFF", tiffinfo={278: 1}, compression="tiff_lzw"
    ),
    "bitmap": lambda: saved(Image.new("P", (900, 900)), "BMP"),
    "palette": lambda: saved(Image.new("P", (900, 900)), "TIFF", compression="tiff_deflate"),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_pictures_pass(name: str) -> None:
    data = HONEST[name]()
    assert FileMediaReader().decode(data).pixels.size


def test_a_photoshop_tiff_with_megabytes_of_layers_passes() -> None:
    data = tiff({37724: (7, b"\0" * 30_000_000, 30_000_000), 270: (ASCII, b"Ptuj\0", 5)})
    assert FileMediaReader().decode(data).width == 8


def test_directories_of_both_kinds_are_read() -> None:
    for big in (False, True):
        data = saved(Image.new("RGB", (40, 30)), "TIFF", big_tiff=big)
        [first] = directories(data)
        assert first[256].first == (40,) and first[257].first == (30,)
        assert first[279].total == 40 * 30 * 3


def test_directories_in_a_circle_end() -> None:
    data = tiff({330: numbers(LONG, 72), 34665: numbers(LONG, 72)})
    assert directories(data)[0][330].first == (72,)
    assert len(directories(data)) == 1


def test_no_more_directories_than_a_picture_has() -> None:
    offsets = range(1000, 1000 + 500 * 6, 6)
    data = bytearray(tiff({330: numbers(LONG, *offsets)}))
    data += struct.pack("<HL", 0, 0) * 2000
    assert len(directories(bytes(data))) <= 33


@given(
    head=st.sampled_from([b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"\xff\xd8\xff", b"GIF89a"]),
    tail=st.binary(max_size=600),
    media_type=st.sampled_from(
        ["image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff", "image/webp"]
    ),
)
def test_any_bytes_are_judged(head: bytes, tail: bytes, media_type: str) -> None:
    assert isinstance(directories(head + tail), list)
    try:
        check_structure(head + tail, media_type)
    except PictureError as error:
        assert error.remedy


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_second_scan_of_a_whole_picture_is_never_decoded(mode: str) -> None:
    """The check stops at the first scan of such a file, so the decoders must stop there too."""
    once, often = (repeated_scan(count, mode=mode) for count in (1, 1000))
    for min_side in (10, 5000):  # reduced, and whole: simplejpeg and Pillow
        reader = FileMediaReader(min_side=min_side)
        started = time.process_time()
        expected = reader.decode(once)
        one = time.process_time() - started
        try:
            assert np.array_equal(reader.decode(often).pixels, expected.pixels)
        except PictureError as error:
            assert "damaged" in error.message
        assert time.process_time() - started < 10 * one + 1.0
    check_structure(often, "image/jpeg")


def test_scans_of_single_colours_are_counted_in_every_kind_of_jpeg() -> None:
    data = bytearray(repeated_scan(300, (64, 64)))
    frame = data.index(b"\xff\xc0")
    assert data[frame + 9] == 3
    for marker in (0xC0, 0xC1, 0xC2, 0xC9):
        data[frame + 1] = marker
        at = data.index(b"\xff\xda")
        data[at + 4] = 1  # the first scan has but one of the three
        with pytest.raises(PictureError, match="more than 100 scans"):
            check_structure(bytes(data), "image/jpeg")
    data[at + 4] = 3
    for marker in (0xC2, 0xC9):  # progressive, and arithmetic coding
        data[frame + 1] = marker
        with pytest.raises(PictureError, match="more than 100 scans"):
            check_structure(bytes(data), "image/jpeg")
    for marker in (0xC0, 0xC1):
        data[frame + 1] = marker
        check_structure(bytes(data), "image/jpeg")


def test_a_scan_without_a_frame_is_counted() -> None:
    data = repeated_scan(300, (64, 64))
    frame, tables = data.index(b"\xff\xc0"), data.index(b"\xff\xc4")
    with pytest.raises(PictureError, match="more than 100 scans"):
        check_structure(data[:frame] + data[tables:], "image/jpeg")


def test_the_checks_cost_little() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (3000, 4000, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), "JPEG", quality=95)
    started = time.process_time()
    check_structure(data, "image/jpeg")
    assert time.process_time() - started < 0.25
    assert len(data) > 10_000_000
