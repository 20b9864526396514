"""Many sources, one asset: for each field the most trusted source that fills it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from hybridsearch.domain.asset import (
    DESCRIPTIVE_FIELDS,
    PRECEDENCE,
    Asset,
    Provenance,
)
from hybridsearch.ingest.entry import Entry
from hybridsearch.ports import FieldReadings, Picture


def asset_from(
    entry: Entry, readings: FieldReadings, picture: Picture | None, content_hash: str | None
) -> Asset:
    """Manifest above sidecar above XMP above IPTC-IIM above EXIF, field by field.

    Keywords are the union of what every source gives, in the order of trust; so is ``extra``,
    key by key.
    """
    given = {Provenance.MANIFEST: entry.fields, **readings}
    values: dict[str, Any] = {}
    provenance: dict[str, Provenance] = {}
    for origin in PRECEDENCE:
        for name in DESCRIPTIVE_FIELDS:
            value = given.get(origin, {}).get(name)
            if name not in values and value not in (None, "", (), []):
                values[name] = tuple(value) if isinstance(value, list | tuple) else value
                provenance[name] = origin
    if "keywords" in values:
        values["keywords"] = _all_keywords(given)
    extra: dict[str, str] = {}
    for origin in reversed(PRECEDENCE):
        extra.update(given.get(origin, {}).get("extra") or {})
    return Asset(
        id=entry.asset_id,
        uri=entry.uri,
        extra=extra,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        media_type=picture.media_type if picture else None,
        content_hash=content_hash,
        provenance=provenance,
        **values,
    )


def _all_keywords(given: Mapping[Provenance, Mapping[str, Any]]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for origin in PRECEDENCE:
        for keyword in given.get(origin, {}).get("keywords") or ():
            seen.setdefault(keyword.casefold(), keyword)
    return tuple(seen.values())


def fields_hash(fields: Mapping[str, Any], versions: Sequence[str] = ()) -> str:
    """Tells whether the manifest's row changed since the asset was written.

    ``versions`` stand for what else the asset is made of: its sidecars, a remote file.
    """
    plain = {
        name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        for name, value in fields.items()
    }
    written = json.dumps(plain, sort_keys=True, default=list)
    for version in versions:
        written += f"\0{version}"
    return hashlib.sha256(written.encode("utf-8", "surrogateescape")).hexdigest()[:32]
