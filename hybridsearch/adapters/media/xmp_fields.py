"""XMP properties become asset fields, by the IPTC Photo Metadata Standard 2025.1.

In: the properties of a packet or of a sidecar. Out: asset fields. Beside the standard's own
properties those are read in which picture managers keep what it has no place for: keyword
hierarchies (Lightroom, digiKam, Windows, Media Pro) and the names of faces (Metadata Working
Group regions, Windows).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hybridsearch.adapters.media.dates import iso_date
from hybridsearch.adapters.media.gps import degrees_of_text, location
from hybridsearch.adapters.media.text import clean, clean_description, clean_list, clean_names
from hybridsearch.adapters.media.xmp import XmpProperties

_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
_EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_REGIONS = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_WINDOWS_PEOPLE = "{http://ns.microsoft.com/photo/1.2/}"
_WINDOWS_REGION_INFO = "{http://ns.microsoft.com/photo/1.2/t/RegionInfo#}"
_WINDOWS_REGION = "{http://ns.microsoft.com/photo/1.2/t/Region#}"

_TEXTS = {
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
_DESCRIPTIONS = {"headline": f"{_PHOTOSHOP}Headline", "caption": f"{_DC}description"}
_KEYWORDS = f"{_DC}subject"
_PERSON, _PERSON_NAME = f"{_EXTENSION}PersonInImage", f"{_EXTENSION}PersonName"
_ORGANISATION = f"{_EXTENSION}OrganisationInImageName"
_PLACES = (f"{_EXTENSION}LocationShown", f"{_EXTENSION}LocationCreated")
"""Structures that stand in for the older city, region and country, the better one first."""

_PLACE_FIELDS = {
    "city": f"{_EXTENSION}City",
    "region": f"{_EXTENSION}ProvinceState",
    "country": f"{_EXTENSION}CountryName",
}
_DATES = (f"{_PHOTOSHOP}DateCreated", f"{_EXIF}DateTimeOriginal")

_PATHS = {
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject": "|",
    "{http://www.digikam.org/ns/1.0/}TagsList": "/",
    "{http://ns.microsoft.com/photo/1.0/}LastKeywordXMP": "/",
    "{http://ns.iview-multimedia.com/mediapro/1.0/}CatalogSets": "|",
}
"""Properties that hold keywords with the broader ones above them, and what parts the levels."""

_PROGRAMS_OWN = ("_Digikam_", "darktable")
"""Beginnings of paths that programs keep for themselves; they say nothing of the picture."""

KEYWORD_PATHS = "keyword_paths"
"""The key in ``extra``: paths with ``|`` between the levels, ``; `` between paths."""


def fields_of_xmp(properties: XmpProperties) -> Mapping[str, Any]:
    """The asset fields that the properties fill; those without a value are None.

    Each level of a keyword path is a keyword too, so that a search for the broader one finds
    the picture; the paths themselves are kept in ``extra``.
    """
    paths = list(_keyword_paths(properties))
    levels = (level for path in paths for level in path)
    fields: dict[str, Any] = {
        **{field: clean(properties.text(name)) for field, name in _TEXTS.items()},
        **{
            field: clean_description(properties.text(name)) for field, name in _DESCRIPTIONS.items()
        },
        "keywords": clean_list([*properties.items(_KEYWORDS), *levels]),
        "people": clean_list(_people(properties)),
        "organisations": clean_list(properties.items(_ORGANISATION)),
        "creator": clean_names(properties.items(f"{_DC}creator")),
        "date_created": next(
            filter(None, (iso_date(properties.text(name)) for name in _DATES)), None
        ),
        "location": location(
            degrees_of_text(properties.text(f"{_EXIF}GPSLatitude")),
            degrees_of_text(properties.text(f"{_EXIF}GPSLongitude")),
        ),
    }
    if not any(fields[field] for field in _PLACE_FIELDS):
        fields.update(_place(properties))
    written = clean_list("|".join(path) for path in paths if len(path) > 1)
    if written:
        fields["extra"] = {KEYWORD_PATHS: "; ".join(written)}
    return fields


def _keyword_paths(properties: XmpProperties) -> Iterator[tuple[str, ...]]:
    """Levels from broad to narrow, each path once."""
    seen = set()
    for name, separator in _PATHS.items():
        for item in properties.items(name):
            levels = tuple(level for part in item.split(separator) if (level := clean(part)))
            if levels and levels not in seen and not levels[0].startswith(_PROGRAMS_OWN):
                seen.add(levels)
                yield levels


def _people(properties: XmpProperties) -> Iterator[str | None]:
    yield from properties.items(_PERSON)
    for person in properties.structures(f"{_PERSON}WDetails"):
        yield person.get(_PERSON_NAME)
    for face in properties.structures(f"{_REGIONS}Regions", f"{_REGIONS}RegionList"):
        if face.get(f"{_REGIONS}Type") == "Face":
            yield face.get(f"{_REGIONS}Name")
    for face in properties.structures(
        f"{_WINDOWS_PEOPLE}RegionInfo", f"{_WINDOWS_REGION_INFO}Regions"
    ):
        yield face.get(f"{_WINDOWS_REGION}PersonDisplayName")


def _place(properties: XmpProperties) -> Mapping[str, str | None]:
    """The first structure that names a place."""
    for structure in (each for name in _PLACES for each in properties.structures(name)):
        place = {field: clean(structure.get(name)) for field, name in _PLACE_FIELDS.items()}
        if any(place.values()):
            return place
    return {}
