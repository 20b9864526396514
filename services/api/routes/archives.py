"""The state of the archives."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from hybridsearch.domain.generation import DRIFT_TOLERANCE, Generation
from services.api.access import MAY_ADMIN, MAY_SEARCH, service_of
from services.api.routes.told import json_of
from services.api.schemas.archives import (
    ArchivesAnswer,
    ArchiveState,
    GenerationsAnswer,
    GenerationState,
)
from services.api.served import Served
from services.api.telling import told_encoder

router = APIRouter(prefix="/v1", tags=["archives"])

ArchiveInPath = Annotated[str, Path(max_length=63)]


@router.get("/archives", response_model=ArchivesAnswer, dependencies=[MAY_SEARCH])
async def archives(request: Request) -> Response:
    """The archives that can be searched here; the first is the default."""
    service = service_of(request)

    def work() -> Response:
        return json_of(ArchivesAnswer(archives=[_state(x) for x in service.archives.values()]))

    return await service.working(work)


@router.get("/archives/{archive}", response_model=ArchiveState, dependencies=[MAY_SEARCH])
async def archive_state(request: Request, archive: ArchiveInPath) -> Response:
    """What one archive holds, by which encoder, and whether it needs anything."""
    service = service_of(request)
    served = service.archive(archive)
    return await service.working(lambda: json_of(_state(served)))


@router.get(
    "/archives/{archive}/generations",
    response_model=GenerationsAnswer,
    dependencies=[MAY_ADMIN],
)
async def generations(request: Request, archive: ArchiveInPath) -> Response:
    """All builds of the archive's index, the oldest first, and which of them is live."""
    service = service_of(request)
    served = service.archive(archive)

    def work() -> Response:
        live = served.writer.generation
        known = {each.number: each for each in served.archive.generations.every()}
        known[live.number] = live
        told = [_generation(known[number], live) for number in sorted(known)]
        return json_of(GenerationsAnswer(generations=told))

    return await service.working(work)


def _generation(generation: Generation, live: Generation) -> GenerationState:
    return GenerationState(
        number=generation.number,
        live=generation.number == live.number,
        created=generation.created,
        complete=generation.complete,
        pending=generation.pending,
        encoder=told_encoder(generation.encoder),
        fingerprint=generation.encoder.fingerprint if generation.encoder else None,
        analyzer_version=generation.analyzer_version,
        drift=generation.drift,
    )


def _state(served: Served) -> ArchiveState:
    info = served.archive.store.info()
    generation = served.writer.generation
    card = served.encoder.card if served.encoder else None
    calibrated = served.archive.calibrations.cutoff(generation).model is not None
    return ArchiveState(
        name=served.name,
        assets=info.points,
        engine=info.engine,
        indexed=info.indexed,
        generation=generation.number,
        encoder=told_encoder(card),
        calibrated=calibrated,
        needs=_needs(served, generation, info.points),
    )


def _needs(served: Served, generation: Generation, points: int) -> list[str]:
    needs = []
    if points == 0:
        needs.append("The archive is empty: write assets, or start an ingest.")
    elif generation.pending or not generation.complete:
        needs.append("Something was written since indexes were finished: a job of the kind finish.")
    if generation.drift > DRIFT_TOLERANCE:
        needs.append("Average text lengths have moved: the next ingest weighs the words again.")
    if points and served.lexicon is None:
        needs.append("Names are not gathered yet: the next ingest does it.")
    return needs
