"""Searches as a client asks for them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from hybridsearch.domain.plan import Method
from hybridsearch.domain.query import Order, Query
from hybridsearch.domain.upload import Upload
from hybridsearch.search.parse import MAX_TEXT
from services.api.schemas.conditions import MOST_CONDITIONS, AnyCondition, filter_of

MOST_HITS = 200


class SearchRequest(BaseModel):
    """A search: words, a picture, an asset to look like, or several of them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "q": '"Melamin" explosion -drill date:2022',
                "filters": [{"field": "country", "any_of": ["Slovenia"]}],
                "limit": 20,
            }
        },
    )

    q: str = Field("", max_length=MAX_TEXT, description="words, in the query language")
    archive: str | None = Field(None, max_length=63, description="default: the service's first")
    like: str | None = Field(None, max_length=512, description="the id of an asset to look like")
    filters: list[AnyCondition] = Field(default_factory=list, max_length=MOST_CONDITIONS)
    limit: int = Field(20, ge=1, le=MOST_HITS)
    cursor: str | None = Field(
        None, max_length=500, description="`next` of the last page, with the same query"
    )
    order: Order = Field(Order.RELEVANCE, description="by date: within what answers the query")
    fold: bool = Field(False, description="show near duplicates as one hit")
    method: Method | None = Field(None, description="how rankings become one; default: the planner")
    min_relevance: float | None = Field(
        None, ge=0, le=1, description="leave out what is less likely relevant; needs a calibration"
    )
    pages: bool = Field(True, description="give a cursor, and read the rankings deep enough")
    facets: bool = Field(False, description="count people, places, years, ... among the filter's")

    marks: bool = Field(False, description="tell which words of each hit match, for marking them")

    def query(self, picture: bytes | None = None) -> Query:
        """The engine's query.

        Raises:
            QueryError: a filter on an unknown field, or a value that it cannot have.
        """
        return Query(
            text=self.q,
            picture=None if picture is None else Upload(picture),
            like=self.like,
            filter=filter_of(self.filters),
            limit=self.limit,
            min_relevance=self.min_relevance,
            paged=self.pages or self.cursor is not None,
            cursor=self.cursor,
            order=self.order,
            fold=self.fold,
            method=self.method,
        )


class SimilarRequest(BaseModel):
    """What narrows down the pictures that look like one."""

    model_config = ConfigDict(extra="forbid")

    filters: list[AnyCondition] = Field(default_factory=list, max_length=MOST_CONDITIONS)
    limit: int = Field(20, ge=1, le=MOST_HITS)
