"""Answers as responses, made where the search was made: in its thread, as bytes."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from fastapi.responses import Response
from pydantic import BaseModel

from services.api.served import Served
from services.api.service import Service
from services.api.telling import Teller, Told


def json_of(
    answer: BaseModel | Told, headers: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """The answer as JSON; nothing keeps it but who asked."""
    told = {"cache-control": "private, no-cache", **(headers or {})}
    if isinstance(answer, BaseModel):
        return Response(answer.model_dump_json(), status, told, "application/json")
    return Response(orjson.dumps(answer, _plain), status, told, "application/json")


def _plain(part: object) -> object:
    """A part that JSON has no form for: a schema as what it holds."""
    if isinstance(part, BaseModel):
        return part.model_dump(mode="json")
    raise TypeError(f"{type(part).__name__} has no form in JSON")


def teller_of(service: Service, served: Served) -> Teller:
    """Tells the values of an archive, with links that lead back to it."""
    return Teller(served.name, default=service.is_default(served))


def timing_of(milliseconds: Mapping[str, float], waited: float, engine: float) -> str:
    """The steps as a Server-Timing header (W3C), in milliseconds, after the whole they are of.

    Args:
        milliseconds: of the engine's steps.
        waited: seconds in the queue.
        engine: seconds in the engine, its steps and what is between them.
    """
    steps = [f"queue;dur={waited * 1000:.2f}", f"engine;dur={engine * 1000:.2f}"]
    steps += [f"{step};dur={taken:.2f}" for step, taken in milliseconds.items()]
    return ", ".join(steps)
