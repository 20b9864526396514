"""Picture files become upright RGB pixels.

In: a file's bytes, taken as hostile. Out: a ``Picture``, or ``PictureError`` with the reason.
The steps, in order: recognise, check the size, decode, 8 bits, reduce, sRGB, flatten, turn.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from hybridsearch.adapters.media.colours import eight_bit, flatten_on_white, to_srgb
from hybridsearch.adapters.media.ifd import main_directory
from hybridsearch.adapters.media.packets import find_packets
from hybridsearch.errors import PictureError
from hybridsearch.ports import Picture

DEFAULT_MAX_PIXELS = 200_000_000
DEFAULT_MIN_SIDE = 768
"""Pixels; more than three times what CLIP looks at, so that reducing costs it nothing."""

_ORIENTATION = 0x0112
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


@dataclass(frozen=True, slots=True)
class _Format:
    """A format that is accepted: what its files begin with, and Pillow's class for it.

    The class is called instead of ``Image.open``, whose size limit is a global of Pillow's.
    """

    media_type: str
    reader: type[ImageFile]
    marks: tuple[bytes, ...]


_FORMATS = (
    _Format("image/jpeg", JpegImageFile, (b"\xff\xd8\xff",)),
    _Format("image/png", PngImageFile, (b"\x89PNG\r\n\x1a\n",)),
    _Format("image/webp", WebPImageFile, (b"RIFF",)),
    _Format("image/tiff", TiffImageFile, (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    _Format("image/gif", GifImageFile, (b"GIF87a", b"GIF89a")),
    _Format("image/bmp", BmpImageFile, (b"BM",)),
)

_BAD_DATA = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    Warning,
    struct.error,
    zlib.error,
)
"""What Pillow raises on damaged files; its plugins let the errors of their parsing through."""


def decode_picture(
    data: bytes, max_pixels: int = DEFAULT_MAX_PIXELS, min_side: int = DEFAULT_MIN_SIDE
) -> Picture:
    """Upright sRGB pixels of a picture file; of an animation or a document the first frame.

    Args:
        data: the whole file.
        max_pixels: pictures of more pixels are refused by their header, before decoding.
        min_side: larger pictures are reduced by a whole factor, as far as their shorter side
            stays at least this long.

    Raises:
        PictureError: not a picture of these formats, damaged, or too large to be safe.
    """
    accepted = _recognise(data)
    with _pillow_errors():
        image: Image.Image = accepted.reader(BytesIO(data))
    width, height = image.size
    _check_size(width, height, max_pixels)
    turn = None if accepted.media_type == "image/tiff" else _turn(data)  # Pillow turns TIFF itself
    with _pillow_errors():
        image.draft(None, (min_side, min_side))  # JPEG decodes at 1/2, 1/4, 1/8 of the size
        image.load()
        profile = image.info.get("icc_profile")
        image = _reduce(eight_bit(image), min_side)
        image = flatten_on_white(image, lambda colours: to_srgb(colours, profile))
        pixels = np.array(image if turn is None else image.transpose(turn), dtype=np.uint8)
    if turn is not None and turn in _SIDEWAYS:
        width, height = height, width
    return Picture(pixels, width, height, accepted.media_type)


_SIDEWAYS = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}


def _recognise(data: bytes) -> _Format:
    """The format by the file's first bytes; names and extensions are not believed."""
    for accepted in _FORMATS:
        if data.startswith(accepted.marks) and (data[:4] != b"RIFF" or data[8:12] == b"WEBP"):
            return accepted
    if not data:
        raise PictureError("The file is empty.", "Fetch or export the picture again.")
    raise PictureError(
        "The file is not a JPEG, PNG, WebP, TIFF, GIF or BMP picture.",
        "Convert it to one of these, or leave it out of the source.",
    )


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise PictureError(
            f"The picture has {width} x {height} pixels, more than the limit of {max_pixels}.",
            "Export a smaller copy, or raise the limit (max_pixels) if the file can be trusted.",
        )


def _turn(data: bytes) -> Image.Transpose | None:
    entry = main_directory(find_packets(data).exif).get(_ORIENTATION)
    return None if entry is None else _TURNS.get(entry.integer or 1)


def _reduce(image: Image.Image, min_side: int) -> Image.Image:
    factor = min(image.size) // min_side
    return image.reduce(factor) if factor > 1 else image


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
    except _BAD_DATA as error:
        reason = str(error) or type(error).__name__
        raise PictureError(
            f"The picture is damaged or incomplete ({reason}).",
            "Fetch or export it again; opening and saving it in an image editor may mend it.",
        ) from error
