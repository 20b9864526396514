"""IPTC-IIM and EXIF become asset fields.

In: their blocks. Out: asset fields. The mapping is that of the IPTC Photo Metadata Standard
2025.1 and of its Mapping Guidelines 2022.1 (for EXIF). Text from before Unicode is read in the
encoding in which the whole block reads like a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PIL import ExifTags, Image

from hybridsearch.adapters.media.blocks import Dataset
from hybridsearch.adapters.media.dates import iso_date
from hybridsearch.adapters.media.encodings import likely_encoding
from hybridsearch.adapters.media.exif import Directory, directory, rationals, raw_text
from hybridsearch.adapters.media.gps import degrees_of_rationals, location
from hybridsearch.adapters.media.text import (
    clean,
    clean_description,
    clean_list,
    clean_names,
    decode,
    unicode_of,
)

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
_IIM_READ = {*_IIM_TEXTS.values(), *_IIM_DESCRIPTIONS.values()} | {
    _IIM_KEYWORDS,
    _IIM_BYLINE,
    _IIM_DATE,
    _IIM_TIME,
}

_IIM_CHARACTER_SET = (1, 90)
_IIM_UTF8 = b"\x1b%G"
_IIM_LATIN = {b"\x1b.A": "iso8859-1", b"\x1b-A": "iso8859-1", b"\x1b-B": "iso8859-2"}
"""Escape sequences of ISO 2022 for the right half of 8-bit sets, as writers use them."""

Decode = Callable[[bytes], str]


def fields_of_iim(
    datasets: Mapping[Dataset, Sequence[bytes]], legacy_encodings: Sequence[str]
) -> Mapping[str, Any]:
    """The asset fields that the datasets fill; those without a value are None."""
    texts = _iim_texts(datasets, legacy_encodings)

    def first(dataset: Dataset) -> str | None:
        return next(iter(texts.get(dataset, ())), None)

    date, time = first(_IIM_DATE), first(_IIM_TIME)
    return {
        **{field: clean(first(dataset)) for field, dataset in _IIM_TEXTS.items()},
        **{
            field: clean_description(first(dataset)) for field, dataset in _IIM_DESCRIPTIONS.items()
        },
        "keywords": clean_list(texts.get(_IIM_KEYWORDS, ())),
        "creator": clean_names(texts.get(_IIM_BYLINE, ())),
        "date_created": iso_date(f"{date.strip()}T{time}" if date and time else date),
    }


def _iim_texts(
    datasets: Mapping[Dataset, Sequence[bytes]], legacy_encodings: Sequence[str]
) -> Mapping[Dataset, Sequence[str]]:
    """UTF-8 needs no declaration here: it is tried first, since writers often forget to declare
    it and sometimes declare it wrongly.
    """
    read = {dataset: raws for dataset, raws in datasets.items() if dataset in _IIM_READ}
    declared = next(iter(datasets.get(_IIM_CHARACTER_SET, ())), b"")
    if declared in _IIM_LATIN:
        encoding = _IIM_LATIN[declared]
        return {each: [raw.decode(encoding) for raw in raws] for each, raws in read.items()}
    decoded = _decoder(
        [raw for raws in read.values() for raw in raws],
        legacy_encodings,
        declared=declared == _IIM_UTF8,
    )
    return {dataset: [decoded(raw) for raw in raws] for dataset, raws in read.items()}


def _decoder(
    raws: Iterable[bytes], legacy_encodings: Sequence[str], *, declared: bool = False
) -> Decode:
    """How to decode the texts of one block, all of which one program has written."""
    old = [raw for raw in raws if raw.isascii() or unicode_of(raw, declared=declared) is None]
    encoding = likely_encoding(old, legacy_encodings)
    return lambda raw: decode(raw, encoding, declared=declared)


def fields_of_exif(exif: Image.Exif, legacy_encodings: Sequence[str]) -> Mapping[str, Any]:
    """The asset fields that the directories fill; those without a value are None."""
    tags = ExifTags.Base
    detail = directory(exif, ExifTags.IFD.Exif)
    description, artist, notice = (
        raw_text(exif, tag) for tag in (tags.ImageDescription, tags.Artist, tags.Copyright)
    )
    decoded = _decoder((description, artist, notice), legacy_encodings)
    return {
        "caption": clean_description(decoded(description)),
        "creator": clean_names(decoded(artist).split(";")),
        "copyright": clean(decoded(notice)),
        "date_created": iso_date(
            _ascii(detail, tags.DateTimeOriginal), _ascii(detail, tags.OffsetTimeOriginal)
        ),
        "location": _gps(directory(exif, ExifTags.IFD.GPSInfo)),
    }


def _ascii(source: Directory, tag: int) -> str:
    return raw_text(source, tag).decode("latin-1")


def _gps(position: Directory) -> Any:
    def degrees(tag: int, reference: int) -> float | None:
        side = _ascii(position, reference)[:1].upper()
        return degrees_of_rationals(rationals(position, tag), side)

    tags = ExifTags.GPS
    return location(
        degrees(tags.GPSLatitude, tags.GPSLatitudeRef),
        degrees(tags.GPSLongitude, tags.GPSLongitudeRef),
    )
