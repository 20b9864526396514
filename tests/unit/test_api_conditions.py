from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from hybridsearch.domain.filters import AnyOf, Filter, Pictured, WithinBox, WithinRadius
from hybridsearch.errors import QueryError
from hybridsearch.search.conditions import taken
from services.api.schemas.conditions import AnyCondition, conditions_of, filter_of

CONDITIONS = TypeAdapter(list[AnyCondition])


def made(*conditions: dict[str, Any]) -> Filter:
    return filter_of(CONDITIONS.validate_python(list(conditions)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"field": "people", "any_of": ["Žižek"]}, AnyOf("match.people", ("zizek",))),
        ({"field": "year", "any_of": ["1942"]}, AnyOf("match.year", ("1942",))),
        (
            {"field": "orientation", "any_of": ["square"]},
            AnyOf("match.orientation", ("square",)),
        ),
        ({"since": "1942", "until": "1943-02"}, Filter(must=taken("1942", "1943-02"))),
        (
            {"south": 1, "west": 170, "north": 2, "east": -170},
            WithinBox("match.location", 1, 170, 2, -170),
        ),
        (
            {"latitude": 46, "longitude": 14.5, "kilometres": 5},
            WithinRadius("match.location", 46, 14.5, 5000),
        ),
        ({"has": "picture"}, Pictured()),
    ],
)
def test_conditions_become_the_engines(given: dict[str, Any], expected: object) -> None:
    assert made(given) == Filter(must=(expected,))  # type: ignore[arg-type]
    assert made({**given, "exclude": True}) == Filter(must_not=(expected,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "people", "any_of": []},
        {"field": "people", "any_of": [""]},
        {"field": "people"},
        {"since": "yesterday"},
        {},
        {"exclude": True},
        {"south": 2, "west": 0, "north": 1, "east": 0},
        {"latitude": 91, "longitude": 0, "kilometres": 1},
        {"latitude": 0, "longitude": 0, "kilometres": 0},
        {"has": "everything"},
        {"field": "people", "any_of": ["a"], "since": "1942"},
    ],
)
def test_what_is_no_condition_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        made(wrong)


@pytest.mark.parametrize(
    "unknown",
    [
        {"field": "colour", "any_of": ["red"]},
        {"field": "orientation", "any_of": ["round"]},
        {"since": "1942-99"},
    ],
)
def test_what_cannot_be_asked_is_told_with_what_can(unknown: dict[str, Any]) -> None:
    with pytest.raises(QueryError):
        made(unknown)


def test_a_link_says_the_same_in_words() -> None:
    found = filter_of(conditions_of(["people=Ana", "city!=Butte", "people=Eva", "year=1942"]))
    assert found == Filter(
        must=(AnyOf("match.people", ("ana", "eva")), AnyOf("match.year", ("1942",))),
        must_not=(AnyOf("match.city", ("butte",)),),
    )


@pytest.mark.parametrize("clause", ["people", "people=", "people= ", f"people={'x' * 501}"])
def test_a_clause_that_is_none_is_told(clause: str) -> None:
    with pytest.raises(QueryError, match="is no filter"):
        conditions_of([clause])
