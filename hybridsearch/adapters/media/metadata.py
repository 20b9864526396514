"""Embedded metadata becomes asset fields.

In: the metadata blocks of a picture file. Out: asset fields by the block that gave them. The
mapping is that of the IPTC Photo Metadata Standard 2025.1 and of its Mapping Guidelines 2022.1
(for EXIF); each table below is one block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hybridsearch.adapters.media.dates import iso_date
from hybridsearch.adapters.media.gps import degrees_of_rationals, degrees_of_text, location
from hybridsearch.adapters.media.ifd import Directory, main_directory, sub_directory
from hybridsearch.adapters.media.iim import Dataset, read_iim
from hybridsearch.adapters.media.packets import MAX_PACKET, find_packets
from hybridsearch.adapters.media.text import (
    MAX_TEXT,
    clean,
    clean_description,
    clean_list,
    clean_names,
    decode,
)
from hybridsearch.adapters.media.xmp import XmpProperties
from hybridsearch.domain.asset import Provenance
from hybridsearch.ports import FieldReadings

_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
_EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"

_XMP_TEXTS = {
    "event": f"{_EXTENSION}Event",
    "city": f"{_PHOTOSHOP}City",
    "region": f"{_PHOTOSHOP}State",
    "country": f"{_PHOTOSHOP}Country",
    "credit": f"{_PHOTOSHOP}Credit",
    "source": f"{_PHOTOSHOP}Source",
    "copyright": f"{_DC}rights",
    "usage_terms": f"{_RIGHTS}UsageTerms",
    "language": f"{_DC}language",
}
_XMP_DESCRIPTIONS = {"headline": f"{_PHOTOSHOP}Headline", "caption": f"{_DC}description"}
_XMP_LISTS = {
    "keywords": f"{_DC}subject",
    "people": f"{_EXTENSION}PersonInImage",
    "organisations": f"{_EXTENSION}OrganisationInImageName",
}
_LOCATION_SHOWN = f"{_EXTENSION}LocationShown"
_LOCATION_FIELDS = {
    "city": f"{_EXTENSION}City",
    "region": f"{_EXTENSION}ProvinceState",
    "country": f"{_EXTENSION}CountryName",
}

_IIM_TEXTS: dict[str, Dataset] = {
    "city": (2, 90),
    "region": (2, 95),
    "country": (2, 101),
    "credit": (2, 110),
    "source": (2, 115),
    "copyright": (2, 116),
    "language": (2, 135),
}
_IIM_DESCRIPTIONS: dict[str, Dataset] = {"headline": (2, 105), "caption": (2, 120)}
_IIM_KEYWORDS, _IIM_BYLINE = (2, 25), (2, 80)
_IIM_DATE, _IIM_TIME = (2, 55), (2, 60)

_IMAGE_DESCRIPTION, _ARTIST, _COPYRIGHT = 0x010E, 0x013B, 0x8298
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL = 0x9003, 0x9011
_MAX_EXIF_TEXT = 4 * MAX_TEXT
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4

DEFAULT_LEGACY_ENCODING = "cp1250"


def read_metadata(data: bytes, legacy_encoding: str = DEFAULT_LEGACY_ENCODING) -> FieldReadings:
    """Asset fields by block, blocks without any field left out.

    Args:
        data: a picture file; JPEG, PNG, WebP and TIFF carry metadata.
        legacy_encoding: for old texts that are neither declared nor valid as UTF-8.
    """
    packets = find_packets(data)
    readings = {
        Provenance.XMP: _xmp_fields(XmpProperties(packets.xmp)),
        Provenance.IPTC: _iim_fields(packets.iptc, legacy_encoding),
        Provenance.EXIF: _exif_fields(packets.exif, legacy_encoding),
    }
    return {provenance: fields for provenance, fields in readings.items() if fields}


def read_sidecar(data: bytes) -> Mapping[str, Any]:
    """Asset fields of an XMP sidecar file (``picture.xmp`` beside ``picture.jpg``)."""
    return _xmp_fields(XmpProperties((data,)) if len(data) <= MAX_PACKET else XmpProperties(()))


def _xmp_fields(properties: XmpProperties) -> Mapping[str, Any]:
    fields: dict[str, Any] = {
        **{field: clean(properties.text(name)) for field, name in _XMP_TEXTS.items()},
        **{
            field: clean_description(properties.text(name))
            for field, name in _XMP_DESCRIPTIONS.items()
        },
        **{field: clean_list(properties.items(name)) for field, name in _XMP_LISTS.items()},
        "creator": clean_names(properties.items(f"{_DC}creator")),
        "date_created": iso_date(properties.text(f"{_PHOTOSHOP}DateCreated")),
        "location": location(
            degrees_of_text(properties.text(f"{_EXIF}GPSLatitude")),
            degrees_of_text(properties.text(f"{_EXIF}GPSLongitude")),
        ),
    }
    if not any(fields[field] for field in _LOCATION_FIELDS):
        fields.update(_location_shown(properties))
    return _present(fields)


def _location_shown(properties: XmpProperties) -> Mapping[str, str | None]:
    """The first location shown that names a place; the standard's newer form of city and so on."""
    for structure in properties.structures(_LOCATION_SHOWN):
        place = {field: clean(structure.get(name)) for field, name in _LOCATION_FIELDS.items()}
        if any(place.values()):
            return place
    return {}


def _iim_fields(block: bytes, legacy_encoding: str) -> Mapping[str, Any]:
    texts = read_iim(block, legacy_encoding)

    def first(dataset: Dataset) -> str | None:
        return next(iter(texts.get(dataset, ())), None)

    date, time = first(_IIM_DATE), first(_IIM_TIME)
    return _present(
        {
            **{field: clean(first(dataset)) for field, dataset in _IIM_TEXTS.items()},
            **{
                field: clean_description(first(dataset))
                for field, dataset in _IIM_DESCRIPTIONS.items()
            },
            "keywords": clean_list(texts.get(_IIM_KEYWORDS, ())),
            "creator": clean_names(texts.get(_IIM_BYLINE, ())),
            "date_created": iso_date(f"{date.strip()}T{time}" if date and time else date),
        }
    )


def _exif_fields(block: bytes, legacy_encoding: str) -> Mapping[str, Any]:
    main = main_directory(block)
    detail = sub_directory(block, main, _EXIF_IFD)

    def text(directory: Directory, tag: int) -> str | None:
        entry = directory.get(tag)
        if entry is None:
            return None
        # NUL ends a text, and parts photographer and editor in Copyright.
        raw = entry.raw(_MAX_EXIF_TEXT).rstrip(b"\0")
        return decode(raw, legacy_encoding).replace("\0", " ")

    return _present(
        {
            "caption": clean_description(text(main, _IMAGE_DESCRIPTION)),
            "creator": clean_names((text(main, _ARTIST) or "").split(";")),
            "copyright": clean(text(main, _COPYRIGHT)),
            "date_created": iso_date(
                text(detail, _DATE_TIME_ORIGINAL), text(detail, _OFFSET_TIME_ORIGINAL)
            ),
            "location": _gps(sub_directory(block, main, _GPS_IFD)),
        }
    )


def _gps(directory: Directory) -> Any:
    def degrees(tag: int, reference: int) -> float | None:
        value, side = directory.get(tag), directory.get(reference)
        if value is None or side is None:
            return None
        return degrees_of_rationals(value.rationals(3), side.raw(1).decode("latin-1").upper())

    return location(degrees(_LATITUDE, _LATITUDE_REF), degrees(_LONGITUDE, _LONGITUDE_REF))


def _present(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
