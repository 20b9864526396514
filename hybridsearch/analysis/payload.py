"""Assets as store payloads, and back.

``asset`` holds the asset as it is; ``match`` holds what filters compare (folded values, days,
the place on the globe), ``text`` what phrases are looked for in, ``looks`` the perceptual hash;
``stamp`` holds what tells a changed file from an unchanged one, ``lengths`` the words in each
lexical field.

All that no filter reads are JSON texts: the embedded engine takes some 6 microseconds for each
string of a payload, in both directions, and an asset has many.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from hybridsearch.analysis.dates import days_of, year_of
from hybridsearch.analysis.texts import TEXT_FIELDS, phrase_texts
from hybridsearch.analysis.words import folded
from hybridsearch.domain.asset import ASSET_FIELDS, LIST_FIELDS, Asset, Location, Provenance

FILTER_FIELDS: tuple[str, ...] = (
    "id",
    "people",
    "organisations",
    "keywords",
    "event",
    "city",
    "region",
    "country",
    "creator",
    "credit",
    "source",
    "copyright",
    "usage_terms",
    "collection",
    "language",
    "media_type",
)
"""The fields that a search may filter on by value."""

YEAR_KEY = "match.year"
"""Four digits, where the date lies within one year."""

ORIENTATION_KEY = "match.orientation"
ORIENTATIONS: tuple[str, ...] = ("landscape", "portrait", "square", "panorama")

DATE_FIRST_KEY, DATE_LAST_KEY = "match.date_first", "match.date_last"
"""The days, as proleptic ordinals, that a date covers."""

LOCATION_KEY = "match.location"
LOOKS_KEY = "looks"
"""The perceptual hash: beside ``match``, so that a thousand of them are read without the rest."""

KEYWORD_KEYS: tuple[str, ...] = (
    *(f"match.{name}" for name in FILTER_FIELDS),
    YEAR_KEY,
    ORIENTATION_KEY,
)
INTEGER_KEYS: tuple[str, ...] = (DATE_FIRST_KEY, DATE_LAST_KEY)
TEXT_KEYS: tuple[str, ...] = tuple(f"text.{name}" for name in TEXT_FIELDS)
LOCATION_KEYS: tuple[str, ...] = (LOCATION_KEY,)

_SQUARE, _PANORAMA = 1.05, 2.0
"""Longer side over shorter: below the one a picture looks square; width over height: from the
other on it is a panorama."""

_POLE = 89.999999
"""Degrees, 11 cm from the pole: engines index no location on the pole itself."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file looked when it was indexed; equal stamps mean that nothing has to be done.

    ``place`` is the URI that the picture was read from, where that is not the asset's own;
    ``source`` that of the folder or manifest which listed it, None where nobody did.
    """

    size: int | None
    mtime_ns: int | None
    content_hash: str | None
    fields_hash: str
    place: str | None = None
    source: str | None = None


_STAMPED = ("size", "mtime_ns", "content_hash", "fields_hash")
_OPTIONAL = ("place", "source")


_ORIGINS = {each.value: each for each in Provenance}
"""A look-up takes a twentieth of the time of a call, and a hit has ten."""


def point_id(archive: str, asset_id: str) -> str:
    """64 bits of BLAKE2b over archive and asset id: writing an asset twice writes one point.

    As 16 hexadecimal digits: engines know a point by its number, which they give back ten
    times faster than a UUID, and a search reads hundreds. Two of ten million assets share one
    with a probability of 3 in a million; the ingest sees that and refuses the second.
    """
    name = f"{archive}\x00{asset_id}".encode(errors="surrogatepass")
    return blake2b(name, digest_size=8, person=b"hybridsearch").hexdigest()


def payload_of(asset: Asset, stamp: Stamp, lengths: Mapping[str, int]) -> dict[str, Any]:
    """The payload that is stored with the asset's vectors."""
    payload: dict[str, Any] = {
        "asset": _json(_stored(asset)),
        "match": _matchable(asset),
        "stamp": _json(_told(stamp)),
        "lengths": _json(lengths),
    }
    texts = phrase_texts(asset)
    if texts:
        payload["text"] = texts
    if asset.perceptual_hash:
        payload[LOOKS_KEY] = asset.perceptual_hash
    return payload


def asset_of(payload: Mapping[str, Any]) -> Asset:
    """The asset as it was stored."""
    stored = json.loads(payload["asset"])
    for name in LIST_FIELDS:
        stored[name] = tuple(stored.get(name, ()))
    if stored.get("location"):
        stored["location"] = Location(**stored["location"])
    stored["provenance"] = {
        name: _ORIGINS[origin] for name, origin in stored.get("provenance", {}).items()
    }
    return Asset(**stored)


def stamp_of(payload: Mapping[str, Any]) -> Stamp:
    """How the file looked when this payload was written."""
    return Stamp(**json.loads(payload["stamp"]))


def lengths_of(payload: Mapping[str, Any]) -> dict[str, int]:
    """Words in each lexical field."""
    lengths: dict[str, int] = json.loads(payload["lengths"])
    return lengths


def _told(stamp: Stamp) -> dict[str, Any]:
    """``dataclasses.asdict`` would copy each value deeply, for ten times as long."""
    told = {name: getattr(stamp, name) for name in _STAMPED}
    told.update((name, value) for name in _OPTIONAL if (value := getattr(stamp, name)))
    return told


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _stored(asset: Asset) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    for name in ASSET_FIELDS:
        value = getattr(asset, name)
        if value is None or value == () or value == {}:
            continue
        if isinstance(value, Location):
            value = asdict(value)
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Mapping):
            value = {key: str(each) for key, each in value.items()}
        stored[name] = value
    return stored


def _matchable(asset: Asset) -> dict[str, Any]:
    match: dict[str, Any] = {}
    for name in FILTER_FIELDS:
        value = getattr(asset, name)
        values = value if isinstance(value, tuple) else (value,)
        kept = [str(each) if name == "id" else _folded(str(each)) for each in values if each]
        if kept:
            match[name] = kept
    if asset.date_created:
        match.update(_dated(asset.date_created))
    if asset.location:
        match.update(_location(asset.location))
    if asset.width and asset.height:
        match["orientation"] = orientation_of(asset.width, asset.height)
    return match


_folded = lru_cache(maxsize=8192)(folded)
"""Photographers, places and credit lines come again and again, and so do days."""


@lru_cache(maxsize=8192)
def _dated(date_created: str) -> Mapping[str, int | str]:
    days = days_of(date_created)
    if days is None:
        return {}
    year = year_of(days)
    told: dict[str, int | str] = {"date_first": days[0], "date_last": days[1]}
    return told if year is None else {**told, "year": f"{year:04}"}


def orientation_of(width: int, height: int) -> str:
    """One of ``ORIENTATIONS``; sides are those of the upright picture, in pixels."""
    if width >= _PANORAMA * height:
        return "panorama"
    if max(width, height) < _SQUARE * min(width, height):
        return "square"
    return "landscape" if width > height else "portrait"


def _location(place: Location) -> dict[str, dict[str, float]]:
    """Nothing where the numbers are no place on the globe: an engine would take them as one."""
    if not (abs(place.latitude) <= 90 and abs(place.longitude) <= 180):
        return {}
    latitude = max(-_POLE, min(_POLE, place.latitude))
    return {"location": {"lat": latitude, "lon": place.longitude}}
