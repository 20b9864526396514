"""Picture files: from bytes to upright RGB pixels, and to the asset fields they carry.

In: a file's bytes, taken as hostile. Out: a ``Picture``, ``FieldReadings``, or ``PictureError``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hybridsearch.adapters.media.files import recognise
from hybridsearch.adapters.media.metadata import (
    DEFAULT_LEGACY_ENCODINGS,
    is_damaged_sidecar,
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

__all__ = ["DEFAULT_MIN_SIDE", "FileMediaReader"]


class FileMediaReader:
    """Reads JPEG, PNG, WebP, TIFF, AVIF, GIF (first frame) and BMP; with the extras ``heif`` and
    ``raw`` HEIC and the previews of camera raw files too. Safe to share among threads; pickles.
    """

    def __init__(
        self,
        max_pixels: int = DEFAULT_MAX_PIXELS,
        min_side: int = DEFAULT_MIN_SIDE,
        min_longer_side: int = 1,
        legacy_encodings: Sequence[str] = DEFAULT_LEGACY_ENCODINGS,
    ) -> None:
        """
        Args:
            max_pixels: pictures of more pixels are refused before they are decoded.
            min_side: larger pictures are reduced by a whole factor while their shorter side
                stays at least this long; pixels, at least 1.
            min_longer_side: the same for the longer side, for whoever makes thumbnails.
            legacy_encodings: of texts in EXIF and IPTC-IIM that are neither declared nor valid
                as UTF-8, names that Python knows: cp1250 for Central Europe, cp1252 for the
                West, mac_roman for what old Macs wrote, cp1251 for Cyrillic. Of several the one
                is taken, for each file, in which its texts read like a language.

        Raises:
            ConfigError: a limit is below 1, or the encoding is unknown.
        """
        if min(max_pixels, min_side, min_longer_side) < 1:
            raise ConfigError(
                f"max_pixels ({max_pixels}), min_side ({min_side}) and min_longer_side "
                f"({min_longer_side}) must be at least 1.",
                "Correct the setting, or leave it out for the default.",
            )
        for encoding in legacy_encodings or ("none given",):
            _must_be_known(encoding)
        self._max_pixels = max_pixels
        self._min_side = min_side
        self._min_longer_side = min_longer_side
        self._legacy_encodings = tuple(legacy_encodings)

    def recognise(self, head: bytes) -> str:
        """The media type by the file's first bytes; a raw file in TIFF shows only when read.

        Raises:
            PictureError: no format that can be read.
        """
        return recognise(head).media_type

    def decode(self, data: bytes) -> Picture:
        """Upright sRGB pixels.

        Raises:
            PictureError: not a picture of these formats, damaged, or too large to be safe.
        """
        return decode_picture(data, self._max_pixels, self._min_side, self._min_longer_side)

    def metadata(self, data: bytes) -> FieldReadings:
        """EXIF, IPTC-IIM and XMP mapped to asset fields; unreadable metadata reads as none."""
        return read_metadata(data, self._legacy_encodings)

    def sidecar(self, data: bytes) -> Mapping[str, Any]:
        """Asset fields of an XMP sidecar's content; an unreadable one reads as none."""
        return read_sidecar(data)

    def sidecar_damaged(self, data: bytes) -> bool:
        """Whether the content is no sidecar that can be read."""
        return is_damaged_sidecar(data)


def _must_be_known(encoding: str) -> None:
    try:
        b"a".decode(encoding)
    except LookupError as error:
        raise ConfigError(
            f"Unknown text encoding {encoding!r}.",
            "Use a name that Python knows, such as cp1250 or cp1252.",
        ) from error
