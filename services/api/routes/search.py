"""Searching: the hits, the plan alone, the counts, what could be meant."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.background import BackgroundTask

from hybridsearch.domain import query as domain
from hybridsearch.domain.filters import Filter
from hybridsearch.domain.plan import Method
from hybridsearch.domain.query import Order
from hybridsearch.domain.results import Answer
from hybridsearch.errors import AssetNotFound
from hybridsearch.search.conditions import taken
from hybridsearch.search.facets import FACETS
from hybridsearch.search.parse import MAX_TEXT
from services.api.access import MAY_SEARCH, service_of
from services.api.metrics import Metrics
from services.api.routes.bodies import body_of, declared
from services.api.routes.direct import DirectRoute
from services.api.routes.links import link_of, linked
from services.api.routes.told import json_of, teller_of, timing_of
from services.api.schemas import answers
from services.api.schemas.conditions import MOST_CONDITIONS, conditions_of, filter_of
from services.api.schemas.requests import MOST_HITS, SearchRequest
from services.api.served import Served
from services.api.service import Service
from services.api.showing import duplicates_of, words_to_mark
from services.api.telling import told_counts, told_plan, typed_text

router = APIRouter(
    prefix="/v1", tags=["search"], dependencies=[MAY_SEARCH], route_class=DirectRoute
)

Words = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Clause = Annotated[str, StringConstraints(max_length=600)]
FacetName = Annotated[str, StringConstraints(max_length=40)]

MOST_VALUES = 1_000
"""Values of a facet in one answer."""


class Narrowing(BaseModel):
    """What narrows a search down, as a link has it."""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    filter: list[Clause] = Field(
        [],
        max_length=MOST_CONDITIONS,
        description="field=value or field!=value; a field given twice means either",
        examples=[["people=Grace Hopper"]],
    )
    since: str | None = Field(None, max_length=10, description="taken on or after: 1942-10")
    until: str | None = Field(None, max_length=10, description="taken on or before")

    def conditions(self) -> Filter:
        """The engine's filter.

        Raises:
            QueryError: a clause that is none, an unknown field, or a date that is none.
        """
        clicked = filter_of(conditions_of(self.filter))
        return Filter(
            must=(*clicked.must, *taken(self.since, self.until)), must_not=clicked.must_not
        )


class SearchLink(Narrowing):
    """A search that fits into a link."""

    q: Words = Field("", description="words, in the query language", examples=["Grace Hopper"])
    like: str | None = Field(None, max_length=512, description="the id of an asset to look like")
    limit: int = Field(20, ge=1, le=MOST_HITS)
    cursor: str | None = Field(None, max_length=500)
    order: Order = Order.RELEVANCE
    fold: bool = False
    method: Method | None = None
    min_relevance: float | None = Field(None, ge=0, le=1)
    pages: bool = True
    facets: bool = False
    marks: bool = False

    def query(self) -> domain.Query:
        """The engine's query."""
        return domain.Query(
            text=self.q,
            like=self.like,
            filter=self.conditions(),
            limit=self.limit,
            min_relevance=self.min_relevance,
            paged=self.pages or self.cursor is not None,
            cursor=self.cursor,
            order=self.order,
            fold=self.fold,
            method=self.method,
        )


@router.get("/search", openapi_extra=linked(SearchLink), response_model=answers.SearchAnswer)
async def search_by_link(request: Request) -> Response:
    """Search by words or by an asset to look like; the address can be kept and shared."""
    asked = link_of(request, SearchLink)
    service = service_of(request)
    served = service.archive(asked.archive)
    return await _searched(service, served, asked.query(), asked.facets, asked.marks)


@router.post("/search", response_model=answers.SearchAnswer, openapi_extra=declared(SearchRequest))
async def search(request: Request) -> Response:
    """Search by words, by a picture that comes with the request, by an asset, or by a mixture."""
    asked, picture = await body_of(request, SearchRequest)
    service = service_of(request)
    served = service.archive(asked.archive)
    if picture is not None:
        picture = await served.uploads.plain(picture)
    return await _searched(service, served, asked.query(picture), asked.facets, asked.marks)


class SimilarLink(Narrowing):
    """What narrows down the pictures that look like one."""

    limit: int = Field(20, ge=1, le=MOST_HITS)
    cursor: str | None = Field(None, max_length=500)
    fold: bool = False
    pages: bool = True


@router.get(
    "/similar/{asset_id:path}",
    openapi_extra=linked(SimilarLink),
    response_model=answers.SearchAnswer,
)
async def similar(
    request: Request,
    asset_id: Annotated[str, Path(min_length=1, max_length=512)],
) -> Response:
    """The pictures that look most like one of the archive."""
    asked = link_of(request, SimilarLink)
    service = service_of(request)
    served = service.archive(asked.archive)
    query = domain.Query(
        like=asset_id,
        filter=asked.conditions(),
        limit=asked.limit,
        paged=asked.pages or asked.cursor is not None,
        cursor=asked.cursor,
        fold=asked.fold,
    )
    return await _searched(service, served, query)


class PlanLink(Narrowing):
    """A query whose plan is asked for."""

    q: Words = ""
    like: str | None = Field(None, max_length=512)
    method: Method | None = None


@router.get("/plan", openapi_extra=linked(PlanLink), response_model=answers.PlanAnswer)
async def plan(request: Request) -> Response:
    """What a search would do, without doing it: what was understood, what leads, and why."""
    asked = link_of(request, PlanLink)
    service = service_of(request)
    served = service.archive(asked.archive)
    query = domain.Query(
        text=asked.q, like=asked.like, filter=asked.conditions(), method=asked.method
    )

    def work(waited: float) -> Response:
        made = served.engine.plan(query)
        return json_of(
            {
                "archive": served.name,
                "generation": served.archive.generation.number,
                "plan": told_plan(made, typed_text(asked.q)),
            }
        )

    return await service.searching(served, work)


class FacetsLink(Narrowing):
    """A query whose pictures are counted."""

    q: Words = Field("", description="its filters count; its words do not narrow the counts")
    field: list[FacetName] = Field(
        [],
        max_length=len(FACETS),
        description="the facets to count; all where none is named",
        examples=[["people"]],
    )
    values: int = Field(10, ge=1, le=MOST_VALUES, description="values of each facet at most")


@router.get("/facets", openapi_extra=linked(FacetsLink), response_model=answers.FacetsAnswer)
async def facets(request: Request) -> Response:
    """How many pictures that pass the filter show whom, were taken where, when, by whom, ..."""
    asked = link_of(request, FacetsLink)
    service = service_of(request)
    served = service.archive(asked.archive)
    conditions = asked.conditions()

    def work(waited: float) -> Response:
        passing = conditions
        if asked.q.strip():
            passing = served.engine.plan(domain.Query(asked.q, filter=conditions)).filter
        return json_of(
            answers.FacetsAnswer(
                archive=served.name,
                eligible=served.archive.store.count(passing),
                counts=_counted(served, passing, asked.field, asked.values),
            )
        )

    return await service.searching(served, work)


def _counted(
    served: Served, passing: Filter, names: Sequence[str] = (), values: int = 10
) -> answers.Counts:
    """The facets named, or all; the histogram goes with the years."""
    engine = served.engine
    facets = engine.facets(passing, names or tuple(FACETS), values)
    return told_counts(facets, engine.histogram(passing) if not names or "year" in names else ())


async def _searched(
    service: Service,
    served: Served,
    query: domain.Query,
    facets: bool = False,
    marks: bool = False,
) -> Response:
    def work(waited: float) -> Response:
        model = served.asset(query.like) if query.like is not None else None
        if query.like is not None and model is None:
            raise AssetNotFound(
                f"There is no asset {query.like!r} in the archive {served.name!r}.",
                "Check the id: it is shown with every hit.",
            )
        began = time.perf_counter()
        answer = served.engine.search(query)
        engine = time.perf_counter() - began
        counted = _counted(served, answer.plan.filter) if facets else None
        told = teller_of(service, served).answer(
            answer, served.archive.generation.number, typed_text(query.text), counted
        )
        if model is not None:
            told["near_duplicates"] = duplicates_of(model, answer.hits)
        if marks:
            for hit, shown in zip(answer.hits, told["hits"], strict=True):
                shown["why"]["words"] = words_to_mark(hit, served.archive.analyzer)
        response = json_of(told, {"server-timing": timing_of(answer.milliseconds, waited, engine)})
        response.background = _counting(service.metrics, served.name, answer, waited)
        return response

    return await service.searching(served, work)


def _counting(metrics: Metrics, archive: str, answer: Answer, waited: float) -> BackgroundTask:
    """Keeps count of a search once its answer is sent: nobody waits for that."""

    async def count() -> None:
        metrics.search(archive, answer, waited)

    return BackgroundTask(count)
