"""PNG files opened for their pixels: what is written in them does not stand in the way.

In: a file's bytes, taken as hostile. Out: Pillow's image, not yet decoded. Pillow refuses a whole
picture for one text or profile that is larger than a megabyte when it is unpacked. Texts are read
elsewhere, so they are left out here; a large profile is unpacked here, within limits.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL.PngImagePlugin import PngImageFile

PNG_TEXTS = (b"iTXt", b"tEXt", b"zTXt")
_PROFILE = b"iCCP"
_HEAD = 8
_SMALL = 1_000
"""Bytes of texts and profile that are left where they are, to spare a copy of the file: zlib packs
no more than some 1030 to 1, so they stay below a megabyte.
"""

_MAX_PROFILE = 8 * 2**20


def open_png(file: BytesIO) -> PngImageFile:
    """The picture with its headers read; raises what Pillow raises."""
    data = file.getvalue()
    parts = list(_parts(data))
    aside = [part for part in parts if part[0] in (*PNG_TEXTS, _PROFILE)]
    if sum(end - start for _, start, end in aside) < _SMALL:
        return PngImageFile(file)
    kept = b"".join(
        data[start:end] for kind, start, end in parts if (kind, start, end) not in aside
    )
    image = PngImageFile(BytesIO(data[:_HEAD] + kept))
    profiles = (_unpacked(data[start:end]) for kind, start, end in aside if kind == _PROFILE)
    if profile := next(profiles, None):
        image.info["icc_profile"] = profile
    return image


def _parts(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's kind and extent; what follows the last whole one is of no kind."""
    at = _HEAD
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            break
        yield data[at + 4 : at + 8], at, end
        at = end
    yield b"", at, len(data)


def _unpacked(chunk: bytes) -> bytes | None:
    """The profile in a chunk: a name, NUL, the method, a zlib stream (PNG 3, 11.3.2.3)."""
    packed = chunk[8:-4].partition(b"\0")[2][1:]
    try:
        profile = zlib.decompressobj().decompress(packed, _MAX_PROFILE + 1)
    except zlib.error:
        return None
    return profile if len(profile) <= _MAX_PROFILE else None
