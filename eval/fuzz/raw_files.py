"""A camera's raw file, made byte by byte: a DNG with a preview and a sensor's picture.

In: a preview. Out: a file that LibRaw takes for a camera's.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO

from PIL import Image

SHORT, LONG, ASCII, BYTE, SIGNED_RATIONAL = 3, 4, 2, 1, 10
_CODES = {SHORT: "H", LONG: "L", BYTE: "B"}

Tag = tuple[int, bytes, int]
"""Type, packed value, count."""


def numbers(kind: int, *values: int) -> Tag:
    """Whole numbers of a kind: ``SHORT``, ``LONG`` or ``BYTE``."""
    return kind, struct.pack(f"<{len(values)}{_CODES[kind]}", *values), len(values)


def text(value: str) -> Tag:
    """A text with the NUL that ends it."""
    packed = value.encode() + b"\0"
    return ASCII, packed, len(packed)


def directory(tags: Mapping[int, Tag], at: int, following: int = 0) -> bytes:
    """A little-endian directory that stands at ``at``, with its longer values behind it."""
    entries, behind = b"", b""
    start = at + 2 + 12 * len(tags) + 4
    for tag, (kind, packed, count) in sorted(tags.items()):
        if len(packed) <= 4:
            value = packed.ljust(4, b"\0")
        else:
            value = struct.pack("<L", start + len(behind))
            behind += packed + b"\0" * (len(packed) % 2)
        entries += struct.pack("<HHL", tag, kind, count) + value
    return struct.pack("<H", len(tags)) + entries + struct.pack("<L", following) + behind


def dng(preview: Image.Image, orientation: int = 1, tags: Mapping[int, Tag] | None = None) -> bytes:
    """A DNG whose sensor has twice the preview's width and height."""
    buffer = BytesIO()
    preview.save(buffer, "JPEG", quality=95)
    jpeg = buffer.getvalue()
    width, height = 2 * preview.width, 2 * preview.height
    sensor = struct.pack("<H", 20_000) * (width * height)
    jpeg_at, sensor_at = 8, 8 + len(jpeg) + len(jpeg) % 2
    sub_at = sensor_at + len(sensor)
    sub = directory(
        {
            254: numbers(LONG, 0),
            256: numbers(LONG, width),
            257: numbers(LONG, height),
            258: numbers(SHORT, 16),
            259: numbers(SHORT, 1),
            262: numbers(SHORT, 32803),
            273: numbers(LONG, sensor_at),
            277: numbers(SHORT, 1),
            278: numbers(LONG, height),
            279: numbers(LONG, len(sensor)),
            33421: numbers(SHORT, 2, 2),
            33422: numbers(BYTE, 0, 1, 1, 2),
        },
        sub_at,
    )
    matrix = [1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]
    first_at = sub_at + len(sub)
    first = directory(
        {
            254: numbers(LONG, 1),
            256: numbers(LONG, preview.width),
            257: numbers(LONG, preview.height),
            258: numbers(SHORT, 8, 8, 8),
            259: numbers(SHORT, 7),
            262: numbers(SHORT, 6),
            271: text("Kamera"),
            272: text("Kamera Ena"),
            273: numbers(LONG, jpeg_at),
            274: numbers(SHORT, orientation),
            277: numbers(SHORT, 3),
            278: numbers(LONG, preview.height),
            279: numbers(LONG, len(jpeg)),
            330: numbers(LONG, sub_at),
            50706: numbers(BYTE, 1, 4, 0, 0),
            50708: text("Kamera Ena"),
            50721: (SIGNED_RATIONAL, struct.pack("<18l", *matrix), 9),
            **(tags or {}),
        },
        first_at,
    )
    padded = jpeg + b"\0" * (len(jpeg) % 2)
    return b"II*\0" + struct.pack("<L", first_at) + padded + sensor + sub + first
