"""Picture files are recognised by their first bytes and opened: Pillow reads headers, no pixel.

In: a file's bytes, taken as hostile. Out: Pillow's image, not yet decoded, or ``PictureError``.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from hybridsearch.adapters.media.limits import check_structure
from hybridsearch.adapters.media.png import open_png
from hybridsearch.adapters.media.raw import RAW_MARKS, is_raw_tiff, open_preview
from hybridsearch.errors import PictureError

RAW_TYPE = "image/x-raw"
"""Of every camera's raw format; few have a media type of their own."""


def _heif(file: BytesIO) -> ImageFile:
    """HEIC needs a decoder that Pillow does not have."""
    try:
        from pi_heif import HeifImageFile, options
    except ImportError as error:
        raise PictureError(
            "It is a HEIC picture, and the decoder for it is missing.",
            "Install the heif extra (pip install 'hybridsearch[heif]'), or convert it to JPEG.",
        ) from error
    options.DECODE_THREADS = 1  # several files are read at once, each by a process of its own
    image: ImageFile = HeifImageFile(file)
    return image


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is accepted: what its files begin with, and what opens them.

    Pillow's class is called instead of ``Image.open``, whose size limit is a global of Pillow's.
    """

    media_type: str
    reader: Callable[[BytesIO], ImageFile]
    mark: re.Pattern[bytes]

    def open(self, data: bytes) -> ImageFile:
        """The picture with its headers read; raises what ``BAD_DATA`` lists.

        Raises:
            PictureError: the decoder is missing, or the file is built to be slow.
        """
        check_structure(data, self.media_type)
        return self.reader(BytesIO(data))


def _format(media_type: str, reader: Callable[[BytesIO], ImageFile], mark: bytes) -> Format:
    return Format(media_type, reader, re.compile(mark, re.DOTALL))


_RAW = _format(RAW_TYPE, open_preview, RAW_MARKS)
_FORMATS = (
    _RAW,
    _format("image/jpeg", JpegImageFile, rb"\xff\xd8\xff"),
    _format("image/png", open_png, rb"\x89PNG\r\n\x1a\n"),
    _format("image/webp", WebPImageFile, rb"RIFF....WEBP"),
    _format("image/tiff", TiffImageFile, rb"II[*+]\0|MM\0[*+]"),
    _format("image/gif", GifImageFile, rb"GIF8[79]a"),
    _format("image/bmp", BmpImageFile, rb"BM"),
    _format("image/avif", AvifImageFile, rb".{4}ftyp(?:avi[fs]|mi[af]1.{4}.{0,40}avi[fs])"),
    _format("image/heic", _heif, rb".{4}ftyp(?:he[iv][cxms]|m[is]f1)"),
)

_OTHERS = {
    "a PDF document": rb"%PDF",
    "a PostScript document": rb"%!PS|\xc5\xd0\xd3\xc6",
    "a video": rb".{4}ftyp|RIFF....AVI |\x1aE\xdf\xa3|\0\0\x01\xba|.{4}(?:moov|mdat|wide)",
    "a Photoshop document": rb"8BPS",
    "a JPEG 2000 picture": rb"\0\0\0\x0cjP  |\xffO\xffQ",
    "a JPEG XL picture": rb"\0\0\0\x0cJXL |\xff\x0a",
    "an SVG drawing": rb"\s*(?:<\?xml[^>]*>\s*)?<svg",
    "a web page": rb"\s*<(?:!doctype )?html",
    "a ZIP archive": rb"PK\x03\x04",
    "filled with zeros": rb"\0{16}",
}
_KINDS = {kind: re.compile(mark, re.DOTALL | re.IGNORECASE) for kind, mark in _OTHERS.items()}

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
    Image.DecompressionBombError,
    struct.error,
    zlib.error,
)
"""What Pillow raises on damaged files; its plugins let the errors of their parsing through."""


def recognise(data: bytes) -> Format:
    """The format by the file's first bytes; names and extensions are not believed.

    A raw file in TIFF is told from a TIFF only where ``data`` is the whole file.

    Raises:
        PictureError: empty, or none of the accepted formats.
    """
    for accepted in _FORMATS:
        if accepted.mark.match(data):
            raw = accepted.media_type == "image/tiff" and is_raw_tiff(data)
            return _RAW if raw else accepted
    if not data:
        raise PictureError("The file is empty.", "Fetch or export the picture again.")
    kind = next((kind for kind, mark in _KINDS.items() if mark.match(data)), None)
    raise PictureError(
        f"The file is {kind or 'no picture of a known format'}.",
        "Convert it to JPEG, PNG, WebP, TIFF, GIF, BMP, AVIF or HEIC, or leave it out.",
    )
