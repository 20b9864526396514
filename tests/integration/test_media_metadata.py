"""Embedded metadata, in files written by other tools: every field, in every block and format."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.domain.asset import Location, Provenance
from hybridsearch.errors import ConfigError

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
XMP, IPTC, EXIF = Provenance.XMP, Provenance.IPTC, Provenance.EXIF

Values = Mapping[str, str | Sequence[str] | Mapping[str, str]]

NOTHING: Values = MappingProxyType({})
XMP_VALUES: Values = {
    "Xmp.photoshop.Headline": "Požar v Melaminu",
    "Xmp.dc.description": {"en-GB": "A fire", "x-default": "Gasilci pred tovarno"},
    "Xmp.dc.subject": ["požar", "gasilci", "požar", " "],
    "Xmp.iptcExt.PersonInImage": ["Ana Novak", "Đorđe Žižek"],
    "Xmp.iptcExt.OrganisationInImageName": ["Melamin", "PGD Kočevje"],
    "Xmp.iptcExt.Event": 'lang="x-default" Eksplozija v Melaminu',
    "Xmp.photoshop.City": "Kočevje",
    "Xmp.photoshop.State": "Kočevska",
    "Xmp.photoshop.Country": "Slovenija",
    "Xmp.exif.GPSLatitude": "45,38.58N",
    "Xmp.exif.GPSLongitude": "14,51,48E",
    "Xmp.dc.creator": ["Tamino Petelinšek", "Nebojša Tejić"],
    "Xmp.photoshop.Credit": "STA",
    "Xmp.photoshop.Source": "Slovenska tiskovna agencija",
    "Xmp.dc.rights": 'lang="x-default" © 2022 STA',
    "Xmp.xmpRights.UsageTerms": 'lang="x-default" Samo za uredniško rabo',
    "Xmp.photoshop.DateCreated": "2022-05-12T08:31:07+02:00",
    "Xmp.dc.language": ["sl"],
}
XMP_FIELDS = {
    "headline": "Požar v Melaminu",
    "caption": "Gasilci pred tovarno",
    "keywords": ["požar", "gasilci"],
    "people": ["Ana Novak", "Đorđe Žižek"],
    "organisations": ["Melamin", "PGD Kočevje"],
    "event": "Eksplozija v Melaminu",
    "city": "Kočevje",
    "region": "Kočevska",
    "country": "Slovenija",
    "location": Location(45 + 38.58 / 60, 14 + 51 / 60 + 48 / 3600),
    "creator": "Tamino Petelinšek; Nebojša Tejić",
    "credit": "STA",
    "source": "Slovenska tiskovna agencija",
    "copyright": "© 2022 STA",
    "usage_terms": "Samo za uredniško rabo",
    "date_created": "2022-05-12T08:31:07+02:00",
    "language": "sl",
}
IPTC_VALUES: Values = {
    "Iptc.Envelope.CharacterSet": "\x1b%G",
    "Iptc.Application2.Headline": "Maribor poplavljen",
    "Iptc.Application2.Caption": "Drava je prestopila bregove",
    "Iptc.Application2.Keywords": ["poplava", "Drava"],
    "Iptc.Application2.City": "Maribor",
    "Iptc.Application2.ProvinceState": "Štajerska",
    "Iptc.Application2.CountryName": "Slovenija",
    "Iptc.Application2.Byline": ["Andreja Seršen", "Vlado Ćosić"],
    "Iptc.Application2.Credit": "STA",
    "Iptc.Application2.Source": "STA foto",
    "Iptc.Application2.Copyright": "© STA",
    "Iptc.Application2.DateCreated": "2012-11-05",
    "Iptc.Application2.TimeCreated": "14:02:03+01:00",
    "Iptc.Application2.Language": "sl",
}
IPTC_FIELDS = {
    "headline": "Maribor poplavljen",
    "caption": "Drava je prestopila bregove",
    "keywords": ["poplava", "Drava"],
    "city": "Maribor",
    "region": "Štajerska",
    "country": "Slovenija",
    "creator": "Andreja Seršen; Vlado Ćosić",
    "credit": "STA",
    "source": "STA foto",
    "copyright": "© STA",
    "date_created": "2012-11-05T14:02:03+01:00",
    "language": "sl",
}
EXIF_VALUES: Values = {
    "Exif.Image.ImageDescription": "Pogled na Šmarno goro",
    "Exif.Image.Artist": "Žiga Živulović; Bor Slana",
    "Exif.Image.Copyright": "Bobo",
    "Exif.Photo.DateTimeOriginal": "2024:05:06 12:13:14",
    "Exif.Photo.OffsetTimeOriginal": "+02:00",
    "Exif.GPSInfo.GPSLatitudeRef": "S",
    "Exif.GPSInfo.GPSLatitude": "33/1 51/1 3000/100",
    "Exif.GPSInfo.GPSLongitudeRef": "W",
    "Exif.GPSInfo.GPSLongitude": "70/1 5/2 0/1",
}
EXIF_FIELDS = {
    "caption": "Pogled na Šmarno goro",
    "creator": "Žiga Živulović; Bor Slana",
    "copyright": "Bobo",
    "date_created": "2024-05-06T12:13:14+02:00",
    "location": Location(-(33 + 51 / 60 + 30 / 3600), -(70 + 2.5 / 60)),
}


def plain(kind: str = "JPEG", **options: Any) -> bytes:
    """A small picture without metadata."""
    buffer = BytesIO()
    Image.new("RGB", (32, 24), (10, 20, 30)).save(buffer, kind, **options)
    return buffer.getvalue()


def with_exiv2(
    data: bytes,
    xmp: Values = NOTHING,
    iptc: Values = NOTHING,
    exif: Values = NOTHING,
) -> bytes:
    """The file with metadata that exiv2, another implementation, has written into it."""
    exiv2 = pytest.importorskip("exiv2", reason="exiv2 writes this test's pictures")
    image = exiv2.ImageFactory.open(data)
    image.readMetadata()
    for key, value in xmp.items():
        if isinstance(value, Mapping):
            value = exiv2.LangAltValue(dict(value))
        image.xmpData()[key] = value
    for key, value in iptc.items():
        for item in [value] if isinstance(value, str) else value:
            datum = exiv2.Iptcdatum(exiv2.IptcKey(key))
            datum.setValue(item)
            image.iptcData().add(datum)
    for key, value in exif.items():
        image.exifData()[key] = value
    image.writeMetadata()
    return bytes(image.data())


def xmp_packet(body: str, attributes: str = "", head: str = "") -> bytes:
    """A packet as written by hand, for the notations that libraries do not write."""
    return (
        f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f"{attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def iim(*datasets: tuple[int, int, bytes]) -> bytes:
    """An IPTC-IIM block inside Photoshop's resources inside a JPEG."""
    block = b"".join(
        b"\x1c" + bytes((record, number)) + len(raw).to_bytes(2, "big") + raw
        for record, number, raw in datasets
    )
    resource = (
        b"8BIM\x04\x04\0\0" + len(block).to_bytes(4, "big") + block + b"\0" * (len(block) % 2)
    )
    content = b"Photoshop 3.0\0" + resource
    data = plain()
    return data[:2] + b"\xff\xed" + (len(content) + 2).to_bytes(2, "big") + content + data[2:]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_xmp_field(kind: str) -> None:
    readings = FileMediaReader().metadata(with_exiv2(plain(kind), xmp=XMP_VALUES))
    assert readings[XMP] == XMP_FIELDS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_every_iptc_field(kind: str) -> None:
    readings = FileMediaReader().metadata(with_exiv2(plain(kind), iptc=IPTC_VALUES))
    assert readings[IPTC] == IPTC_FIELDS


@pytest.mark.parametrize("kind", FORMATS)
def test_every_exif_field(kind: str) -> None:
    readings = FileMediaReader().metadata(with_exiv2(plain(kind), exif=EXIF_VALUES))
    assert readings == {EXIF: EXIF_FIELDS}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_all_blocks_together_stay_apart(kind: str) -> None:
    data = with_exiv2(plain(kind), XMP_VALUES, IPTC_VALUES, EXIF_VALUES)
    readings = FileMediaReader().metadata(data)
    assert readings == {XMP: XMP_FIELDS, IPTC: IPTC_FIELDS, EXIF: EXIF_FIELDS}
    assert FileMediaReader().decode(data).pixels.shape == (24, 32, 3)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_without_metadata_reads_as_none(kind: str) -> None:
    assert FileMediaReader().metadata(plain(kind)) == {}


def test_exiftool_reads_and_writes_the_same(tmp_path: Path) -> None:
    tool = shutil.which("exiftool")
    if tool is None:
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
    path = tmp_path / "picture.jpg"
    path.write_bytes(plain())
    names = {
        "XMP-photoshop:Headline": "Požar v Melaminu",
        "XMP-dc:Description": "Gasilci pred tovarno",
        "XMP-iptcExt:PersonInImage": "Ana Novak",
        "XMP-iptcExt:LocationShownCity": "Kočevje",
        "XMP-iptcExt:LocationShownCountryName": "Slovenija",
        "XMP-photoshop:DateCreated": "1942:10",
        "IPTC:Keywords": "čoln",
        "IPTC:DateCreated": "1942:10:00",
        "EXIF:GPSLatitude": "46.5547",
        "EXIF:GPSLatitudeRef": "N",
        "EXIF:GPSLongitude": "15.6459",
        "EXIF:GPSLongitudeRef": "E",
    }
    written = [f"-{name}={value}" for name, value in names.items()]
    subprocess.run(
        [tool, "-q", "-overwrite_original", "-codedcharacterset=utf8", *written, str(path)],
        check=True,
        timeout=60,
    )
    readings = FileMediaReader().metadata(path.read_bytes())
    place = readings[EXIF]["location"]
    assert (place.latitude, place.longitude) == pytest.approx((46.5547, 15.6459))
    assert {block: readings[block] for block in (XMP, IPTC)} == {
        XMP: {
            "headline": "Požar v Melaminu",
            "caption": "Gasilci pred tovarno",
            "people": ["Ana Novak"],
            "city": "Kočevje",
            "country": "Slovenija",
            "date_created": "1942-10",
        },
        IPTC: {"keywords": ["čoln"], "date_created": "1942-10"},
    }
    ours = tmp_path / "ours.jpg"
    ours.write_bytes(with_exiv2(plain(), XMP_VALUES, IPTC_VALUES, EXIF_VALUES))
    answer = subprocess.run(
        [tool, "-j", "-G", "-XMP:all", "-IPTC:all", "-n", str(ours)],
        check=True,
        timeout=60,
        capture_output=True,
    )
    theirs = json.loads(answer.stdout)[0]
    assert theirs["XMP:PersonInImage"] == XMP_FIELDS["people"]
    assert theirs["XMP:Description"] == XMP_FIELDS["caption"]
    assert theirs["XMP:GPSLatitude"] == pytest.approx(45.643)
    assert theirs["IPTC:Headline"] == IPTC_FIELDS["headline"]


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        ("", 'photoshop:Headline="Požar" dc:title="x"'),
        ("<photoshop:Headline>Požar</photoshop:Headline>", ""),
        ("<photoshop:Headline> Požar\x00 </photoshop:Headline>", ""),
        (
            '<photoshop:Headline rdf:parseType="Resource"><rdf:value>Požar</rdf:value>'
            "<dc:note>x</dc:note></photoshop:Headline>",
            "",
        ),
        (
            "<photoshop:Headline><rdf:Description><rdf:value>Požar</rdf:value></rdf:Description>"
            "</photoshop:Headline>",
            "",
        ),
    ],
)
def test_the_notations_of_rdf_mean_the_same(body: str, attributes: str) -> None:
    data = plain(xmp=xmp_packet(body, attributes))
    assert FileMediaReader().metadata(data) == {XMP: {"headline": "Požar"}}


@pytest.mark.parametrize(
    "item",
    [
        '<rdf:li rdf:parseType="Resource"><ext:City>Kočevje</ext:City></rdf:li>',
        '<rdf:li ext:City="Kočevje"/>',
        '<rdf:li><rdf:Description ext:City="Kočevje"/></rdf:li>',
        "<rdf:li><rdf:Description><ext:City>Kočevje</ext:City></rdf:Description></rdf:li>",
        '<rdf:li/><rdf:li ext:City="Kočevje"/>',
    ],
)
def test_a_location_shown_stands_in_for_the_legacy_city(item: str) -> None:
    body = f"<ext:LocationShown><rdf:Bag>{item}</rdf:Bag></ext:LocationShown>"
    data = plain(xmp=xmp_packet(body))
    assert FileMediaReader().metadata(data) == {XMP: {"city": "Kočevje"}}
    data = plain(xmp=xmp_packet(body, 'photoshop:Country="Slovenija"'))
    assert FileMediaReader().metadata(data) == {XMP: {"country": "Slovenija"}}


def test_a_language_alternative_without_default_gives_its_first() -> None:
    items = '<rdf:li xml:lang="sl">Požar</rdf:li><rdf:li xml:lang="en">Fire</rdf:li>'
    data = plain(xmp=xmp_packet(f"<dc:description><rdf:Alt>{items}</rdf:Alt></dc:description>"))
    assert FileMediaReader().metadata(data)[XMP]["caption"] == "Požar"


def test_xmp_that_jpeg_splits_into_an_extension_is_joined() -> None:
    extended = xmp_packet("<dc:description>" + "a" * 90_000 + "</dc:description>")
    parts = b""
    for offset in (65_000, 0):  # out of order on purpose
        part = extended[offset : offset + 65_000]
        sizes = len(extended).to_bytes(4, "big") + offset.to_bytes(4, "big")
        content = b"http://ns.adobe.com/xmp/extension/\0" + b"G" * 32 + sizes + part
        parts += b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content
    data = plain(xmp=xmp_packet("", 'photoshop:City="Ptuj"'))
    fields = FileMediaReader().metadata(data[:2] + parts + data[2:])[XMP]
    assert fields == {"city": "Ptuj", "caption": "a" * 32_768}


def test_of_a_property_that_is_there_twice_the_first_counts() -> None:
    twice = "<photoshop:City>Ptuj</photoshop:City><photoshop:City>Celje</photoshop:City>"
    other = '</rdf:Description><rdf:Description photoshop:City="Kranj" dc:subject="x" '
    spaces = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    spaces += 'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    third = "<dc:subject>y</dc:subject>"
    data = plain(xmp=xmp_packet(twice + other + spaces + third))
    assert FileMediaReader().metadata(data) == {XMP: {"city": "Ptuj", "keywords": ["x"]}}


def test_a_sidecar_is_read_like_embedded_xmp() -> None:
    reader = FileMediaReader()
    assert reader.sidecar(xmp_packet("", 'photoshop:City="Ptuj"')) == {"city": "Ptuj"}
    assert reader.sidecar(b"not xml") == {}


@pytest.mark.parametrize("declaration", [b"", b"\x1b%G", b"\x1b.A"])
def test_undeclared_and_misdeclared_utf8_in_iptc(declaration: bytes) -> None:
    text = "Kočevje" if declaration != b"\x1b.A" else "Genève"
    raw = text.encode("latin-1" if declaration == b"\x1b.A" else "utf-8")
    data = iim((1, 90, declaration), (2, 90, raw))
    assert FileMediaReader().metadata(data) == {IPTC: {"city": text}}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1250", "Čačak, Žužemberk, Đurđevac"), ("cp1252", "Genève, Århus"), ("cp1251", "Ниш")],
)
def test_texts_of_the_time_before_unicode(encoding: str, text: str) -> None:
    reader = FileMediaReader(legacy_encodings=(encoding,))
    data = iim((2, 90, text.encode(encoding)), (2, 120, b"\x81 caf\xe9"))
    fields = reader.metadata(data)[IPTC]
    assert fields["city"] == text
    assert "caf" in fields["caption"]
    exif = Image.Exif()
    exif[0x010E] = text.encode(encoding)
    assert reader.metadata(plain(exif=exif))[EXIF] == {"caption": text}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"19420000", "1942"),
        (b"19421000", "1942-10"),
        (b"19421005", "1942-10-05"),
        (b"1942-10-05", "1942-10-05"),
        (b"19421305", None),
        (b"00000000", None),
        (b"yesterday", None),
    ],
)
def test_iptc_dates_may_be_partial(raw: bytes, expected: str | None) -> None:
    fields = FileMediaReader().metadata(iim((2, 55, raw))).get(IPTC, {})
    assert fields.get("date_created") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024:05:06 12:13:14", "2024-05-06T12:13:14"),
        ("2024:05:06 12:13:14Z", "2024-05-06T12:13:14Z"),
        ("2024:05:06 12:13:14+99:00", "2024-05-06T12:13:14"),
        ("2024:05:06 25:00:00", "2024-05-06"),
        ("2024:05:06", "2024-05-06"),
        ("2024:02:30 12:00:00", None),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
    ],
)
def test_exif_dates(written: str, expected: str | None) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = written
    fields = FileMediaReader().metadata(plain(exif=exif)).get(EXIF, {})
    assert fields.get("date_created") == expected


@pytest.mark.parametrize(
    "boilerplate",
    ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "Minolta Digital Camera", "   ", "Untitled"],
)
def test_what_cameras_write_is_no_caption(boilerplate: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = boilerplate
    assert FileMediaReader().metadata(plain(exif=exif)) == {}
    data = plain(xmp=xmp_packet(f"<dc:description>{boilerplate}</dc:description>"))
    assert FileMediaReader().metadata(data) == {}


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (((0, 1), (0, 1), (0, 1)), ((0, 1), (0, 1), (0, 1))),
        (((91, 1), (0, 1), (0, 1)), ((14, 1), (0, 1), (0, 1))),
        (((0, 0), (0, 0), (0, 0)), ((14, 1), (0, 1), (0, 1))),
    ],
)
def test_positions_that_are_no_place_are_left_out(latitude: Any, longitude: Any) -> None:
    keys = {1: "N", 2: latitude, 3: "E", 4: longitude}
    exif = {
        f"Exif.GPSInfo.GPS{name}": value
        if isinstance(value, str)
        else " ".join(f"{over}/{under}" for over, under in value)
        for name, value in zip(
            ("LatitudeRef", "Latitude", "LongitudeRef", "Longitude"), keys.values(), strict=True
        )
    }
    assert FileMediaReader().metadata(with_exiv2(plain(), exif=exif)) == {}


BOMB = "".join(
    f'<!ENTITY a{level} "{f"&a{level - 1};" * 10 if level else "boom" * 10}">'
    for level in range(12)
)


@pytest.mark.parametrize(
    "packet",
    [
        xmp_packet("<dc:description>&a11;</dc:description>", head=f"<!DOCTYPE x [{BOMB}]>"),
        xmp_packet(
            "<dc:description>&file;</dc:description>",
            head='<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>',
        ),
        xmp_packet("<dc:a>" * 3000 + "</dc:a>" * 3000),
        xmp_packet("<dc:description>never closed"),
        b"<?xml version='1.0' encoding='no-such-encoding'?>" + xmp_packet(""),
        b"\xff\xfe\x00",
        b"",
    ],
    ids=["bomb", "external", "deep", "open", "encoding", "bytes", "empty"],
)
def test_hostile_xmp_reads_as_none(packet: bytes) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode("latin-1"), zip=True)
    assert FileMediaReader().metadata(plain("PNG", pnginfo=info)) == {}
    assert FileMediaReader().metadata(plain(xmp=packet)) == {}


@pytest.mark.parametrize(
    "body",
    [
        f'<q:a xmlns:q="{"u" * 1_000_000}">' + "<q:b/>" * 200_000 + "</q:a>",
        "<dc:a/>" * 1_000_000,
    ],
    ids=["namespace", "elements"],
)
def test_xmp_that_costs_too_much_is_refused(body: str) -> None:
    assert FileMediaReader().sidecar(xmp_packet(body, 'photoshop:City="Ptuj"')) == {}


def test_damaged_metadata_never_raises_and_hides_nothing_before_the_damage() -> None:
    reader = FileMediaReader()
    for kind in FORMATS:
        data = with_exiv2(plain(kind), XMP_VALUES, {}, EXIF_VALUES)
        for cut in range(0, len(data), 37):
            reader.metadata(data[:cut])
            flipped = bytearray(data)
            flipped[cut] ^= 0xFF
            reader.metadata(bytes(flipped))
    whole = with_exiv2(plain(), XMP_VALUES, IPTC_VALUES, EXIF_VALUES)
    start_of_scan = whole.index(b"\xff\xda")
    assert reader.metadata(whole[:start_of_scan]) == reader.metadata(whole)


def test_an_exif_directory_that_claims_the_whole_file_many_times_is_read_quickly() -> None:
    count = 60_000
    entry = (
        (0x8298).to_bytes(2, "little") + b"\x02\0" + (1_000_000).to_bytes(4, "little") + b"\0" * 4
    )
    entries = b"".join(number.to_bytes(2, "little") + entry[2:] for number in range(count))
    data = b"II*\0\x08\0\0\0" + count.to_bytes(2, "little") + entries + b"\0" * 1_000_000
    assert FileMediaReader().metadata(data).keys() <= {IPTC, EXIF}


@pytest.mark.parametrize("encoding", ["no-such-encoding", "hex"])
def test_an_unknown_legacy_encoding_is_a_configuration_error(encoding: str) -> None:
    with pytest.raises(ConfigError, match="Unknown text encoding"):
        FileMediaReader(legacy_encodings=(encoding,))
