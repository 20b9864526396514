"""Picture files of every accepted kind, and of every kind that must be refused."""

from __future__ import annotations

import random
import struct
import threading
import tracemalloc
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.pictures import _pillow_errors, decode_picture
from hybridsearch.errors import ConfigError, PictureError
from hybridsearch.ports import Pixels

FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
    "BMP": "image/bmp",
}
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 40), (20, 30, 200), (255, 255, 255)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corners() -> Image.Image:
    """A picture that looks different in each of the eight orientations."""
    image = Image.new("RGB", (64, 32), WHITE)
    image.paste(RED, (0, 0, 32, 16))
    image.paste(GREEN, (32, 0, 64, 16))
    image.paste(BLUE, (0, 16, 32, 32))
    return image


def at(pixels: Pixels, row: float, column: float) -> list[int]:
    """The colour at a place given in shares of height and width."""
    height, width = pixels.shape[:2]
    return [int(value) for value in pixels[int(row * height), int(column * width)]]


def close(colour: list[int], expected: tuple[int, ...], tolerance: int = 12) -> bool:
    return max(abs(one - other) for one, other in zip(colour, expected, strict=True)) <= tolerance


def png(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever its pixels are."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_rgb_and_its_media_type(kind: str) -> None:
    picture = FileMediaReader().decode(saved(corners(), kind))
    assert (picture.width, picture.height, picture.media_type) == (64, 32, FORMATS[kind])
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape == (32, 64, 3)
    assert picture.pixels.flags.c_contiguous and picture.pixels.flags.writeable
    for row, column, colour in [(0.2, 0.2, RED), (0.2, 0.8, GREEN), (0.8, 0.2, BLUE)]:
        assert close(at(picture.pixels, row, column), colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_pixels_and_size(kind: str, orientation: int) -> None:
    """The stored picture is the upright one turned by the inverse of what EXIF says."""
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = corners() if turned is None else corners().transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = FileMediaReader().decode(saved(stored, kind, exif=exif.tobytes()))
    assert (picture.width, picture.height) == (64, 32)
    assert picture.pixels.shape == (32, 64, 3)
    for row, column, colour in [
        (0.25, 0.25, RED),
        (0.25, 0.75, GREEN),
        (0.75, 0.25, BLUE),
        (0.75, 0.75, WHITE),
    ]:
        assert close(at(picture.pixels, row, column), colour)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = FileMediaReader().decode(saved(corners(), "JPEG", exif=exif))
    assert close(at(picture.pixels, 0.2, 0.2), RED)


def ramp(dtype: npt.DTypeLike, top: float) -> npt.NDArray[Any]:
    return np.linspace(0, top, 256).reshape(16, 16).astype(dtype)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (Image.fromarray(ramp(np.uint16, 65535)), "PNG"),
        (Image.fromarray(ramp(np.uint16, 65535)), "TIFF"),
        (Image.fromarray(ramp(np.int32, 65535)), "TIFF"),
        (Image.fromarray(ramp(np.int32, 2**31 - 1)), "TIFF"),
        (Image.fromarray(ramp(np.float32, 1.0)), "TIFF"),
        (Image.fromarray(ramp(np.float32, 255.0)), "TIFF"),
        (Image.fromarray(ramp(np.uint8, 255)), "PNG"),
    ],
    ids=["png16", "tiff16", "int32", "int32-full", "unit-float", "float", "8"],
)
def test_wide_greys_are_scaled_not_clipped(image: Image.Image, kind: str) -> None:
    pixels = FileMediaReader().decode(saved(image, kind)).pixels
    expected = np.arange(256).reshape(16, 16)
    assert np.abs(pixels[:, :, 0].astype(int) - expected).max() <= 1
    assert np.array_equal(pixels[:, :, 0], pixels[:, :, 2])


def test_floats_that_are_no_numbers_are_black() -> None:
    values = np.full((4, 4), 0.5, dtype=np.float32)
    values[0, 0], values[0, 1] = np.nan, np.inf
    pixels = FileMediaReader().decode(saved(Image.fromarray(values), "TIFF")).pixels
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[2, 2].tolist() == [128, 128, 128]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("1", "TIFF"),
        ("L", "JPEG"),
        ("P", "GIF"),
        ("P", "PNG"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("YCbCr", "TIFF"),
        ("LAB", "TIFF"),
    ],
)
@pytest.mark.parametrize("colour", ["black", "white"])
def test_every_mode_shows_black_and_white_as_they_are(mode: str, kind: str, colour: str) -> None:
    lab = {"black": (0, 128, 128), "white": (255, 128, 128)}
    image = (
        Image.new("LAB", (16, 16), lab[colour])
        if mode == "LAB"
        else Image.new("RGB", (16, 16), colour).convert(mode)
    )
    pixels = FileMediaReader().decode(saved(image, kind)).pixels
    assert pixels.shape == (16, 16, 3)
    level = 0 if colour == "black" else 255
    assert close(at(pixels, 0.5, 0.5), (level, level, level), tolerance=3)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_keeps_its_hues(kind: str) -> None:
    pixels = FileMediaReader().decode(saved(corners().convert("CMYK"), kind)).pixels
    red = at(pixels, 0.2, 0.2)
    assert red[0] > 150 > 80 > max(red[1:])


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        (Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG", {}),
        (Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "WEBP", {"lossless": True, "exact": True}),
        (Image.new("LA", (8, 8), (0, 0)), "PNG", {}),
        (Image.new("P", (8, 8), 0), "PNG", {"transparency": 0}),
        (Image.new("P", (8, 8), 0), "GIF", {"transparency": 0}),
        (Image.new("L", (8, 8), 7), "PNG", {"transparency": 7}),
        (Image.new("RGB", (8, 8), (1, 2, 3)), "PNG", {"transparency": (1, 2, 3)}),
        (Image.new("1", (8, 8), 0), "PNG", {"transparency": 0}),
    ],
    ids=["rgba", "webp", "la", "palette", "gif", "grey-key", "rgb-key", "bit-key"],
)
def test_transparent_parts_are_shown_on_white(
    image: Image.Image, kind: str, options: dict[str, Any]
) -> None:
    pixels = FileMediaReader().decode(saved(image, kind, **options)).pixels
    assert pixels.min() == 255


def test_half_transparent_parts_are_mixed_with_white() -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    pixels = FileMediaReader().decode(saved(image, "PNG")).pixels
    assert pixels[0, 0].tolist() == [127, 127, 127]


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert close(at(FileMediaReader().decode(data).pixels, 0.5, 0.5), RED)


def swapped_profile() -> bytes:
    """An sRGB profile whose red and green primaries are exchanged, and whose name says so."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = (profile.index(tag, 128) + 4 for tag in (b"rXYZ", b"gXYZ"))
    profile[red : red + 8], profile[green : green + 8] = (
        profile[green : green + 8],
        profile[red : red + 8],
    )
    for encoding in ("ascii", "utf-16-be"):
        at_name = profile.find("sRGB".encode(encoding), 128)
        if at_name >= 0:
            profile[at_name : at_name + len("swap".encode(encoding))] = "swap".encode(encoding)
    return bytes(profile)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_an_embedded_profile_is_converted_to_srgb(kind: str) -> None:
    image = Image.new("RGB", (16, 16), (200, 20, 20))
    pixels = FileMediaReader().decode(saved(image, kind, icc_profile=swapped_profile())).pixels
    assert close(at(pixels, 0.5, 0.5), (20, 200, 20))


def test_a_profile_keeps_alpha() -> None:
    image = Image.new("RGBA", (16, 16), (200, 20, 20, 255))
    image.paste((0, 0, 0, 0), (0, 0, 8, 16))
    pixels = FileMediaReader().decode(saved(image, "PNG", icc_profile=swapped_profile())).pixels
    assert close(at(pixels, 0.5, 0.9), (20, 200, 20))
    assert at(pixels, 0.5, 0.1) == [255, 255, 255]


@pytest.mark.parametrize("profile", [b"", b"nonsense" * 50, swapped_profile()[:200]])
def test_a_profile_that_does_not_fit_or_is_damaged_is_ignored(profile: bytes) -> None:
    image = Image.new("RGB", (16, 16), RED)
    data = saved(image, "JPEG", icc_profile=profile, quality=95)
    assert close(at(FileMediaReader().decode(data).pixels, 0.5, 0.5), RED)
    grey = saved(Image.new("L", (16, 16), 100), "PNG", icc_profile=swapped_profile())
    assert at(FileMediaReader().decode(grey).pixels, 0.5, 0.5) == [100, 100, 100]


def test_an_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, marked = saved(corners(), "PNG"), saved(corners(), "PNG", icc_profile=profile)
    reader = FileMediaReader()
    assert np.array_equal(reader.decode(plain).pixels, reader.decode(marked).pixels)


@pytest.mark.parametrize(
    ("kind", "size", "shape"),
    [
        ("PNG", (3300, 2200), (1100, 1650)),
        ("JPEG", (3300, 2200), (825, 1238)),  # three eighths
        ("JPEG", (2200, 3300), (1238, 825)),
        ("PNG", (4096, 3072), (768, 1024)),
        ("JPEG", (4096, 3072), (768, 1024)),
        ("PNG", (1535, 1535), (1535, 1535)),
        ("JPEG", (1535, 1535), (1535, 1535)),
        ("PNG", (6000, 100), (100, 6000)),
        ("JPEG", (6000, 100), (100, 6000)),
    ],
)
def test_large_pictures_are_reduced_but_keep_their_size_on_record(
    kind: str, size: tuple[int, int], shape: tuple[int, int]
) -> None:
    image = Image.new("RGB", size, WHITE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    picture = FileMediaReader(min_side=768).decode(saved(image, kind))
    assert (picture.width, picture.height) == size
    assert picture.pixels.shape == (*shape, 3)
    assert close(at(picture.pixels, 0.5, 0.25), RED)
    assert close(at(picture.pixels, 0.5, 0.75), WHITE)


@pytest.mark.parametrize("size", [(800, 640), (2100, 1500), (5000, 4400)])
def test_pixels_that_need_no_further_work_are_those_that_went_through_it(
    size: tuple[int, int],
) -> None:
    coarse = np.random.default_rng(3).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, tagged = (
        decode_picture(saved(image, "JPEG", quality=90, **options), min_side=300)
        for options in ({}, {"icc_profile": profile})
    )
    assert plain.pixels.shape == tagged.pixels.shape
    assert min(plain.pixels.shape[:2]) < 2 * 300
    assert np.array_equal(plain.pixels, tagged.pixels)
    assert plain.pixels.flags.c_contiguous and plain.pixels.flags.writeable


def test_orientation_and_reduction_go_together() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = FileMediaReader(min_side=100).decode(
        saved(Image.new("RGB", (800, 400), RED), "JPEG", exif=exif)
    )
    assert (picture.width, picture.height) == (400, 800)
    assert picture.pixels.shape == (200, 100, 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
@pytest.mark.parametrize("kind", FORMATS)
def test_the_smallest_and_the_narrowest(kind: str, size: tuple[int, int]) -> None:
    picture = FileMediaReader().decode(saved(Image.new("RGB", size, RED), kind))
    assert picture.pixels.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("kind", FORMATS)
def test_truncation_anywhere_is_a_picture_error_or_a_picture(kind: str) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind)
    reader = FileMediaReader()
    refused = 0
    for cut in range(0, len(data), max(1, len(data) // 150)):
        try:
            reader.decode(data[:cut])
        except PictureError as error:
            refused += 1
            assert error.message and error.remedy
    assert refused > 100


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", FORMATS)
def test_damage_anywhere_is_a_picture_error_or_a_picture(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "caption"
    options = {"exif": exif.tobytes()} if kind in ("JPEG", "PNG", "WEBP") else {}
    data = saved(corners(), kind, **options)
    chance = random.Random(11)
    reader = FileMediaReader(max_pixels=1_000_000)
    for _ in range(200):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            pixels = reader.decode(bytes(damaged)).pixels
            assert pixels.ndim == 3 and pixels.shape[2] == 3
        except PictureError as error:
            assert error.remedy


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript document"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "a video"),
        (b"<!DOCTYPE html><title>Not found</title>", "a web page"),
        (b"PK\3\4", "a ZIP archive"),
        (b"\0" * 64, "filled with zeros"),
        (b"hello", "no picture of a known format"),
        (b"\xff\xd8\xff", "damaged or incomplete"),
        (png(4, 4), "damaged or incomplete"),
        (png(0, 4), "."),
    ],
)
def test_what_is_no_picture_is_refused_with_reason_and_remedy(data: bytes, message: str) -> None:
    with pytest.raises(PictureError, match=message) as caught:
        FileMediaReader().decode(data)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "data",
    [
        png(60_000, 60_000),
        saved(Image.new("RGB", (1, 1)), "BMP").replace(
            struct.pack("<ii", 1, 1), struct.pack("<ii", 60_000, 60_000)
        ),
        b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + bytes.fromhex("80000000000000000000")
        + b"," + bytes(4) + struct.pack("<HH", 60_000, 60_000) + b"\0\x02\x02\x44\x01\0;",
    ],
    ids=["png", "bmp", "gif"],
)  # fmt: skip
def test_a_decompression_bomb_is_refused_by_its_header(data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(PictureError, match="60000 x 60000"):
            FileMediaReader().decode(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_limit_is_ours_and_pillows_own_stays_as_it_was() -> None:
    before = Image.MAX_IMAGE_PIXELS
    data = saved(Image.new("1", (20_000, 9_500)), "PNG")  # 190 million, above Pillow's limit
    assert FileMediaReader(min_side=64).decode(data).width == 20_000
    with pytest.raises(PictureError, match="more than the limit of 1000") as caught:
        FileMediaReader(max_pixels=1000).decode(saved(corners(), "PNG"))
    assert "max_pixels" in caught.value.remedy
    assert before == Image.MAX_IMAGE_PIXELS


def test_lack_of_memory_has_a_reason_of_its_own() -> None:
    with pytest.raises(PictureError, match="not enough memory"), _pillow_errors():
        raise MemoryError


def test_threads_may_share_a_reader() -> None:
    reader = FileMediaReader()
    data = saved(corners(), "JPEG", icc_profile=swapped_profile())
    expected = decode_picture(data).pixels
    wrong: list[int] = []

    def work(number: int) -> None:
        same = [np.array_equal(reader.decode(data).pixels, expected) for _ in range(20)]
        if not all(same):
            wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("limits", [{"max_pixels": 0}, {"min_side": 0}])
def test_limits_below_one_are_a_configuration_error(limits: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        FileMediaReader(**limits)  # type: ignore[arg-type]
