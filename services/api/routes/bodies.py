"""Bodies of either kind: JSON, or a form with a picture and the JSON beside it.

In: a request. Out: the checked JSON and the picture's bytes. FastAPI declares one kind of body for
a route; these routes take two, so they read them here and declare them by hand.
"""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from services.api.problems import Refusal

Body = TypeVar("Body", bound=BaseModel)

JSON_PART, PICTURE_PART = "request", "picture"
_MOST_JSON = 2**20


async def body_of(request: Request, kind: type[Body]) -> tuple[Body, bytes | None]:
    """The JSON of the body, and its picture where one came with it.

    Raises:
        Refusal: the body is neither JSON nor a form (415).
        RequestValidationError: the JSON breaks the schema, or a part is missing or unknown.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        return _checked(kind, await request.body()), None
    if media_type != "multipart/form-data":
        raise Refusal(
            415,
            f"A body of the type {media_type[:100] or 'none'!r} is not taken here.",
            "Send application/json, or multipart/form-data with a picture.",
            {"accept": "application/json, multipart/form-data"},
        )
    async with request.form(max_files=1, max_fields=1, max_part_size=_MOST_JSON) as form:
        unknown = next((name for name in form if name not in (JSON_PART, PICTURE_PART)), None)
        if unknown is not None:
            raise _wrong(unknown[:100], "there is no such part")
        text, picture = form.get(JSON_PART, "{}"), form.get(PICTURE_PART)
        if not isinstance(text, str):
            raise _wrong(JSON_PART, "it is a text of JSON, not a file")
        if not isinstance(picture, UploadFile):
            raise _wrong(PICTURE_PART, "a file is needed")
        return _checked(kind, text), await picture.read()


def _checked(kind: type[Body], text: str | bytes) -> Body:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        told = [{**each, "loc": ("body", *each["loc"])} for each in found]
        raise RequestValidationError(told) from error


def _wrong(part: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", part), "msg": message, "type": "value_error"}])


def declared(kind: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """What the API's description says of such a body."""
    reference = {"$ref": f"#/components/schemas/{kind.__name__}"}
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
    content = {
        "application/json": {"schema": reference},
        "multipart/form-data": {"schema": form},
    }
    return {"requestBody": {"required": required, "content": content}}
