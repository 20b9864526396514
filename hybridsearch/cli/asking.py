"""What a person gave on the command line, checked against what can be asked."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from hybridsearch.errors import QueryError

Choice = TypeVar("Choice", bound=StrEnum)


def one_of(choices: type[Choice], given: str, option: str) -> Choice:
    """The choice by its name.

    Raises:
        QueryError: there is none of that name; the message lists those there are.
    """
    try:
        return choices(given)
    except ValueError as error:
        raise QueryError(
            f"{option} cannot be {given!r}.", f"Choose from {', '.join(choices)}."
        ) from error
