"""Finds the metadata blocks in a picture file.

In: the file's bytes. Out: its EXIF, IPTC-IIM and XMP blocks, undecoded. Reads headers only and
never a pixel; a damaged file gives the blocks before the damage. Formats: JPEG, PNG, WebP, TIFF
(GIF and BMP carry no such metadata in practice).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from hybridsearch.adapters.media.ifd import main_directory

MAX_PACKET = 8 * 1024 * 1024
"""Bytes; a larger block is left unread. Some editors write megabytes of history into XMP."""

_EXIF_MARK = b"Exif\0\0"
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION_MARK = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP_MARK = b"Photoshop 3.0\0"
_PNG_MARK = b"\x89PNG\r\n\x1a\n"
_IIM_RESOURCE = 0x0404
_TIFF_XMP, _TIFF_IPTC, _TIFF_PHOTOSHOP = 700, 33723, 34377


@dataclass(frozen=True, slots=True)
class Packets:
    """The blocks as found; ``exif`` begins with its TIFF header.

    ``xmp`` may hold several packets: JPEG splits what does not fit into 64 KB.
    """

    exif: bytes = b""
    iptc: bytes = b""
    xmp: tuple[bytes, ...] = ()


def find_packets(data: bytes) -> Packets:
    """The metadata blocks of a picture file; empty ones for other files."""
    if data[:2] == b"\xff\xd8":
        return _in_jpeg(data)
    if data[:8] == _PNG_MARK:
        return _in_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _in_webp(data)
    return _in_tiff(data)


def _in_jpeg(data: bytes) -> Packets:
    """APP1 holds EXIF and XMP, APP13 Photoshop's resources; each may need several segments."""
    exif, xmp, extension, photoshop = b"", b"", {}, []
    for marker, segment in _jpeg_segments(data):
        if marker == 0xED and segment.startswith(_PHOTOSHOP_MARK):
            photoshop.append(segment[len(_PHOTOSHOP_MARK) :])
        elif marker != 0xE1:
            continue
        elif segment.startswith(_EXIF_MARK):
            exif = exif or segment[len(_EXIF_MARK) :]
        elif segment.startswith(_XMP_MARK):
            xmp = xmp or segment[len(_XMP_MARK) :]
        elif segment.startswith(_XMP_EXTENSION_MARK):
            part = segment[len(_XMP_EXTENSION_MARK) :]  # GUID (32), length (4), offset (4)
            extension[int.from_bytes(part[36:40], "big")] = part[40:]
    extended = b"".join(extension[offset] for offset in sorted(extension))
    return Packets(
        exif,
        _iim_of_resources(b"".join(photoshop)),
        tuple(packet for packet in (xmp, extended) if 0 < len(packet) <= MAX_PACKET),
    )


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment before the pixels (ISO/IEC 10918-1, annex B)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in (0xDA, 0xD9):
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)


def _iim_of_resources(block: bytes) -> bytes:
    """The IPTC-IIM among Photoshop's image resources (Adobe Photoshop File Formats, 2019)."""
    at = 0
    while at + 12 <= len(block) and block[at : at + 4] == b"8BIM":
        number = int.from_bytes(block[at + 4 : at + 6], "big")
        named = at + 6
        sized = named + _even(1 + block[named])
        size = int.from_bytes(block[sized : sized + 4], "big")
        if number == _IIM_RESOURCE:
            return block[sized + 4 : sized + 4 + size]
        at = sized + 4 + _even(size)
    return b""


def _even(size: int) -> int:
    return size + size % 2


def _in_png(data: bytes) -> Packets:
    """The first chunk of each kind counts, so that a file of many small bombs stays harmless."""
    first: dict[bytes, tuple[bytes, bytes]] = {}
    for kind, content in _png_chunks(data):
        keyword = b"" if kind == b"eXIf" else content[:80].partition(b"\0")[0]
        first.setdefault(keyword, (kind, content))
    exif = first.get(b"", (b"", b""))[1].removeprefix(_EXIF_MARK)
    for keyword in (b"Raw profile type exif", b"Raw profile type APP1"):
        exif = exif or _raw_profile(*first.get(keyword, (b"", b""))).removeprefix(_EXIF_MARK)
    resources = _raw_profile(*first.get(b"Raw profile type iptc", (b"", b"")))
    xmp = _international_text(first.get(b"XML:com.adobe.xmp", (b"", b""))[1])
    return Packets(exif, _iim_of_resources(resources), (xmp,) if xmp else ())


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk; metadata may also follow the pixels (PNG 3, section 5)."""
    at = len(_PNG_MARK)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if kind in (b"eXIf", b"iTXt", b"tEXt", b"zTXt") and length <= MAX_PACKET:
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _international_text(content: bytes) -> bytes:
    """An iTXt chunk's text, after keyword, two flags, language and translated keyword."""
    rest = content.partition(b"\0")[2]
    text = rest[2:].split(b"\0", 2)[-1]
    return _inflate(text) if rest[:1] == b"\1" else text


def _raw_profile(kind: bytes, content: bytes) -> bytes:
    """ImageMagick's way of carrying other blocks: name, length, then hexadecimal digits."""
    text = content.partition(b"\0")[2]
    if kind == b"zTXt":
        text = _inflate(text[1:])
    try:
        return bytes.fromhex(text.strip().split(b"\n", 2)[-1].decode("ascii"))
    except ValueError:
        return b""


def _inflate(packed: bytes) -> bytes:
    """Decompressed, or nothing where damaged or larger than ``MAX_PACKET``."""
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(packed, MAX_PACKET)
    except zlib.error:
        return b""
    return b"" if stream.unconsumed_tail else text


def _in_webp(data: bytes) -> Packets:
    chunks: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"EXIF", b"XMP ") and size <= MAX_PACKET:
            chunks.setdefault(kind, data[at + 8 : at + 8 + size])
        at += 8 + _even(size)
    xmp = chunks.get(b"XMP ", b"")
    return Packets(chunks.get(b"EXIF", b"").removeprefix(_EXIF_MARK), b"", (xmp,) if xmp else ())


def _in_tiff(data: bytes) -> Packets:
    """A TIFF file is itself what an EXIF block is made of, with the other blocks as tags."""
    tags = main_directory(data)
    iptc, photoshop, xmp = (
        tags[tag].raw(MAX_PACKET) if tag in tags and tags[tag].size <= MAX_PACKET else b""
        for tag in (_TIFF_IPTC, _TIFF_PHOTOSHOP, _TIFF_XMP)
    )
    return Packets(
        data if tags else b"", iptc or _iim_of_resources(photoshop), (xmp,) if xmp else ()
    )
