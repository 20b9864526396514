"""Values of EXIF's directories, which Pillow reads.

In: EXIF as Pillow has opened it. Out: directories, and their texts and fractions; what is damaged
or of another type than the standard says reads as absent. Source: Exif 3.0 (CIPA DC-008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from hybridsearch.adapters.media.files import BAD_DATA
from hybridsearch.adapters.media.text import MAX_TEXT

Directory = Mapping[int, Any]

_MAX_BYTES = 4 * MAX_TEXT


def directory(exif: Image.Exif, kind: ExifTags.IFD) -> Directory:
    """The directory of camera settings or of the position; empty where there is none."""
    with suppress(*BAD_DATA):
        return exif.get_ifd(kind)
    return {}


def raw_text(source: Directory, tag: int) -> bytes:
    """A text as written; NUL ends it, and parts photographer and editor in Copyright."""
    value = _value(source, tag)
    if isinstance(value, str):
        value = value[:_MAX_BYTES].encode("latin-1", "replace")  # as Pillow has decoded it
    if not isinstance(value, bytes):
        return b""
    return value[:_MAX_BYTES].rstrip(b"\0").replace(b"\0", b" ")


def rationals(source: Directory, tag: int) -> Sequence[tuple[int, int]]:
    """Up to three fractions as numerator and denominator."""
    value = _value(source, tag)
    parts = value[:3] if isinstance(value, tuple) else (value,)
    return [
        (int(part.numerator), int(part.denominator))
        for part in parts
        if isinstance(part, IFDRational)
    ]


def _value(source: Directory, tag: int) -> object:
    with suppress(*BAD_DATA):
        return source.get(tag)
    return None
