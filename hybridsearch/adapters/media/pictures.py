"""Picture files become upright RGB pixels.

In: a file's bytes, taken as hostile. Out: a ``Picture``, or ``PictureError`` with the reason.
The steps, in order: recognise, check the size, decode, 8 bits, reduce, sRGB, flatten, turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from PIL import ExifTags, Image

from hybridsearch.adapters.media.colours import eight_bit, flatten_on_white, to_srgb
from hybridsearch.adapters.media.files import BAD_DATA, recognise
from hybridsearch.adapters.media.raw import ORIENTATION_KEY, SIZE_KEY
from hybridsearch.adapters.media.scaled import scaled_jpeg
from hybridsearch.errors import PictureError
from hybridsearch.ports import Picture, Pixels

DEFAULT_MAX_PIXELS = 200_000_000
DEFAULT_MIN_SIDE = 768
"""Pixels; more than three times what CLIP looks at, so that reducing costs it nothing."""

_RGB = 3
"""Dimensions of an array of colours; a grey picture has two."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by EXIF orientation (Exif 3.0, 4.6.5.1.6)."""


def decode_picture(
    data: bytes,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    min_side: int = DEFAULT_MIN_SIDE,
    min_longer_side: int = 1,
) -> Picture:
    """Upright sRGB pixels of a picture file; of an animation or a document the first frame.

    Args:
        data: the whole file.
        max_pixels: pictures of more pixels are refused by their header, before decoding.
        min_side: larger pictures are reduced by a whole factor, as far as their shorter side
            stays at least this long,
        min_longer_side: and their longer side at least that long.

    Raises:
        PictureError: not a picture of these formats, damaged, or too large to be safe.
    """
    accepted = recognise(data)
    with _pillow_errors():
        image: Image.Image = accepted.open(data)
    width, height = image.info.get(SIZE_KEY, image.size)
    _check_size(*image.size, max_pixels)
    factor = max(1, min(min(image.size) // min_side, max(image.size) // min_longer_side))
    least = image.width // factor, image.height // factor
    with _pillow_errors():
        quick = scaled_jpeg(data, image, min_side, min_longer_side)
        if quick is None:
            image.draft(None, least)  # JPEG decodes at 1/2, 1/4, 1/8 of the size
            image.load()
        turn = _turn(image)
        profile = image.info.get("icc_profile")
        if quick is not None and turn is None and _is_ready(quick, profile, least):
            pixels = quick
        else:
            image = image if quick is None else Image.fromarray(quick)
            image = _reduce(eight_bit(image), least)
            image = flatten_on_white(image, lambda colours: to_srgb(colours, profile))
            pixels = np.array(image if turn is None else image.transpose(turn), dtype=np.uint8)
    if turn is not None and turn in _SIDEWAYS:
        width, height = height, width
    return Picture(pixels, width, height, accepted.media_type)


_SIDEWAYS = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise PictureError(
            f"The picture has {width} x {height} pixels, more than the limit of {max_pixels}.",
            "Export a smaller copy, or raise the limit (max_pixels) if the file can be trusted.",
        )


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What is left to be done; Pillow has turned TIFF itself, and says so here.

    ``ImageOps.exif_transpose`` would turn pixels that are yet to be reduced, and write the EXIF
    block anew, which a damaged one does not survive.
    """
    with suppress(*BAD_DATA):
        otherwise = image.info.get(ORIENTATION_KEY, 1)
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, otherwise))
    return None


def _is_ready(pixels: Pixels, profile: object, least: tuple[int, int]) -> bool:
    """Whether nothing is left to be done: RGB without a profile, too small to be reduced."""
    height, width = pixels.shape[:2]
    return pixels.ndim == _RGB and not profile and _factor(width, height, least) == 1


def _reduce(image: Image.Image, least: tuple[int, int]) -> Image.Image:
    factor = _factor(image.width, image.height, least)
    return image.reduce(factor) if factor > 1 else image


def _factor(width: int, height: int, least: tuple[int, int]) -> int:
    """The whole number by which both sides can be divided without falling below ``least``."""
    return max(1, min(width // max(1, least[0]), height // max(1, least[1])))


@contextmanager
def _pillow_errors() -> Iterator[None]:
    """The one place where Pillow's errors become ours."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(
            f"The picture is too large to be decoded safely ({error}).", "Export a smaller copy."
        ) from error
    except MemoryError as error:
        raise PictureError(
            "There is not enough memory to decode the picture.",
            "Export a smaller copy, or lower the limit (max_pixels).",
        ) from error
    except BAD_DATA as error:
        reason = str(error) or type(error).__name__
        raise PictureError(
            f"The picture is damaged or incomplete ({reason}).",
            "Fetch or export it again; opening and saving it in an image editor may mend it.",
        ) from error
