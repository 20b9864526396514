"""Pixels as a file again, without loss and without a codec: a Windows bitmap.

In: upright RGB pixels. Out: a file's bytes, larger than the pixels by a header.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from hybridsearch.ports import Pixels


def bitmap_of(pixels: Pixels) -> bytes:
    """A file that ``decode_picture`` reads as the very same pixels, where it need not reduce."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "BMP")
    return buffer.getvalue()
