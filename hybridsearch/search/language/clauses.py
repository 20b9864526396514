"""What the clauses of a query require of the payload.

In: a field and the value typed after its colon. Out: a Meaning with the condition, or Unread
with the reason, in words for the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hybridsearch.analysis.payload import (
    DATE_FIRST_KEY,
    DATE_LAST_KEY,
    FILTER_FIELDS,
    LOCATION_KEY,
    ORIENTATION_KEY,
    ORIENTATIONS,
    TEXT_KEYS,
)
from hybridsearch.analysis.texts import compared_words
from hybridsearch.analysis.words import folded
from hybridsearch.domain.filters import (
    AnyOf,
    Between,
    Condition,
    Filter,
    HasPhrase,
    Pictured,
    Present,
    WithinBox,
    WithinRadius,
)
from hybridsearch.domain.notes import Note, NoteKind
from hybridsearch.search.language import dates, places
from hybridsearch.search.language.fields import Field, Reading, field_named
from hybridsearch.search.language.tokens import shortened
from hybridsearch.search.language.unread import Unread


@dataclass(frozen=True, slots=True)
class Meaning:
    """The condition, and the value as it was understood; ``note`` tells of a doubt."""

    condition: Condition
    shown: str
    note: Note | None = None


_PLACE_FIELDS = ("city", "region", "country")
SHAPES = {
    **{each: (each,) for each in ORIENTATIONS},
    "horizontal": ("landscape", "panorama"),
    "vertical": ("portrait",),
    "panoramic": ("panorama",),
}
"""What ``is:`` takes, with the orientations that it stands for."""

_SPANS = {
    "date": dates.span_of,
    "since": dates.since,
    "until": dates.until,
    "before": dates.before,
    "after": dates.after,
}
_IMAGE_TYPES = {"jpg": "jpeg", "tif": "tiff"}


def meaning_of(field: Field, value: str, exact: bool, today: date) -> Meaning | Unread:
    """What a clause requires; ``exact`` asks for the field's whole value (``by:="..."``)."""
    value = " ".join(value.split())
    match field.reading:
        case Reading.WORDS if not exact:
            return _words(field.name, value)
        case Reading.WORDS | Reading.VALUE:
            return _value(field.name, value)
        case Reading.DATE:
            return _date(field.name, value, today)
        case Reading.HAS:
            return _has(value)
        case Reading.IS:
            return _is(value)
    return _on_the_globe(field.name, value)


def text_has(words: tuple[str, ...]) -> HasPhrase:
    """The words stand one after the other in one of the text fields."""
    return HasPhrase(TEXT_KEYS, words)


def _words(field: str, value: str) -> Meaning | Unread:
    words = compared_words(value)
    if not words:
        return Unread(NoteKind.NO_WORD)
    return Meaning(HasPhrase((f"text.{field}",), words), value)


def _value(field: str, value: str) -> Meaning | Unread:
    compared = value if field == "id" else folded(value)
    if not compared_words(value):
        return Unread(NoteKind.NO_VALUE)
    if field == "place":
        anywhere = tuple(AnyOf(f"match.{name}", (compared,)) for name in _PLACE_FIELDS)
        return Meaning(Filter(should=anywhere), value)
    if field not in FILTER_FIELDS:
        found = _words(field, value)
        note = NoteKind.WHOLE_VALUE.of(field=field, text=shortened(value))
        return Meaning(found.condition, value, note) if isinstance(found, Meaning) else found
    if field == "media_type" and "/" not in compared:
        compared = f"image/{_IMAGE_TYPES.get(compared, compared)}"
    return Meaning(AnyOf(f"match.{field}", (compared,)), value)


def _date(field: str, value: str, today: date) -> Meaning | Unread:
    span = _SPANS[field](value, today)
    if isinstance(span, Unread):
        return span
    conditions = taken(span)
    note = NoteKind.SWAPPED_DATES.of(text=value) if span.swapped else None
    whole = conditions[0] if len(conditions) == 1 else Filter(must=conditions)
    return Meaning(whole, str(span), note)


def taken(span: dates.Span) -> tuple[Between, ...]:
    """The picture may have been taken in the span: its date, which may be a year, touches it."""
    conditions = []
    if span.low is not None:
        conditions.append(Between(DATE_LAST_KEY, low=span.low))
    if span.high is not None:
        conditions.append(Between(DATE_FIRST_KEY, high=span.high))
    return tuple(conditions)


def _has(value: str) -> Meaning | Unread:
    wanted = folded(value)
    if wanted in _PRESENT:
        return Meaning(_PRESENT[wanted], wanted)
    field = field_named(wanted)
    if field is None or field.reading not in (Reading.WORDS, Reading.VALUE):
        return Unread(NoteKind.NOTHING_TO_HAVE)
    if field.reading is Reading.VALUE:
        return Meaning(Present(f"match.{field.name}"), field.name)
    return Meaning(Present(f"text.{field.name}"), field.name)


_PRESENT: dict[str, Condition] = {
    **dict.fromkeys(("picture", "image"), Pictured()),
    **dict.fromkeys(("location", "gps", "coordinates"), Present(LOCATION_KEY)),
    "date": Present(DATE_FIRST_KEY),
}


def _is(value: str) -> Meaning | Unread:
    wanted = folded(value)
    if wanted not in SHAPES:
        return Unread(NoteKind.NO_SHAPE)
    return Meaning(AnyOf(ORIENTATION_KEY, SHAPES[wanted]), wanted)


def _on_the_globe(field: str, value: str) -> Meaning | Unread:
    if field == "near":
        disc = places.disc_of(value)
        if disc is None:
            return Unread(NoteKind.NO_DISC)
        centre = (disc.latitude, disc.longitude, disc.metres)
        return Meaning(WithinRadius(LOCATION_KEY, *centre), str(disc))
    box = places.box_of(value)
    if box is None:
        return Unread(NoteKind.NO_BOX)
    return Meaning(WithinBox(LOCATION_KEY, box.south, box.west, box.north, box.east), str(box))
