"""Where metadata hides: the rarer places and notations, built byte by byte."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.blocks import MAX_PACKET
from hybridsearch.domain.asset import Provenance

CITY = b"\x1c\x02\x5a\x00\x04Ptuj"
NAMED = b"8BIM\x03\xe8\x05thing\0\0\0\x03abc\0"
"""A resource of another kind before ours, with a name and a size that need padding."""


def resources(block: bytes = CITY) -> bytes:
    return NAMED + b"8BIM\x04\x04\0\0" + len(block).to_bytes(4, "big") + block


def exif(caption: bytes = b"Ptuj") -> bytes:
    """A big-endian block with one caption of four bytes or more."""
    entry = struct.pack(">HHII", 0x010E, 2, len(caption), 26)
    return b"MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0" + caption


def plain(kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, kind, **options)
    return buffer.getvalue()


def raw_profile(name: str, profile: bytes) -> str:
    """As ImageMagick writes it: name, length, hexadecimal digits in lines."""
    digits = profile.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return "\n".join(["", name, f"{len(profile):8}", *lines, ""])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "profile", "provenance", "field"),
    [
        ("iptc", resources(), Provenance.IPTC, "city"),
        ("exif", exif(b"Ptujski grad"), Provenance.EXIF, "caption"),
        ("APP1", b"Exif\0\0" + exif(b"Ptujski grad"), Provenance.EXIF, "caption"),
    ],
)
def test_raw_profiles_in_png(
    name: str, profile: bytes, provenance: Provenance, field: str, packed: bool
) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text(f"Raw profile type {name}", raw_profile(name, profile), zip=packed)
    readings = FileMediaReader().metadata(plain("PNG", pnginfo=info))
    assert readings.keys() == {provenance}
    assert str(readings[provenance][field]).startswith("Ptuj")


@pytest.mark.parametrize(
    "content",
    [
        b"Raw profile type iptc\0\0" + zlib.compress(b"\niptc\n 4\nno hexadecimal"),
        b"Raw profile type iptc\0\0not compressed",
        b"Raw profile type iptc\0\0" + zlib.compress(b"0" * (MAX_PACKET + 1)),
        b"Raw profile type iptc",
    ],
    ids=["digits", "stream", "bomb", "empty"],
)
def test_raw_profiles_that_are_none(content: bytes) -> None:
    data = plain("PNG")
    chunk = struct.pack(">I", len(content)) + b"zTXt" + content + b"\0\0\0\0"
    assert FileMediaReader().metadata(data[:33] + chunk + data[33:]) == {}


def test_fill_bytes_between_jpeg_segments() -> None:
    data = plain("JPEG")
    content = b"Photoshop 3.0\0" + resources()
    segment = b"\xff\xff\xff\xed" + (len(content) + 2).to_bytes(2, "big") + content
    fields = FileMediaReader().metadata(data[:2] + segment + data[2:])
    assert fields == {Provenance.IPTC: {"city": "Ptuj"}}


def test_photoshop_resources_that_jpeg_splits_are_joined() -> None:
    data, segments = plain("JPEG"), b""
    whole = resources(b"\x1c\x02\x78\x00\x02ok" + CITY)
    for part in (whole[:30], whole[30:]):
        content = b"Photoshop 3.0\0" + part
        segments += b"\xff\xed" + (len(content) + 2).to_bytes(2, "big") + content
    fields = FileMediaReader().metadata(data[:2] + segments + data[2:])
    assert fields == {Provenance.IPTC: {"city": "Ptuj", "caption": "ok"}}


def test_photoshop_resources_in_tiff() -> None:
    data = plain("TIFF", tiffinfo={34377: resources()})
    assert FileMediaReader().metadata(data)[Provenance.IPTC] == {"city": "Ptuj"}


def test_photoshop_resources_by_the_hundred_thousand_are_read_quickly() -> None:
    block = resources() + b"8BIM\x03\xe9\0\0\0\0\0\0" * 600_000
    data = plain("TIFF", tiffinfo={34377: block})
    assert FileMediaReader().metadata(data)[Provenance.IPTC] == {"city": "Ptuj"}


def test_big_tiff_is_read_like_tiff() -> None:
    data = plain("TIFF", big_tiff=True, tiffinfo={34377: resources(), 270: "Ptuj"})
    fields = FileMediaReader().metadata(data)
    assert fields == {Provenance.IPTC: {"city": "Ptuj"}, Provenance.EXIF: {"caption": "Ptuj"}}


@pytest.mark.parametrize("junk", [b"\0\0\0", b"junk!", b"\x1c", b"\x1c\x02\x5f\xff\xff!"])
def test_what_stands_before_damage_in_iptc_is_read(junk: bytes) -> None:
    data = plain("TIFF", tiffinfo={33723: CITY + junk})
    assert FileMediaReader().metadata(data)[Provenance.IPTC] == {"city": "Ptuj"}


def test_metadata_after_the_pixels_of_a_png() -> None:
    packet = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Ptuj"/></rdf:RDF>'
    )
    chunks, data = b"", plain("PNG")
    for kind, content in (
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet),
        (b"eXIf", exif(b"Ptujski grad")),
    ):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        chunks += struct.pack(">I", len(content)) + kind + content + checksum
    fields = FileMediaReader().metadata(data[:-12] + chunks + data[-12:])
    assert fields == {
        Provenance.XMP: {"city": "Ptuj"},
        Provenance.EXIF: {"caption": "Ptujski grad"},
    }


@pytest.mark.parametrize("size", [b"\x80\x02\x00\x04", b"\x80\x09" + b"\xff" * 9])
def test_an_extended_size_in_iptc_ends_what_is_read(size: bytes) -> None:
    """Pillow does not know them; previews have them, no text does."""
    info = PngImagePlugin.PngInfo()
    block = resources(CITY + b"\x1c\x02\x5f" + size + b"Ptuj")
    info.add_text("Raw profile type iptc", raw_profile("iptc", block))
    fields = FileMediaReader().metadata(plain("PNG", pnginfo=info))
    assert fields == {Provenance.IPTC: {"city": "Ptuj"}}


def test_blocks_above_the_limit_are_left_unread() -> None:
    packet = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    data = plain("TIFF", tiffinfo={700: packet + b" " * MAX_PACKET, 270: "Ptuj"})
    assert FileMediaReader().metadata(data) == {Provenance.EXIF: {"caption": "Ptuj"}}
    assert FileMediaReader().sidecar(b" " * (MAX_PACKET + 1)) == {}


def test_gps_of_another_type_than_the_standard_says_is_left_out() -> None:
    gps = b"\0\x02"  # two tags, both texts
    gps += struct.pack(">HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack(">HHI4s", 2, 2, 4, b"46.5")
    pointer = struct.pack(">HHII", 0x8825, 4, 1, 26)
    block = b"MM\0*\0\0\0\x08\0\x01" + pointer + b"\0\0\0\0" + gps
    assert FileMediaReader().metadata(plain("JPEG", exif=b"Exif\0\0" + block)) == {}
    wrong = block.replace(pointer, struct.pack(">HHII", 0x8825, 2, 9, 26))
    assert FileMediaReader().metadata(plain("JPEG", exif=b"Exif\0\0" + wrong)) == {}


def test_a_list_of_thousands_is_cut() -> None:
    block = b"".join(b"\x1c\x02\x19\0\x05" + f"{number:05}".encode() for number in range(20_000))
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type iptc", raw_profile("iptc", resources(block)), zip=True)
    fields = FileMediaReader().metadata(plain("PNG", pnginfo=info))[Provenance.IPTC]
    assert len(fields["keywords"]) == 1000


def test_premultiplied_grey_in_tiff() -> None:
    buffer = BytesIO()
    Image.new("LA", (8, 8), (50, 128)).save(buffer, "TIFF")
    separate, multiplied = (struct.pack("<HHII", 338, 3, 1, kind) for kind in (2, 1))
    data = buffer.getvalue()
    assert separate in data
    pixels = FileMediaReader().decode(data.replace(separate, multiplied)).pixels
    assert np.abs(pixels.astype(int) - (50 + 127)).max() <= 2


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xe1",
        b"\xff\xd8\xff\xed\0\x40Photoshop 3.0\0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
    ],
)
@given(tail=st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(head: bytes, tail: bytes) -> None:
    assert isinstance(FileMediaReader().metadata(head + tail), dict)
    assert FileMediaReader().sidecar(tail) == {}


def test_random_damage_to_rich_files_never_raises() -> None:
    chance = random.Random(5)
    reader = FileMediaReader()
    packet = (
        b'<x><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Ptuj"/></rdf:RDF></x>'
    )
    content = b"Photoshop 3.0\0" + resources()
    segment = b"\xff\xed" + (len(content) + 2).to_bytes(2, "big") + content
    data = plain("JPEG", xmp=packet, exif=b"Exif\0\0" + exif(b"Ptujski grad"))
    data = data[:2] + segment + data[2:]
    assert len(reader.metadata(data)) == 3
    for _ in range(2000):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(600)] = chance.randrange(256)
        reader.metadata(bytes(damaged))


def test_texts_and_profiles_of_megabytes_do_not_cost_a_png_its_picture() -> None:
    """Pillow by itself refuses these files."""
    info = PngImagePlugin.PngInfo()
    info.add_text("history", "x" * 3_000_000, zip=True)
    info.add_text("Raw profile type iptc", raw_profile("iptc", resources()), zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grown = profile + bytes(2_000_000)
    grown = len(grown).to_bytes(4, "big") + grown[4:]
    data = plain("PNG", pnginfo=info, icc_profile=grown)
    assert FileMediaReader().decode(data).pixels.shape == (8, 8, 3)
    assert FileMediaReader().metadata(data) == {Provenance.IPTC: {"city": "Ptuj"}}
    broken = plain("PNG", icc_profile=b"\0" * 20_000_000)
    assert FileMediaReader().decode(broken).pixels.shape == (8, 8, 3)
