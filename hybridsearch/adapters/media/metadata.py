"""Embedded metadata becomes asset fields.

In: the metadata blocks of a picture file. Out: asset fields by the block that gave them. The
mapping is that of the IPTC Photo Metadata Standard 2025.1 and of its Mapping Guidelines 2022.1
(for EXIF); each table below is one block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import ExifTags, Image

from hybridsearch.adapters.media.blocks import MAX_PACKET, Dataset, read_blocks
from hybridsearch.adapters.media.dates import iso_date
from hybridsearch.adapters.media.exif import Directory, directory, rationals, text
from hybridsearch.adapters.media.gps import degrees_of_rationals, degrees_of_text, location
from hybridsearch.adapters.media.text import (
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

_IIM_CHARACTER_SET = (1, 90)
_IIM_LATIN = {b"\x1b.A": "iso8859-1", b"\x1b-A": "iso8859-1", b"\x1b-B": "iso8859-2"}
"""Escape sequences of ISO 2022 for the right half of 8-bit sets, as writers use them."""

DEFAULT_LEGACY_ENCODING = "cp1250"


def read_metadata(data: bytes, legacy_encoding: str = DEFAULT_LEGACY_ENCODING) -> FieldReadings:
    """Asset fields by block, blocks without any field left out.

    Args:
        data: a picture file; JPEG, PNG, WebP and TIFF carry metadata.
        legacy_encoding: for old texts that are neither declared nor valid as UTF-8.
    """
    blocks = read_blocks(data)
    readings = {
        Provenance.XMP: _xmp_fields(XmpProperties(blocks.xmp)),
        Provenance.IPTC: _iim_fields(blocks.iptc, legacy_encoding),
        Provenance.EXIF: _exif_fields(blocks.exif, legacy_encoding),
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


def _iim_fields(
    datasets: Mapping[Dataset, Sequence[bytes]], legacy_encoding: str
) -> Mapping[str, Any]:
    texts = _iim_texts(datasets, legacy_encoding)

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


def _iim_texts(
    datasets: Mapping[Dataset, Sequence[bytes]], legacy_encoding: str
) -> Mapping[Dataset, Sequence[str]]:
    """UTF-8 needs no declaration here: it is tried first, since writers often forget to declare
    it and sometimes declare it wrongly.
    """
    declared = next(iter(datasets.get(_IIM_CHARACTER_SET, ())), b"")
    latin = _IIM_LATIN.get(declared)
    return {
        dataset: [raw.decode(latin) if latin else decode(raw, legacy_encoding) for raw in values]
        for dataset, values in datasets.items()
    }


def _exif_fields(exif: Image.Exif, legacy_encoding: str) -> Mapping[str, Any]:
    tags = ExifTags.Base
    detail = directory(exif, ExifTags.IFD.Exif)
    return _present(
        {
            "caption": clean_description(text(exif, tags.ImageDescription, legacy_encoding)),
            "creator": clean_names((text(exif, tags.Artist, legacy_encoding) or "").split(";")),
            "copyright": clean(text(exif, tags.Copyright, legacy_encoding)),
            "date_created": iso_date(
                text(detail, tags.DateTimeOriginal, legacy_encoding),
                text(detail, tags.OffsetTimeOriginal, legacy_encoding),
            ),
            "location": _gps(directory(exif, ExifTags.IFD.GPSInfo)),
        }
    )


def _gps(position: Directory) -> Any:
    def degrees(tag: int, reference: int) -> float | None:
        side = (text(position, reference, "latin-1") or "")[:1].upper()
        return degrees_of_rationals(rationals(position, tag), side)

    tags = ExifTags.GPS
    return location(
        degrees(tags.GPSLatitude, tags.GPSLatitudeRef),
        degrees(tags.GPSLongitude, tags.GPSLongitudeRef),
    )


def _present(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
