"""JPEG decoded at the smallest eighth of its size that is large enough.

In: a file's bytes, and its headers as Pillow has read and the caller has checked them: the library
has no limit of its own. Out: pixels, or None where Pillow is to decode it. Pillow halves,
quarters and eighths; three eighths lie between, and the pixels need not be copied from Pillow's
memory to numpy's. What is left is the entropy decoding, which no scale shortens: at an eighth it is
nearly all of the time.
"""

from __future__ import annotations

import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from hybridsearch.ports import Pixels

_COLOURS = {"RGB": "RGB", "L": "GRAY"}
"""What a JPEG of Pillow's mode is decoded to; ink colours (CMYK) are left to Pillow."""

_HALF = 2
"""The least reduction: seven eighths take longer to decode than the whole."""


def scaled_jpeg(data: bytes, headers: Image.Image, shorter: int, longer: int) -> Pixels | None:
    """The picture with at least ``shorter`` and ``longer`` pixels a side, half or less of its own.

    (height, width, 3), or (height, width) of a grey one; not yet upright, in the file's colours.

    None where half would be too small, where the file is no JPEG or of other colours, and where
    it is not whole: Pillow then tells the reason, or makes of it what can be made.
    """
    if not isinstance(headers, JpegImageFile) or headers.mode not in _COLOURS:
        return None
    if min(headers.size) < _HALF * shorter or max(headers.size) < _HALF * longer:
        return None
    lying = headers.width >= headers.height
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(
            data,
            _COLOURS[headers.mode],
            min_height=shorter if lying else longer,
            min_width=longer if lying else shorter,
            min_factor=_HALF,
        )
    except ValueError:
        return None
    return pixels[:, :, 0] if headers.mode == "L" else pixels
