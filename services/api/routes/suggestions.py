"""Suggestions while a query is typed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from hybridsearch.domain import query as domain
from hybridsearch.errors import QueryError
from hybridsearch.search.completing import complete
from services.api.access import MAY_SEARCH, service_of
from services.api.routes.links import link_of, linked
from services.api.routes.told import json_of
from services.api.schemas import answers
from services.api.served import Served
from services.api.telling import Told, told_completion, told_suggestion

router = APIRouter(prefix="/v1", tags=["search"], dependencies=[MAY_SEARCH])


class SuggestionsLink(BaseModel):
    """What was typed so far."""

    model_config = ConfigDict(extra="forbid")

    archive: str | None = Field(None, max_length=63)
    q: str = Field("", max_length=1000, description="the query up to where it is typed")
    limit: int = Field(8, ge=1, le=50)


@router.get(
    "/suggestions",
    openapi_extra=linked(SuggestionsLink),
    response_model=answers.SuggestionsAnswer,
)
async def suggestions(request: Request) -> Response:
    """Names and words of the archive that begin as typed, and what misspelt words may mean."""
    asked = link_of(request, SuggestionsLink)
    service = service_of(request)
    served = service.archive(asked.archive)

    def work(waited: float) -> Response:
        found = complete(asked.q, served.lexicon, asked.limit)
        return json_of(
            {
                "completions": [told_completion(each) for each in found],
                "did_you_mean": _meant(served, asked.q),
            }
        )

    return await service.searching(served, work)


def _meant(served: Served, text: str) -> list[Told]:
    """What the planner would search for instead; nothing where there is no query yet."""
    try:
        made = served.engine.plan(domain.Query(text))
    except QueryError:
        return []
    return [told_suggestion(each) for each in made.suggestions]
