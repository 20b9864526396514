"""Picture files as small pictures for a page.

In: a file, taken as hostile. Out: an image no longer than a side, or its bytes.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from hybridsearch.adapters.media.pictures import decode_picture
from hybridsearch.errors import PictureError


def small_picture(path: Path, side: int) -> Image.Image:
    """The picture upright, its longer side at most ``side`` pixels; never enlarged.

    Raises:
        PictureError: no such file, or it cannot be decoded safely.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(
            f"The picture {path} cannot be read: {error.strerror or error}.", "Check the path."
        ) from error
    image = Image.fromarray(decode_picture(data, min_side=side).pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def encoded(image: Image.Image, kind: str, quality: int) -> bytes:
    """The image as WEBP or JPEG, without metadata."""
    stream = BytesIO()
    image.save(stream, kind, quality=quality)
    return stream.getvalue()
