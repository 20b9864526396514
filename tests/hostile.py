"""A corpus of hostile and broken files, made on the spot: what archives of thirty years hold, and
what somebody might put there.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from eval.fuzz.raw_files import ASCII, LONG, SHORT, directory, numbers

RATIONAL = 5


def picture(kind: str = "JPEG", size: tuple[int, int] = (96, 64), **options: object) -> bytes:
    noise = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def png_claiming(width: int, height: int, body: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", head)
        + png_chunk(b"IDAT", zlib.compress(body))
        + png_chunk(b"IEND", b"")
    )


def jpeg_segments(count: int, content: bytes, marker: int = 0xE1) -> bytes:
    """A JPEG with many segments before its pixels."""
    data = picture()
    segment = bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content
    return data[:2] + segment * count + data[2:]


def jpeg_scans(count: int, size: tuple[int, int] = (4000, 4000)) -> bytes:
    """A progressive JPEG that refines its pixels again and again without changing them."""
    buffer = BytesIO()
    Image.new("L", size, 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    scan = data.rindex(b"\xff\xda")
    return data[:scan] + data[scan:-2] * count + data[-2:]


def repeated_scan(count: int, size: tuple[int, int] = (2000, 2000), mode: str = "RGB") -> bytes:
    """A JPEG that is no progressive one, with its only scan again and again."""
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, "JPEG")
    data = buffer.getvalue()
    scan = data.rindex(b"\xff\xda")
    return data[:scan] + data[scan:-2] * count + data[-2:]


def gif_blocks(count: int) -> bytes:
    data = picture("GIF")
    frame = 13 + (3 << (data[10] & 7) + 1)
    return data[:frame] + b"!\xfe" + b"\x01x" * count + b"\0" + data[frame:]


def tiff(tags: dict[int, tuple[int, bytes, int]], pixels: bytes = b"\0" * 64) -> bytes:
    base = {
        256: numbers(SHORT, 8),
        257: numbers(SHORT, 8),
        258: numbers(SHORT, 8),
        259: numbers(SHORT, 1),
        262: numbers(SHORT, 1),
        273: numbers(LONG, 8),
        277: numbers(SHORT, 1),
        278: numbers(SHORT, 8),
        279: numbers(LONG, len(pixels)),
    }
    at = 8 + len(pixels)
    return b"II*\0" + struct.pack("<L", at) + pixels + directory({**base, **tags}, at)


def tiff_of_fractions(count: int) -> bytes:
    """Each fraction would become an object of Python."""
    return tiff({270: (RATIONAL, b"\1\0\0\0\1\0\0\0" * count, count)})


def tiff_of_overlapping_strips(count: int) -> bytes:
    """Each strip is the whole file."""
    size = 1_000_000
    return tiff(
        {
            257: numbers(SHORT, min(count, 65535)),
            259: numbers(SHORT, 8),
            273: numbers(LONG, *[8] * count),
            278: numbers(SHORT, 1),
            279: numbers(LONG, *[size] * count),
        },
        b"\0" * size,
    )


def bmp_of_runs(size: int) -> bytes:
    """One pixel a run, for a decoder in Python."""
    body = b"\x01\x07" * (size // 2)
    head = struct.pack("<LllHHLLllLL", 40, 10_000, 10_000, 1, 8, 1, len(body), 0, 0, 256, 0)
    offset = 14 + len(head) + 1024
    return b"BM" + struct.pack("<LLL", offset + len(body), 0, offset) + head + b"\0" * 1024 + body


def with_xmp(packet: bytes) -> bytes:
    return picture(xmp=packet)


BOMB = (
    b"<!DOCTYPE x ["
    + b"".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10 if level else "boom" * 10}">'.encode()
        for level in range(12)
    )
    + b']><x:xmpmeta xmlns:x="adobe:ns:meta/">&a11;</x:xmpmeta>'
)

SLOW = {
    "segments": lambda: jpeg_segments(10_000, b""),
    "joined-exif": lambda: jpeg_segments(1_000, b"Exif\0\0" + b"\0" * 60_000),
    "scans": lambda: jpeg_scans(3_000),
    "chunks": lambda: picture("PNG")[:33] + png_chunk(b"teXt", b"") * 600_000 + picture("PNG")[33:],
    "blocks": lambda: gif_blocks(3_000_000),
    "fractions": lambda: tiff_of_fractions(8_000_000),
    "fewer-fractions": lambda: tiff({282: (RATIONAL, b"\1\0\0\0\1\0\0\0" * 900_000, 900_000)}),
    "strips": lambda: tiff_of_overlapping_strips(60_000),
    "runs": lambda: bmp_of_runs(60_000_000),
    "text": lambda: tiff({270: (ASCII, b"x" * 40_000_000, 40_000_000)}),
}
"""Files that are refused for the time they would take."""


def broken_files() -> Iterator[tuple[str, bytes]]:
    """Names and contents of files that cannot be used."""
    for kind, suffix in [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")]:
        data = picture(kind)
        for tenth in range(1, 8):
            yield f"cut-{tenth}.{suffix}", data[: len(data) * tenth // 10]
    yield "empty.jpg", b""
    yield "one-byte.jpg", b"\xff"
    yield "text.png", b"It is a text."
    yield "page.jpg", b"<!DOCTYPE html><html>404</html>"
    yield "document.jpeg", b"%PDF-1.7\n"
    yield "video.jpg", b"\0\0\0\x20ftypisom" + b"\0" * 100
    yield "bomb.png", png_claiming(60_000, 60_000, b"\0" * 1000)
    yield "zero-wide.png", png_claiming(0, 10)
    yield "zeros.tif", b"\0" * 10_000
    yield "directory-of-itself.tif", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200
    yield "recursive.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"RIFF" * 100


def odd_pictures() -> Iterator[tuple[str, bytes]]:
    """Names and contents of files that are odd, but pictures."""
    yield "png-inside.jpg", picture("PNG")
    yield "jpeg-inside.tif", picture("JPEG")
    yield "wide.png", png_claiming(60_000, 3, (b"\0" + b"\x7f" * 180_000) * 3)
    yield "entities.jpg", with_xmp(BOMB)
    yield "profile.png", picture("PNG", icc_profile=b"\0" * 4_000_000)
    yield "exif.jpg", jpeg_segments(30, b"Exif\0\0MM\0*" + b"\xff" * 60_000)
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "x" * 900_000, zip=True)
    yield "packet.png", picture("PNG", pnginfo=info)
    yield "new\nline.jpg", picture()
    yield "quote'\" & <tag> č 日本.jpg", picture()
    yield ("long-" + "x" * 240 + ".jpg"), picture()
    yield "trailing.jpg", picture() + b"\0\0\0\x20ftypmp42" + os.urandom(200_000)


def corpus(root: Path) -> tuple[set[str], set[str]]:
    """Write the corpus below a folder that exists.

    Returns:
        The names of what must be listed as failed, and of what must be indexed.
    """
    broken, odd = dict(broken_files()), dict(odd_pictures())
    for name, data in {**broken, **odd}.items():
        (root / name).write_bytes(data)
    outside = root.parent / "outside.jpg"
    outside.write_bytes(picture())
    (root / "link-out.jpg").symlink_to(outside)
    (root / "dangling.jpg").symlink_to(root / "nothing.jpg")
    (root / "circle.jpg").symlink_to(root / "circle.jpg")
    (root / "link-in.jpg").symlink_to(root / "png-inside.jpg")
    (root / "folder-out").symlink_to(root.parent)
    os.mkfifo(root / "pipe.jpg")
    with (root / "sparse.jpg").open("wb") as stream:
        stream.truncate(5 * 2**30)
    with (root / "sparse-within-limits.tif").open("wb") as stream:
        stream.truncate(400 * 2**20)
    Path(os.fsdecode(os.fsencode(root / "latin") + b"-\xe9.jpg")).write_bytes(picture())
    failed = {"link-out.jpg", "dangling.jpg", "circle.jpg", "pipe.jpg", "sparse.jpg"}
    failed |= {"sparse-within-limits.tif", "latin-?.jpg"}
    return failed | broken.keys(), {"link-in.jpg"} | odd.keys()
