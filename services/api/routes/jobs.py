"""Jobs: start an ingest, watch it, cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field, TypeAdapter

from hybridsearch.domain.asset import DESCRIPTIVE_FIELDS
from hybridsearch.errors import SourceError
from services.api.access import MAY_ADMIN, service_of
from services.api.jobs import Job, source_at
from services.api.routes.bodies import declared_json, json_of_body
from services.api.routes.told import json_of
from services.api.schemas import archives as schemas
from services.api.service import Service

router = APIRouter(prefix="/v1", tags=["jobs"], dependencies=[MAY_ADMIN])

JobId = Annotated[str, Path(max_length=64)]

_LOOK_EVERY = 0.2
_SIGN_OF_LIFE = 15.0
"""Seconds without news after which a comment is sent, so that no proxy closes the line."""

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events named `job`, each with the Job as JSON; the last one "
        "has an end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


_Asked = schemas.IngestRequest | schemas.FinishRequest
_ASKED: TypeAdapter[_Asked] = TypeAdapter(Annotated[_Asked, Field(discriminator="kind")])


@router.post(
    "/jobs",
    status_code=202,
    response_model=schemas.Job,
    openapi_extra=declared_json(schemas.IngestRequest, schemas.FinishRequest),
)
async def start_job(request: Request) -> Response:
    """Start an ingest of a folder or manifest below a root, or finish the index.

    Running the same ingest again goes on where the last one ended: what has not changed is left
    alone.
    """
    asked = await json_of_body(request, _ASKED)
    service = service_of(request)
    job = await service.working(lambda: _started(service, asked))
    return json_of(job.told(), {"location": f"/v1/jobs/{job.id}"}, 202)


@router.get("/jobs", response_model=schemas.JobsAnswer)
async def jobs(request: Request) -> Response:
    """The jobs of this run of the service, the newest first."""
    service = service_of(request)
    return json_of(schemas.JobsAnswer(jobs=[each.told() for each in service.jobs.all()]))


@router.get("/jobs/{job_id}", response_model=schemas.Job)
async def job(request: Request, job_id: JobId) -> Response:
    """One job and how far it is."""
    return json_of(service_of(request).jobs.get(job_id).told())


@router.delete("/jobs/{job_id}", response_model=schemas.Job)
async def cancel_job(request: Request, job_id: JobId) -> Response:
    """Have a job end after the batch in hand; what it has written stays."""
    service = service_of(request)
    found = service.jobs.get(job_id)
    service.jobs.cancel(found)
    return json_of(found.told())


@router.get("/jobs/{job_id}/events", responses=_EVENTS, response_class=StreamingResponse)
async def job_events(request: Request, job_id: JobId) -> StreamingResponse:
    """The job's progress as server-sent events, until it is over."""
    service = service_of(request)
    events = _events(service, service.jobs.get(job_id))
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, 200, headers, "text/event-stream")


def _started(service: Service, asked: _Asked) -> Job:
    served = service.archive(asked.archive)
    if isinstance(asked, schemas.FinishRequest):
        return service.jobs.finish(served)
    unknown = next((name for name in asked.columns if name not in _MAPPED), None)
    if unknown is not None:
        raise SourceError(
            f"columns names no asset field: {unknown[:100]!r}.",
            f"Use fields of {', '.join(_MAPPED)}.",
        )
    path = service.roots.resolve(asked.root, asked.path)
    if not path.exists():
        raise SourceError(
            f"There is no {asked.path[:200]!r} below the root {asked.root!r}.",
            "Name a folder or a manifest file.",
        )
    return service.jobs.ingest(served, asked.root, asked.path, source_at(path, asked.columns))


_MAPPED = (*DESCRIPTIVE_FIELDS, "id", "file")


async def _events(service: Service, watched: Job) -> AsyncIterator[bytes]:
    """An event for each change; ends with the job, or when the service is about to end."""
    loop = asyncio.get_running_loop()
    told, since = -1, loop.time()
    while True:
        version, over = watched.version, watched.over or service.stopping.is_set()
        if version != told:
            told, since = version, loop.time()
            data = watched.told().model_dump_json()
            yield f"event: job\nid: {version}\ndata: {data}\n\n".encode()
        elif loop.time() - since > _SIGN_OF_LIFE:
            since = loop.time()
            yield b": going on\n\n"
        if over:
            return
        await asyncio.sleep(_LOOK_EVERY)
