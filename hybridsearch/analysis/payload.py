"""Assets as store payloads, and back.

``asset`` holds the asset as it is; ``match`` holds what filters compare (folded values, days);
``stamp`` holds what tells a changed file from an unchanged one, ``lengths`` the words in each
lexical field.

All but ``match`` are JSON texts: the embedded engine takes some 6 microseconds for each string
of a payload, in both directions, and an asset has many.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hybridsearch.analysis.dates import days_of
from hybridsearch.analysis.words import folded
from hybridsearch.domain.asset import ASSET_FIELDS, LIST_FIELDS, Asset, Location, Provenance

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tag:hybridsearch,2026:asset")

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

KEYWORD_KEYS: tuple[str, ...] = tuple(f"match.{name}" for name in FILTER_FIELDS)
INTEGER_KEYS: tuple[str, ...] = ("match.date_first", "match.date_last")


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file looked when it was indexed; equal stamps mean that nothing has to be done."""

    size: int | None
    mtime_ns: int | None
    content_hash: str | None
    fields_hash: str


def point_id(archive: str, asset_id: str) -> str:
    """UUIDv5 of archive and asset id: writing the same asset twice writes the same point."""
    return str(uuid.uuid5(_NAMESPACE, f"{archive}\x00{asset_id}"))


def payload_of(asset: Asset, stamp: Stamp, lengths: Mapping[str, int]) -> dict[str, Any]:
    """The payload that is stored with the asset's vectors."""
    return {
        "asset": _json(_stored(asset)),
        "match": _matchable(asset),
        "stamp": _json(asdict(stamp)),
        "lengths": _json(lengths),
    }


def asset_of(payload: Mapping[str, Any]) -> Asset:
    """The asset as it was stored."""
    stored = json.loads(payload["asset"])
    for name in LIST_FIELDS:
        stored[name] = tuple(stored.get(name, ()))
    if stored.get("location"):
        stored["location"] = Location(**stored["location"])
    stored["provenance"] = {
        name: Provenance(origin) for name, origin in stored.get("provenance", {}).items()
    }
    return Asset(**stored)


def stamp_of(payload: Mapping[str, Any]) -> Stamp:
    """How the file looked when this payload was written."""
    return Stamp(**json.loads(payload["stamp"]))


def lengths_of(payload: Mapping[str, Any]) -> dict[str, int]:
    """Words in each lexical field."""
    lengths: dict[str, int] = json.loads(payload["lengths"])
    return lengths


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
        kept = [str(each) if name == "id" else folded(str(each)) for each in values if each]
        if kept:
            match[name] = kept
    days = days_of(asset.date_created) if asset.date_created else None
    if days:
        match["date_first"], match["date_last"] = days
    return match
