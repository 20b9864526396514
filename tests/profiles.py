"""Colour profiles made byte by byte, for what no library writes."""

from __future__ import annotations

import struct
from itertools import product


def cmyk_profile(exchanged: bool) -> bytes:
    """A printer's profile (ICC.1:2001-04, lut8Type) with two grid points a channel.

    Args:
        exchanged: cyan ink prints as magenta would, and magenta as cyan.
    """
    table = b"".join(_lab(*inks, exchanged=exchanged) for inks in product((0, 1), repeat=4))
    ramp = bytes(range(256))
    matrix = struct.pack(">9l", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + table + ramp * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3l", *(round(65536 * v) for v in (0.9642, 1, 0.8249)))
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">L", 5) + b"test\0" + b"\0" * 78,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": white,
        b"A2B0": lut,
    }
    head, body = struct.pack(">L", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        head += name + struct.pack(">LL", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    size = start + len(body)
    header = struct.pack(">L4sL4s4s4s", size, b"lcms", 0x02100000, b"prtr", b"CMYK", b"Lab ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    header += struct.pack(">3l", *(round(65536 * v) for v in (0.9642, 1, 0.8249)))
    return header.ljust(128, b"\0") + head + body


def _lab(cyan: int, magenta: int, yellow: int, black: int, *, exchanged: bool) -> bytes:
    """Rough colours of inks on paper, as 8-bit Lab."""
    if exchanged:
        cyan, magenta = magenta, cyan
    if black:
        return bytes((20, 128, 128))
    lightness = 95 - 35 * cyan - 40 * magenta - 5 * yellow
    a = -35 * cyan + 70 * magenta
    b = -45 * cyan - 5 * magenta + 85 * yellow
    return bytes((max(5, lightness) * 255 // 100, 128 + a, min(255, max(0, 128 + b))))
