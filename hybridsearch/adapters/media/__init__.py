"""Picture files: from bytes to upright RGB pixels, and to the asset fields they carry.

In: a file's bytes, taken as hostile. Out: a ``Picture``, ``FieldReadings``, or ``PictureError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hybridsearch.adapters.media.metadata import (
    DEFAULT_LEGACY_ENCODING,
    read_metadata,
    read_sidecar,
)
from hybridsearch.adapters.media.pictures import (
    DEFAULT_MAX_PIXELS,
    DEFAULT_MIN_SIDE,
    decode_picture,
)
from hybridsearch.errors import ConfigError
from hybridsearch.ports import FieldReadings, Picture

__all__ = ["FileMediaReader"]


class FileMediaReader:
    """Reads JPEG, PNG, WebP, TIFF, GIF (first frame) and BMP; safe to share among threads."""

    def __init__(
        self,
        max_pixels: int = DEFAULT_MAX_PIXELS,
        min_side: int = DEFAULT_MIN_SIDE,
        legacy_encoding: str = DEFAULT_LEGACY_ENCODING,
    ) -> None:
        """
        Args:
            max_pixels: pictures of more pixels are refused before they are decoded.
            min_side: larger pictures are reduced by a whole factor while their shorter side
                stays at least this long; pixels, at least 1.
            legacy_encoding: of texts in EXIF and IPTC-IIM that are neither declared nor valid
                as UTF-8, a name that Python knows: cp1250 for Central Europe, cp1252 for the
                West, cp1251 for Cyrillic.

        Raises:
            ConfigError: a limit is below 1, or the encoding is unknown.
        """
        if max_pixels < 1 or min_side < 1:
            raise ConfigError(
                f"max_pixels ({max_pixels}) and min_side ({min_side}) must be at least 1.",
                "Correct the setting, or leave it out for the default.",
            )
        try:
            b"a".decode(legacy_encoding)
        except LookupError as error:
            raise ConfigError(
                f"Unknown text encoding {legacy_encoding!r}.",
                "Use a name that Python knows, such as cp1250 or cp1252.",
            ) from error
        self._max_pixels = max_pixels
        self._min_side = min_side
        self._legacy_encoding = legacy_encoding

    def decode(self, data: bytes) -> Picture:
        """Upright sRGB pixels.

        Raises:
            PictureError: not a picture of these formats, damaged, or too large to be safe.
        """
        return decode_picture(data, self._max_pixels, self._min_side)

    def metadata(self, data: bytes) -> FieldReadings:
        """EXIF, IPTC-IIM and XMP mapped to asset fields; unreadable metadata reads as none."""
        return read_metadata(data, self._legacy_encoding)

    def sidecar(self, data: bytes) -> Mapping[str, Any]:
        """Asset fields of an XMP sidecar's content; an unreadable one reads as none."""
        return read_sidecar(data)
