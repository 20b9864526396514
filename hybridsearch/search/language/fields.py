"""The fields of the query language and the short names that editors type for them.

In: the name before a colon. Out: the Field it means, or the nearest name that there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache


class Reading(StrEnum):
    """How the value of a clause is read."""

    WORDS = "words"
    """Words that stand one after the other in the field."""
    VALUE = "value"
    """The field's whole value."""
    DATE = "date"
    HAS = "has"
    IS = "is"
    NEAR = "near"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class Field:
    """``name`` is the asset's field (``place`` is city, region and country), or the clause's."""

    name: str
    reading: Reading


_WORDS = {
    "headline": "headline title",
    "caption": "caption description desc",
    "keywords": "keywords keyword kw tag tags",
    "people": "people person persons who",
    "organisations": "organisations organisation organizations organization org orgs",
    "event": "event",
    "place": "place in where",
    "creator": "creator by photographer author byline",
    "credit": "credit",
    "source": "source",
    "copyright": "copyright",
    "usage_terms": "usage_terms rights usage terms",
    "collection": "collection set",
    "ocr_text": "ocr_text ocr text",
}
_VALUES = {
    "id": "id",
    "city": "city",
    "region": "region state",
    "country": "country",
    "language": "language lang",
    "media_type": "media_type type format",
}
_CLAUSES = {
    Reading.DATE: ("date", "since", "until", "before", "after"),
    Reading.HAS: ("has",),
    Reading.IS: ("is",),
    Reading.NEAR: ("near",),
    Reading.BOX: ("box",),
}
_DATES = "taken date_created created year"

FIELDS: dict[str, Field] = {
    **{n: Field(f, Reading.WORDS) for f, names in _WORDS.items() for n in names.split()},
    **{n: Field(f, Reading.VALUE) for f, names in _VALUES.items() for n in names.split()},
    **{n: Field(n, reading) for reading, names in _CLAUSES.items() for n in names},
    **{n: Field("date", Reading.DATE) for n in _DATES.split()},
}
"""All names that may stand before a colon."""


def field_named(name: str) -> Field | None:
    """The field of that name, whatever its case; a hyphen may stand for the underscore."""
    return FIELDS.get(name) or FIELDS.get(name.casefold().replace("-", "_"))


@lru_cache(maxsize=1024)
def nearest_name(name: str) -> str | None:
    """The name of a field that a mistyped one may have meant."""
    near = get_close_matches(name.casefold(), FIELDS, n=1, cutoff=0.7)
    return near[0] if near else None
