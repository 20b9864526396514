"""Picture files are recognised by their first bytes and opened: Pillow reads headers, no pixel.

In: a file's bytes, taken as hostile. Out: Pillow's image, not yet decoded, or ``PictureError``.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from hybridsearch.errors import PictureError


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is accepted: what its files begin with, and Pillow's class for it.

    The class is called instead of ``Image.open``, whose size limit is a global of Pillow's.
    """

    media_type: str
    reader: type[ImageFile]
    marks: tuple[bytes, ...]

    def open(self, data: bytes) -> ImageFile:
        """The picture with its headers read; raises what ``BAD_DATA`` lists."""
        return self.reader(BytesIO(data))


_FORMATS = (
    Format("image/jpeg", JpegImageFile, (b"\xff\xd8\xff",)),
    Format("image/png", PngImageFile, (b"\x89PNG\r\n\x1a\n",)),
    Format("image/webp", WebPImageFile, (b"RIFF",)),
    Format("image/tiff", TiffImageFile, (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    Format("image/gif", GifImageFile, (b"GIF87a", b"GIF89a")),
    Format("image/bmp", BmpImageFile, (b"BM",)),
)

BAD_DATA = (
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


def recognise(data: bytes) -> Format:
    """The format by the file's first bytes; names and extensions are not believed.

    Raises:
        PictureError: empty, or none of the accepted formats.
    """
    for accepted in _FORMATS:
        if data.startswith(accepted.marks) and (data[:4] != b"RIFF" or data[8:12] == b"WEBP"):
            return accepted
    if not data:
        raise PictureError("The file is empty.", "Fetch or export the picture again.")
    raise PictureError(
        "The file is not a JPEG, PNG, WebP, TIFF, GIF or BMP picture.",
        "Convert it to one of these, or leave it out of the source.",
    )
