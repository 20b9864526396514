"""Field conditions as people give them, made into filters on the payload."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hybridsearch.analysis.dates import days_of
from hybridsearch.analysis.payload import FILTER_FIELDS
from hybridsearch.analysis.words import folded
from hybridsearch.domain.filters import AnyOf, Between, Condition, Filter
from hybridsearch.errors import QueryError


def field_is(field: str, *values: str) -> AnyOf:
    """The field has one of the values, whatever their case and accents.

    Raises:
        QueryError: there is no such field to filter on.
    """
    if field not in FILTER_FIELDS:
        raise QueryError(
            f"There is no field {field!r} to filter on.",
            f"Choose from {', '.join(FILTER_FIELDS)}.",
        )
    compared = values if field == "id" else tuple(folded(value) for value in values)
    return AnyOf(f"match.{field}", tuple(compared))


def taken(since: str | None, until: str | None) -> tuple[Between, ...]:
    """The picture may have been taken in the span; both ends may be partial dates and open.

    A picture dated "1942" may be of any day of that year, so it is in every span that
    touches the year.
    """
    conditions = []
    if since:
        conditions.append(Between("match.date_last", low=_days(since)[0]))
    if until:
        conditions.append(Between("match.date_first", high=_days(until)[1]))
    return tuple(conditions)


def filter_from(
    clauses: Iterable[str], since: str | None = None, until: str | None = None
) -> Filter:
    """``city=Butte`` requires, ``city!=Butte`` excludes; the same field twice means either.

    Raises:
        QueryError: a clause without ``=``, an unknown field, or a date that is none.
    """
    wanted: dict[str, list[str]] = {}
    unwanted: list[Condition] = []
    for clause in clauses:
        name, equals, value = clause.partition("=")
        if not equals or not value.strip():
            raise QueryError(
                f"{clause!r} is no filter.", "Write field=value, or field!=value to exclude."
            )
        if name.endswith("!"):
            unwanted.append(field_is(name[:-1].strip(), value))
        else:
            wanted.setdefault(name.strip(), []).append(value)
    required = [field_is(name, *values) for name, values in wanted.items()]
    return Filter(must=(*required, *taken(since, until)), must_not=tuple(unwanted))


def _days(value: str) -> tuple[int, int]:
    days = days_of(value)
    if days is None:
        raise QueryError(
            f"{value!r} is no date.", f"Write a year, a month or a day: {date.today():%Y-%m-%d}."
        )
    return days
