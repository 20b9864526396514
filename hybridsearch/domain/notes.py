"""What a person is told beside an answer: which kind of thing, and the words it speaks of.

A note is a value, so that a page can say it in the reader's language; ``str`` says it in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hybridsearch.domain.listing import listed

Value = str | int | tuple[str, ...]
"""A text as it is, a number, or words that are each told in quotation marks."""


class NoteKind(Enum):
    """What can be told. Each kind is its sentence in English, with places for what it speaks of."""

    UNCLOSED_GROUP = "A parenthesis is not closed; its group ends with the query."
    UNCLOSED_PHRASE = "A quotation mark is not closed; all after it is read as one phrase."
    UNOPENED_GROUP = "A closing parenthesis closes nothing; it is read as a sign."
    DEEP_GROUPS = "Parentheses are read up to {most} deep; deeper ones are left out."
    OPERATORS_IN_A_ROW = "Of operators in a row only the first is read."
    JOINS_NOTHING = "“{text}” joins nothing here, so it is read as a word."
    CAPITALS = "AND and NOT in capitals are operators; written small they are words."
    EXCLUDES_ALL = (
        "-{text} leaves out only what has all of these words; join them by OR to leave out any."
    )
    TOO_MANY_CONDITIONS = (
        "A query has at most {most} conditions, so {text} is not required; its words only rank."
    )
    FIELD_WITHOUT_VALUE = "“{field}:” has no value right behind it, so it is read as a word."
    NO_FIELD = "“{field}:” is no field, so it is read as a word."
    NO_FIELD_BUT_NEAR = "“{field}:” is no field, so it is read as a word. Did you mean “{near}:”?"
    WHOLE_VALUE = "The whole {field} cannot be asked for; “{text}” is looked for in it."
    NO_WORD = "“{text}” has no word to look for and is read as words."
    NO_VALUE = "“{text}” has no value to look for and is read as words."
    NOTHING_TO_HAVE = (
        "“{text}” is nothing to have and is read as words; write has:people, has:caption,"
        " has:location, has:date."
    )
    NO_SHAPE = (
        "“{text}” is no shape of a picture and is read as words; write is:landscape, is:portrait,"
        " is:square, is:panorama."
    )
    NO_DISC = (
        "“{text}” needs latitude, longitude and radius and is read as words; write"
        " near:46.05,14.5,10km."
    )
    NO_BOX = (
        "“{text}” needs south, west, north and east and is read as words; write"
        " box:45.4,13.4,46.9,16.6."
    )
    NO_DATE = (
        "“{text}” is no date and is read as words; write 1942, 1942-10, 1942-10-05,"
        ' "june 1942" or "last week".'
    )
    OPEN_DATES = "“{text}” names no date and is read as words."
    NOT_IN_THE_CALENDAR = "“{text}” is no date of the calendar and is read as words."
    TWO_DAYS = (
        "“{text}” may be two different days and is read as words; write the year first: 1942-10-05."
    )
    DATE_WITHOUT_YEAR = '“{text}” needs a year and is read as words; write date:"{period} 1942".'
    WINTER = '“{text}” lies in two years and is read as words; write date:"{period} 1941/42".'
    SWAPPED_DATES = "The dates of “{text}” were read the other way round."

    UNKNOWN_WORDS = "In no caption or field: {words}."
    BY_STEM = "Matched by the stem only: {words}."
    BY_FURTHER_FORM = "Matched by an inflected form or another spelling only: {words}."
    MEANT = "Did you mean “{text}” for “{typed}”?"
    MEANT_TOO = "Did you mean “{text}” for “{typed}”? It was searched for too."
    LOOKS_ALONE = "No word of the query is in the archive: looks alone decide."
    WORDS_ALONE = "The archive was indexed without an encoder: words alone decide."
    UNMEASURED = (
        "The archive's background was not measured, so rankings are fused by rank (RRF): the next"
        " ingest measures it."
    )
    NO_NAMES = (
        "The names of this archive are not gathered yet, so only quotes and capitals tell a name;"
        " the next ingest gathers them."
    )
    OLD_NAMES = (
        "The names of this archive are those of {known} assets, and it has {assets}; the next"
        " ingest gathers them anew."
    )
    UNREAD_CALIBRATION = "The calibration {file} cannot be read: {reason}."
    DAMAGED_CALIBRATION = "The calibration {file} is damaged ({reason})."
    OTHER_CALIBRATION = (
        "The calibration of {legs} was fitted for another encoder or analyzer and is not used;"
        " fit it again: hybridsearch eval calibrate."
    )

    @property
    def key(self) -> str:
        """The name that programs know the kind by: ``unknown_words``."""
        return self.name.lower()

    def of(self, **values: Value) -> Note:
        """The note on something: a value for each place of the sentence."""
        return Note(self, tuple(values.items()))


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is told: ``values`` fill the places of its kind's sentence."""

    kind: NoteKind
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return str(self.kind.value).format(**{name: _told(each) for name, each in self.values})


def _told(value: Value) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else listed([f"“{word}”" for word in value])
