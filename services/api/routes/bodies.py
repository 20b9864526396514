"""Bodies of either kind: JSON, or a form with a picture and the JSON beside it.

In: a request. Out: the checked JSON and the picture's bytes. FastAPI declares one kind of body for
a route and reads it before anything is checked; here a body is read when its key is known to be
good, its type is checked, and it is declared by hand.
"""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from services.api.problems import Refusal

Body = TypeVar("Body", bound=BaseModel)
Json = TypeVar("Json")

JSON, FORM = "application/json", "multipart/form-data"
JSON_PART, PICTURE_PART = "request", "picture"
_MOST_JSON = 2**20


async def body_of(request: Request, kind: type[Body]) -> tuple[Body, bytes | None]:
    """The JSON of the body, and its picture where one came with it.

    Raises:
        Refusal: the body is neither JSON nor a form (415).
        RequestValidationError: the JSON breaks the schema, or a part is missing or unknown.
    """
    media_type = _media_type(request)
    if media_type == JSON:
        return _checked(TypeAdapter(kind), await request.body()), None
    if media_type != FORM:
        raise _not_taken(media_type, f"Send {JSON}, or {FORM} with a picture.", JSON, FORM)
    async with request.form(max_files=1, max_fields=1, max_part_size=_MOST_JSON) as form:
        unknown = next((name for name in form if name not in (JSON_PART, PICTURE_PART)), None)
        if unknown is not None:
            raise _wrong(unknown[:100], "there is no such part")
        text, picture = form.get(JSON_PART, "{}"), form.get(PICTURE_PART)
        if not isinstance(text, str):
            raise _wrong(JSON_PART, "it is a text of JSON, not a file")
        if not isinstance(picture, UploadFile):
            raise _wrong(PICTURE_PART, "a file is needed")
        return _checked(TypeAdapter(kind), text), await picture.read()


async def json_of_body(request: Request, kind: TypeAdapter[Json]) -> Json:
    """The body, which may be JSON alone.

    Raises:
        Refusal: it is of another type (415).
        RequestValidationError: the JSON breaks the schema.
    """
    media_type = _media_type(request)
    if media_type != JSON:
        raise _not_taken(media_type, f"Send {JSON}, and say so in content-type.", JSON)
    return _checked(kind, await request.body())


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _not_taken(media_type: str, remedy: str, *taken: str) -> Refusal:
    return Refusal(
        415,
        f"A body of the type {media_type[:100] or 'none'!r} is not taken here.",
        remedy,
        {"accept": ", ".join(taken)},
    )


def _checked(kind: TypeAdapter[Json], text: str | bytes) -> Json:
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        told = [{**each, "loc": ("body", *each["loc"])} for each in found]
        raise RequestValidationError(told) from error


def _wrong(part: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", part), "msg": message, "type": "value_error"}])


def declared_json(*kinds: type[BaseModel]) -> dict[str, Any]:
    """What the API's description says of a body that is JSON alone, of one of the kinds."""
    references = [_reference(kind) for kind in kinds]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def _reference(kind: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def declared(kind: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """What the API's description says of such a body."""
    reference = _reference(kind)
    form = {
        "type": "object",
        "additionalProperties": False,
        "required": [PICTURE_PART],
        "properties": {
            JSON_PART: {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": reference,
                "description": f"{kind.__name__} as JSON",
            },
            PICTURE_PART: {
                "type": "string",
                "contentMediaType": "application/octet-stream",
                "description": "a JPEG, PNG, WebP or GIF file",
            },
        },
    }
    content = {JSON: {"schema": reference}, FORM: {"schema": form}}
    return {"requestBody": {"required": required, "content": content}}
