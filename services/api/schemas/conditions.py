"""Filters as a client gives them.

In: JSON conditions, or ``field=value`` in a link. Out: the engine's filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hybridsearch.analysis.payload import (
    FILTER_FIELDS,
    ORIENTATION_KEY,
    ORIENTATIONS,
    YEAR_KEY,
)
from hybridsearch.domain.filters import (
    AnyOf,
    Condition,
    Filter,
)
from hybridsearch.errors import QueryError
from hybridsearch.search.conditions import field_is, has, in_box, taken, within

MOST_CONDITIONS = 50
Value = Annotated[str, StringConstraints(min_length=1, max_length=500)]
PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"),
    Field(description="1942, 1942-10 or 1942-10-05", examples=["1942-10"]),
]


class _Condition(BaseModel):
    model_config = ConfigDict(extra="forbid")

    exclude: bool = Field(False, description="what fulfils it is left out")


class FieldCondition(_Condition):
    """A field has one of the values, whatever their case and accents."""

    field: str = Field(
        description=f"one of {', '.join(FILTER_FIELDS)}, year, orientation", examples=["people"]
    )
    any_of: list[Value] = Field(min_length=1, max_length=200, examples=[["Grace Hopper"]])

    def condition(self) -> Condition:
        """The engine's condition. Raises QueryError: there is no such field."""
        if self.field == "year":
            return AnyOf(YEAR_KEY, tuple(self.any_of))
        if self.field == "orientation":
            unknown = next((each for each in self.any_of if each not in ORIENTATIONS), None)
            if unknown is not None:
                raise QueryError(
                    f"There is no orientation {unknown!r}.",
                    f"Choose from {', '.join(ORIENTATIONS)}.",
                )
            return AnyOf(ORIENTATION_KEY, tuple(self.any_of))
        return field_is(self.field, *self.any_of)


class DateCondition(_Condition):
    """The picture may have been taken in a span of days; either end may be open."""

    since: PartialDate | None = None
    until: PartialDate | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> DateCondition:
        if self.since is None and self.until is None:
            raise ValueError("give since, until, or both")
        return self

    def condition(self) -> Condition:
        """The engine's condition. Raises QueryError: a date that is none."""
        return Filter(must=taken(self.since, self.until))


class BoxCondition(_Condition):
    """Taken inside a box, in degrees (WGS 84); ``west`` above ``east`` is over the 180th."""

    south: float = Field(ge=-90, le=90)
    west: float = Field(ge=-180, le=180)
    north: float = Field(ge=-90, le=90)
    east: float = Field(ge=-180, le=180)

    @model_validator(mode="after")
    def _has_a_height(self) -> BoxCondition:
        if self.south > self.north:
            raise ValueError("south lies above north")
        return self

    def condition(self) -> Condition:
        """The engine's condition."""
        return in_box(self.south, self.west, self.north, self.east)


class RadiusCondition(_Condition):
    """Taken around a place."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    kilometres: float = Field(gt=0, le=20_040)

    def condition(self) -> Condition:
        """The engine's condition."""
        return within(self.latitude, self.longitude, self.kilometres * 1000)


class PictureCondition(_Condition):
    """There is a picture, not words alone."""

    has: Literal["picture"]

    def condition(self) -> Condition:
        """The engine's condition."""
        return has(self.has)


AnyCondition = FieldCondition | DateCondition | BoxCondition | RadiusCondition | PictureCondition


def filter_of(conditions: Sequence[AnyCondition]) -> Filter:
    """All of the conditions.

    Raises:
        QueryError: an unknown field, or a value that a field cannot have.
    """
    return Filter(
        must=tuple(each.condition() for each in conditions if not each.exclude),
        must_not=tuple(each.condition() for each in conditions if each.exclude),
    )


def conditions_of(clauses: Sequence[str]) -> list[AnyCondition]:
    """``field=value`` and ``field!=value``, as links have them; a field given twice means either.

    Raises:
        QueryError: a clause without ``=``, or a value that is too long.
    """
    wanted: dict[str, list[str]] = {}
    found: list[AnyCondition] = []
    for clause in clauses:
        name, equals, value = clause.partition("=")
        if not equals or not value.strip() or len(value) > 500:
            raise QueryError(
                f"{clause[:100]!r} is no filter.",
                "Write field=value, or field!=value to exclude.",
            )
        if name.endswith("!"):
            found.append(FieldCondition(field=name[:-1].strip(), any_of=[value], exclude=True))
        else:
            wanted.setdefault(name.strip(), []).append(value)
    found.extend(FieldCondition(field=name, any_of=values) for name, values in wanted.items())
    return found
