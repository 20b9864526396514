"""Queries in addresses: read and checked in one go, and described by hand.

In: a request. Out: a checked model. FastAPI reads each parameter by itself, which takes longer
than all the rest of a search's way through the service; this reads them all at once.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Link = TypeVar("Link", bound=BaseModel)


def link_of(request: Request, kind: type[Link]) -> Link:
    """The parameters of the address; of one that is given twice and is no list, the last counts.

    Raises:
        RequestValidationError: a parameter is unknown, or has a value that it cannot have.
    """
    lists = _lists(kind)
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in lists:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        told = [{**each, "loc": ("query", *each["loc"])} for each in found]
        raise RequestValidationError(told) from error


def linked(kind: type[BaseModel]) -> dict[str, Any]:
    """What the API's description says of such an address."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.get("$defs", {})
    required = schema.get("required", ())
    parameters = []
    for name, field in schema["properties"].items():
        told = {key: value for key, value in field.items() if key not in ("title", "description")}
        parameter = {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _inlined(told, parts),
        }
        if "description" in field:
            parameter["description"] = field["description"]
        parameters.append(parameter)
    return {"parameters": parameters}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    """The schema with its references followed, and without null: an address has none."""
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if each != {"type": "null"}]
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        return {**_inlined(kinds[0], parts), **rest} if len(kinds) == 1 else schema
    return {key: _inlined(value, parts) for key, value in schema.items()}


@cache
def _lists(kind: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name for name, field in kind.model_fields.items() if get_origin(field.annotation) is list
    )
