"""One row of a manifest, checked: the edge where foreign values become asset fields."""

from __future__ import annotations

from typing import Annotated, Any

import regex
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hybridsearch.domain.asset import DESCRIPTIVE_FIELDS, Location

_SEPARATOR = regex.compile(r"\s*[;|]\s*")


def _as_text(value: object) -> object:
    """Numbers are welcome where text is asked: a year, a house number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return str(value)
    return value.strip() or None if isinstance(value, str) else value


def _as_list(value: object) -> object:
    """A list, or one text with ``;`` or ``|`` between the values (as CSV needs)."""
    if isinstance(value, str):
        return [part for part in _SEPARATOR.split(value.strip()) if part]
    if isinstance(value, list):
        return [part for part in (_as_text(each) for each in value) if part is not None]
    return () if value is None else value


Text = Annotated[str | None, BeforeValidator(_as_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class ManifestLocation(BaseModel):
    """Degrees, WGS 84."""

    model_config = ConfigDict(extra="forbid")

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class ManifestRow(BaseModel):
    """The columns a manifest may have; all but ``id`` may be absent."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=512)]
    file: Text = None
    uri: Text = None
    headline: Text = None
    caption: Text = None
    keywords: Texts = ()
    people: Texts = ()
    organisations: Texts = ()
    event: Text = None
    city: Text = None
    region: Text = None
    country: Text = None
    location: ManifestLocation | None = None
    creator: Text = None
    credit: Text = None
    source: Text = None
    copyright: Text = None
    usage_terms: Text = None
    date_created: Text = None
    collection: Text = None
    language: Text = None
    ocr_text: Text = None
    extra: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _latitude_and_longitude(cls, row: dict[str, Any]) -> dict[str, Any]:
        """Two columns ``latitude`` and ``longitude`` are a location too."""
        if row.get("latitude") not in (None, "") and row.get("longitude") not in (None, ""):
            row = dict(row)
            row["location"] = {
                "latitude": row.pop("latitude"),
                "longitude": row.pop("longitude"),
            }
        return row

    @classmethod
    def from_columns(cls, columns: dict[str, Any]) -> ManifestRow:
        """Check the known columns; gather the others, as text, in ``extra``."""
        known = {*cls.model_fields, "latitude", "longitude"} - {"extra"}
        row = {key: value for key, value in columns.items() if key in known}
        for name in ("latitude", "longitude"):
            if row.get(name) in (None, ""):
                row.pop(name, None)
        others = {
            key: value if isinstance(value, str) else str(value)
            for key, value in columns.items()
            if key not in known and value not in (None, "", [], {})
        }
        return cls.model_validate({**row, "extra": others})


def fields_of(row: ManifestRow) -> dict[str, Any]:
    """The asset fields that the row fills."""
    fields: dict[str, Any] = {
        name: value
        for name in (*DESCRIPTIVE_FIELDS, "uri")
        if name != "location" and (value := getattr(row, name)) not in (None, ())
    }
    if row.location is not None:
        fields["location"] = Location(row.location.latitude, row.location.longitude)
    if row.extra:
        fields["extra"] = row.extra
    return fields
