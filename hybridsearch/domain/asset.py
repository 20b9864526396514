"""The asset: one picture of the archive with what is written about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum


class Provenance(StrEnum):
    """Where a field's value came from, most trusted first."""

    MANIFEST = "manifest"
    SIDECAR = "sidecar"
    XMP = "xmp"
    IPTC = "iptc"
    EXIF = "exif"
    PICTURE = "picture"
    """Read from the picture itself: text that stands in it."""
    DETECTED = "detected"
    """Told from the asset's own texts: their language."""


PRECEDENCE: tuple[Provenance, ...] = tuple(Provenance)


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the globe, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Asset:
    """One picture with its metadata; names follow the IPTC Photo Metadata Standard 2025.1.

    ``id`` is the archive's own and stable; ``uri`` tells where the picture's bytes are.
    ``date_created`` is ISO 8601 and may be partial ("1942", "1942-10", "1942-10-05").
    """

    id: str
    uri: str | None = None
    headline: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    event: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    location: Location | None = None
    creator: str | None = None
    credit: str | None = None
    source: str | None = None
    copyright: str | None = None
    usage_terms: str | None = None
    date_created: str | None = None
    collection: str | None = None
    language: str | None = None
    ocr_text: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    width: int | None = None
    height: int | None = None
    media_type: str | None = None
    content_hash: str | None = None
    perceptual_hash: str | None = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)


ASSET_FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Asset))
LIST_FIELDS: tuple[str, ...] = ("keywords", "people", "organisations")
DESCRIPTIVE_FIELDS: tuple[str, ...] = tuple(
    name
    for name in ASSET_FIELDS
    if name
    not in {
        "id",
        "uri",
        "extra",
        "provenance",
        "width",
        "height",
        "media_type",
        "content_hash",
        "perceptual_hash",
    }
)
"""The fields that a manifest or the picture's embedded metadata may give."""
