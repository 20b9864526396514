"""Files that would keep a decoder busy for minutes, or end it, are refused by their structure.

In: a file's bytes. Out: nothing, or ``PictureError``. Pillow bounds the memory that a file may
claim; here the time is bounded that it may cost: parts by the million, passes over the pixels by
the hundred, decoders that are written in Python. No picture of an archive comes near the limits.
What gets through all the same, the time limit of the process that decodes ends.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from typing import NoReturn

from hybridsearch.adapters.media.tiff import Directory, directories
from hybridsearch.errors import PictureError

_JPEG_SEGMENTS = 4_096
"""Before the pixels; 64 KB each, so 256 MB of metadata."""

_JPEG_EXIF = 100
"""Segments of EXIF, which Pillow joins one by one; usual are one, or two."""

_JPEG_SCANS = 100
"""Passes over the pixels; a progressive picture has about ten."""

_PNG_CHUNKS = 500_000
"""512 MiB of pixels in chunks of 8 KB, as writers make them, are 65,000."""

_GIF_BLOCKS = 20_000
"""Before the first frame."""

_TIFF_VALUES = 1_000_000
"""Of one tag. 200 megapixels in tiles of 16 x 16 pixels are 800,000."""

_TIFF_FRACTIONS = 10_000
"""Of one tag; each becomes an object of Python."""

_TIFF_TEXT = 16 * 2**20
"""Bytes of one text that is read."""

_TIFF_OVERLAP = 4
"""How many times the file the compressed parts may claim together."""

_BMP_RUNS = 8 * 2**20
"""Bytes of a run-length encoded BMP, which Pillow decodes in Python."""

_HEIC_ITEM = 4_096
"""Bytes of an item's entry; usual are twenty."""

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SEQUENTIAL = (0xC0, 0xC1)
"""Markers of frames that need no second pass, Huffman coded."""

_NO_FRAMES = (0xC4, 0xC8, 0xCC)
"""Among the markers of frames those of tables, and one that is reserved."""

_FRAME_HEAD, _SCAN_HEAD = 9, 3
_STRIP_BYTES, _TILE_BYTES = 279, 325
_TEXTS, _FRACTIONS = (1, 2, 6, 7), (5, 10)
_READ_TEXTS = frozenset({270, 315, 33432, 36867, 36881})
"""Texts that are decoded whole: description, artist, copyright, dates."""


def check_structure(data: bytes, media_type: str) -> None:
    """Refuse what would take too long.

    Raises:
        PictureError: it has more parts than a picture has.
    """
    check = _CHECKS.get(media_type)
    if check is not None:
        check(data)


def _refuse(what: str) -> NoReturn:
    raise PictureError(
        f"The file is built to be slow: it has {what}.",
        "Export it again; an image editor that opens it will write it as usual.",
    )


def _check_jpeg(data: bytes) -> None:
    """Follows the markers as libjpeg does, to the pixels, and beyond them where it passes them
    more than once.
    """
    at, segments, scans, exif = 2, 0, 0, 0
    frame = b""
    while found := _NEXT_MARKER.search(data, at):
        at = found.end()
        marker = data[at - 1]
        if marker == 0xD9:
            return
        if marker == 0xDA and not scans and _is_one_pass(frame, data[at : at + 3]):
            return
        scans += marker == 0xDA
        segments += 1
        if segments - scans > _JPEG_SEGMENTS:
            _refuse(f"more than {_JPEG_SEGMENTS:,} segments")
        if scans > _JPEG_SCANS:
            _refuse(f"more than {_JPEG_SCANS} scans")
        exif += marker == 0xE1 and data[at + 2 : at + 8] == b"Exif\0\0"
        if exif > _JPEG_EXIF:
            _refuse(f"more than {_JPEG_EXIF} segments of EXIF")
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES and not frame:
            frame = data[at - 1 : at + 8]
        at += int.from_bytes(data[at : at + 2], "big") if marker not in (0x01, 0xD8) else 0


def _is_one_pass(frame: bytes, scan: bytes) -> bool:
    """Whether the pixels are all in the first scan: libjpeg then decodes while it reads and makes
    a second scan an error (``has_multiple_scans`` in its jdinput.c), so a camera's file need not
    be searched through.

    Args:
        frame: the frame header from its marker on, to the number of components; empty without.
        scan: the scan header's length and number of components.
    """
    if len(frame) < _FRAME_HEAD or len(scan) < _SCAN_HEAD:
        return False
    return frame[0] in _SEQUENTIAL and scan[-1] >= frame[-1]


def _check_png(data: bytes) -> None:
    at = 8
    for _ in range(_PNG_CHUNKS):
        if at + 8 > len(data) or data[at + 4 : at + 8] == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    _refuse(f"more than {_PNG_CHUNKS:,} chunks")


def _check_gif(data: bytes) -> None:
    flags = data[10] if len(data) > 10 else 0
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    inside = False
    for _ in range(_GIF_BLOCKS):
        if not inside and data[at : at + 1] != b"!":
            return
        at += 0 if inside else 2
        size = int.from_bytes(data[at : at + 1], "big")
        at += 1 + size
        inside = size > 0
    _refuse(f"more than {_GIF_BLOCKS:,} blocks before its first frame")


def _check_bmp(data: bytes) -> None:
    try:
        compression = struct.unpack_from("<L", data, 30)[0]
    except struct.error:
        return
    if compression in (1, 2) and len(data) > _BMP_RUNS:
        _refuse(f"more than {_BMP_RUNS / 2**20:.0f} MiB of run-length encoded pixels")


def _check_tiff(data: bytes) -> None:
    for directory in directories(data):
        for tag, value in directory.items():
            if value.count > _limit_of(tag, value.kind):
                _refuse(f"{value.count:,} values in the tag {tag}")
        _check_parts(directory, len(data))


def _limit_of(tag: int, kind: int) -> float:
    if kind in _FRACTIONS:
        return _TIFF_FRACTIONS
    if kind in _TEXTS:
        return _TIFF_TEXT if tag in _READ_TEXTS else math.inf
    return _TIFF_VALUES


def _check_parts(directory: Directory, size: int) -> None:
    """Parts that lie over one another make a decoder read the same bytes again and again."""
    for tag in (_STRIP_BYTES, _TILE_BYTES):
        value = directory.get(tag)
        if value is not None and value.total > _TIFF_OVERLAP * size:
            _refuse("compressed parts that lie over one another")


def _check_heic(data: bytes) -> None:
    """libheif's binding for Python ends the process over an item whose type is no UTF-8."""
    at = -1
    while (at := data.find(b"infe", at + 1)) >= 0:
        size = int.from_bytes(data[max(0, at - 4) : at], "big")
        if 16 <= size <= _HEIC_ITEM:
            entry = data[at + 4 : at - 4 + size]
            start = 10 if entry[:1] == b"\x03" else 8  # version 3 has longer item numbers
            try:
                entry[start:].decode()
            except UnicodeDecodeError as error:
                raise PictureError(
                    "The picture is damaged or incomplete (an item's type is unreadable).",
                    "Fetch or export it again.",
                ) from error


_CHECKS: dict[str, Callable[[bytes], None]] = {
    "image/jpeg": _check_jpeg,
    "image/png": _check_png,
    "image/gif": _check_gif,
    "image/bmp": _check_bmp,
    "image/heic": _check_heic,
    "image/tiff": _check_tiff,
}
