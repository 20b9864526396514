"""Formats that need a decoder of their own; depths and profiles that are easy to lose."""

from __future__ import annotations

import builtins
import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eval.fuzz.raw_files import SHORT, directory, dng, numbers, text
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.domain.asset import Provenance
from hybridsearch.errors import PictureError
from tests.profiles import cmyk_profile

RED, BLUE = (220, 30, 30), (20, 30, 200)


def red_over_blue(size: tuple[int, int] = (64, 32)) -> Image.Image:
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image


def heic(image: Image.Image, **options: Any) -> bytes:
    writer = pytest.importorskip("pillow_heif", reason="pillow-heif writes this test's pictures")
    pytest.importorskip("pi_heif", reason="the extra heif is not installed")
    buffer = BytesIO()
    writer.from_pillow(image).save(buffer, quality=95, **options)
    return buffer.getvalue()


def avif(image: Image.Image, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "AVIF", quality=95, **options)
    return buffer.getvalue()


def near(pixel: np.ndarray[Any, Any], colour: tuple[int, int, int], tolerance: int = 12) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= tolerance)


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112], block[0x010E] = orientation, "Fire at Melamin"  # Pillow writes ASCII
    return block.tobytes()


@pytest.mark.parametrize(("write", "media_type"), [(heic, "image/heic"), (avif, "image/avif")])
def test_heic_and_avif_with_orientation_and_metadata(
    write: Callable[..., bytes], media_type: str
) -> None:
    reader = FileMediaReader()
    plain = write(red_over_blue())
    assert reader.recognise(plain[:64]) == media_type
    picture = reader.decode(plain)
    assert (picture.width, picture.height, picture.media_type) == (64, 32, media_type)
    assert near(picture.pixels[4, 4], RED) and near(picture.pixels[-4, 4], BLUE)
    turned = write(red_over_blue().transpose(Image.Transpose.ROTATE_90), exif=exif(6))
    picture = reader.decode(turned)
    assert picture.pixels.shape == (32, 64, 3)
    assert near(picture.pixels[4, 4], RED) and near(picture.pixels[-4, 4], BLUE)
    assert reader.metadata(turned)[Provenance.EXIF]["caption"] == "Fire at Melamin"


@pytest.mark.parametrize("write", [heic, avif])
def test_truncated_heic_and_avif_are_picture_errors(write: Callable[..., bytes]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    data = write(Image.fromarray(noise))
    reader = FileMediaReader()
    refused = 0
    for cut in range(12, len(data), max(1, len(data) // 60)):
        reader.metadata(data[:cut])
        try:
            reader.decode(data[:cut])
        except PictureError as error:
            refused += 1
            assert error.remedy
    assert refused > 30


@pytest.mark.parametrize(
    ("data", "package", "extra"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "pi_heif", "heif"),
        (dng(red_over_blue()), "rawpy", "raw"),
    ],
    ids=["heic", "raw"],
)
def test_a_missing_extra_is_named(
    data: bytes, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(PictureError) as caught:
        FileMediaReader().decode(data)
    assert f"hybridsearch[{extra}]" in caught.value.remedy
    assert isinstance(FileMediaReader().metadata(data), dict)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_raw_file_is_seen_through_its_preview(orientation: int) -> None:
    pytest.importorskip("rawpy", reason="the extra raw is not installed")
    turn = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}
    turn |= {8: Image.Transpose.ROTATE_270}
    upright = red_over_blue((320, 200))
    lying = upright.transpose(turn[orientation]) if orientation in turn else upright
    picture = FileMediaReader().decode(dng(lying, orientation))
    assert picture.media_type == "image/x-raw"
    assert (picture.width, picture.height) == (640, 400)
    assert picture.pixels.shape == (200, 320, 3)
    assert near(picture.pixels[9, 9], RED) and near(picture.pixels[-9, 9], BLUE)


def test_a_raw_files_metadata_are_those_around_the_preview() -> None:
    packet = b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
    packet += b'xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Ptuj"/></r:RDF>'
    tags = {270: text("Požar"), 700: (1, packet, len(packet))}
    tags |= {33723: (7, b"\x1c\x02\x5a\x00\x05Celje", 10)}
    readings = FileMediaReader().metadata(dng(red_over_blue(), tags=tags))
    assert readings == {
        Provenance.XMP: {"city": "Ptuj"},
        Provenance.IPTC: {"city": "Celje"},
        Provenance.EXIF: {"caption": "Požar"},
    }


@pytest.mark.parametrize("head", [b"FUJIFILMCCD-RAW 0201", b"IIU\0\x18\0\0\0", b"IIRO\x08\0\0\0"])
def test_raw_files_without_a_preview_are_refused(head: bytes) -> None:
    pytest.importorskip("rawpy", reason="the extra raw is not installed")
    with pytest.raises(PictureError, match="no preview"):
        FileMediaReader().decode(head + b"\0" * 5000)
    assert FileMediaReader().metadata(head + b"\0" * 5000) == {}


def sixteen_bit_tiff(values: np.ndarray[Any, Any]) -> bytes:
    """Uncompressed RGB of 16 bits, which Pillow reads but does not write."""
    height, width = values.shape[:2]
    pixels = values.astype("<u2").tobytes()
    tags = {
        256: numbers(SHORT, width),
        257: numbers(SHORT, height),
        258: numbers(SHORT, 16, 16, 16),
        259: numbers(SHORT, 1),
        262: numbers(SHORT, 2),
        273: numbers(SHORT, 8),
        277: numbers(SHORT, 3),
        278: numbers(SHORT, height),
        279: numbers(4, len(pixels)),
    }
    at = 8 + len(pixels)
    return b"II*\0" + struct.pack("<L", at) + pixels + directory(tags, at)


def test_sixteen_bits_a_channel_are_scaled() -> None:
    ramp = np.linspace(0, 65535, 256).reshape(16, 16)
    values = np.stack([ramp, ramp[::-1], np.full_like(ramp, 32768)], axis=2)
    pixels = FileMediaReader().decode(sixteen_bit_tiff(values)).pixels
    assert np.abs(pixels.astype(int) - values / 257).max() <= 1


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_printers_profile_decides_what_its_inks_look_like(kind: str) -> None:
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    seen = []
    for exchanged in (False, True):
        buffer = BytesIO()
        options = {"quality": 95} if kind == "JPEG" else {}
        cyan.save(buffer, kind, icc_profile=cmyk_profile(exchanged), **options)
        seen.append(FileMediaReader().decode(buffer.getvalue()).pixels[8, 8].astype(int))
    as_cyan, as_magenta = seen
    assert as_cyan[2] > as_cyan[0] + 80
    assert as_magenta[0] > as_magenta[1] + 80


@pytest.mark.parametrize(("write", "lossless"), [(avif, False), (heic, False)])
def test_transparency_in_heic_and_avif_is_shown_on_white(
    write: Callable[..., bytes], lossless: bool
) -> None:
    image = Image.new("RGBA", (64, 64), (*RED, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 64))
    pixels = FileMediaReader().decode(write(image)).pixels
    assert near(pixels[32, 8], (255, 255, 255), 6) and near(pixels[32, 56], RED)


def test_a_heic_item_of_an_unreadable_type_is_refused_before_the_decoder_sees_it() -> None:
    """The decoder's binding ends the whole process over it."""
    data = heic(red_over_blue(), exif=exif(1))
    damaged = data.replace(b"\0\0Exif\0", b"\0\0Exi\xe6\0", 1)
    assert damaged != data
    with pytest.raises(PictureError, match="unreadable"):
        FileMediaReader().decode(damaged)
    assert FileMediaReader().metadata(damaged) == {}
