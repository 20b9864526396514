"""Field conditions as people and programs give them, made into filters on the payload.

Fields go by the names of the query language (``search.language.fields``): ``creator`` is also
``by`` and ``photographer``, ``place`` (or ``in``) is city, region and country.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date

from hybridsearch.analysis.dates import days_of
from hybridsearch.analysis.payload import (
    DATE_FIRST_KEY,
    DATE_LAST_KEY,
    FILTER_FIELDS,
    LOCATION_KEY,
)
from hybridsearch.analysis.texts import TEXT_FIELDS, compared_words
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
from hybridsearch.errors import QueryError
from hybridsearch.search.language.fields import field_named

_PLACE = ("city", "region", "country")
_PRESENT: dict[str, Condition] = {
    "picture": Pictured(),
    "location": Present(LOCATION_KEY),
    "date": Present(DATE_FIRST_KEY),
}


def field_is(field: str, *values: str) -> Condition:
    """The field has one of the values, whatever their case and accents.

    ``date`` takes partial dates (see ``taken``).

    Raises:
        QueryError: there is no such field to compare by its whole value, no such date, or
            no value at all.
    """
    name = _name_of(field)
    if not values:
        raise QueryError(f"The field {field!r} has no value to filter on.", "Give one or more.")
    if name == "date":
        return _either([Filter(must=taken(each, each)) for each in values])
    if name == "place":
        return _either([field_is(each, *values) for each in _PLACE])
    if name not in FILTER_FIELDS:
        choices = (*FILTER_FIELDS, "place", "date")
        raise QueryError(
            f"There is no field {field!r} to filter on.", f"Choose from {', '.join(choices)}."
        )
    compared = values if name == "id" else tuple(folded(value) for value in values)
    return AnyOf(f"match.{name}", tuple(compared))


def field_has(field: str, phrase: str) -> HasPhrase:
    """The words of the phrase stand one after the other in the field.

    Raises:
        QueryError: there is no such field of text, or the phrase has no word.
    """
    name = _name_of(field)
    if name not in TEXT_FIELDS:
        raise QueryError(
            f"There is no field {field!r} to look for words in.",
            f"Choose from {', '.join(TEXT_FIELDS)}.",
        )
    return HasPhrase((f"text.{name}",), _words(phrase))


def has(field: str) -> Condition:
    """The field is filled; ``picture``, ``location`` and ``date`` are fields here too.

    Raises:
        QueryError: there is no such field.
    """
    name = _name_of(field)
    if name in _PRESENT:
        return _PRESENT[name]
    if name == "place":
        return _either([Present(f"match.{each}") for each in _PLACE])
    if name in FILTER_FIELDS:
        return Present(f"match.{name}")
    if name in TEXT_FIELDS:
        return Present(f"text.{name}")
    choices = dict.fromkeys((*_PRESENT, *FILTER_FIELDS, *TEXT_FIELDS))
    raise QueryError(f"There is no field {field!r} to have.", f"Choose from {', '.join(choices)}.")


def in_box(south: float, west: float, north: float, east: float) -> WithinBox:
    """Taken in the box, in degrees; ``west`` above ``east`` is a box over the 180th meridian.

    Raises:
        QueryError: no such place, or south above north.
    """
    _check_place(south, west)
    _check_place(north, east)
    if south > north:
        raise QueryError(
            f"The box has its south ({south}) above its north ({north}).",
            "Give south, west, north, east.",
        )
    return WithinBox(LOCATION_KEY, south, west, north, east)


def within(latitude: float, longitude: float, metres: float) -> WithinRadius:
    """Taken at most that far from the place.

    Raises:
        QueryError: no such place, or a radius that is none.
    """
    _check_place(latitude, longitude)
    if not (math.isfinite(metres) and metres >= 0):
        raise QueryError(f"A radius of {metres} m is none.", "Give metres, 0 or more.")
    return WithinRadius(LOCATION_KEY, latitude, longitude, metres)


def taken(since: str | None, until: str | None) -> tuple[Between, ...]:
    """The picture may have been taken in the span; both ends may be partial dates and open.

    A picture dated "1942" may be of any day of that year, so it is in every span that
    touches the year.
    """
    conditions = []
    if since:
        conditions.append(Between(DATE_LAST_KEY, low=_days(since)[0]))
    if until:
        conditions.append(Between(DATE_FIRST_KEY, high=_days(until)[1]))
    return tuple(conditions)


def filter_from(
    clauses: Iterable[str], since: str | None = None, until: str | None = None
) -> Filter:
    """What all the clauses require.

    ``city=Butte`` requires the whole value, ``caption~steam engine`` the words in the field,
    ``city!=Butte`` and ``caption!~engine`` exclude. The same field twice with ``=`` means either.

    Raises:
        QueryError: no such clause, an unknown field, or a date that is none.
    """
    whole: dict[str, list[str]] = {}
    required: list[Condition] = []
    unwanted: list[Condition] = []
    for clause in clauses:
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            raise QueryError(
                f"{clause!r} is no filter.",
                "Write field=value or field~words, and field!=value or field!~words to exclude.",
            )
        field, excluded, sign, value = found.groups()
        if sign == "=" and not excluded:
            whole.setdefault(_name_of(field), []).append(value)
        else:
            condition = field_is(field, value) if sign == "=" else field_has(field, value)
            (unwanted if excluded else required).append(condition)
    values = [field_is(name, *several) for name, several in whole.items()]
    return Filter(must=(*values, *required, *taken(since, until)), must_not=tuple(unwanted))


_CLAUSE = re.compile(r"\s*([^=~!]+?)\s*(!?)([=~])\s*(\S.*?)\s*", re.DOTALL)


def _name_of(field: str) -> str:
    """The field's own name; names that only some clauses know stay as they are."""
    known = field_named(field.strip())
    return known.name if known else folded(field)


def _words(phrase: str) -> tuple[str, ...]:
    words = compared_words(phrase)
    if not words:
        raise QueryError(f"{phrase!r} has no word to look for.", "Write letters or digits.")
    return words


def _either(conditions: Iterable[Condition]) -> Filter:
    return Filter(should=tuple(conditions))


def _check_place(latitude: float, longitude: float) -> None:
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise QueryError(
            f"There is no place at latitude {latitude}, longitude {longitude}.",
            "Give degrees from -90 to 90 and from -180 to 180.",
        )


def _days(value: str) -> tuple[int, int]:
    days = days_of(value)
    if days is None:
        raise QueryError(
            f"{value!r} is no date.", f"Write a year, a month or a day: {date.today():%Y-%m-%d}."
        )
    return days
