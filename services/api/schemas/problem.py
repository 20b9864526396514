"""Problems as a client reads them (RFC 9457)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    field: str = Field(description="where: body.limit, query.q")
    message: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:hybridsearch:problem:asset-not-found",
                "title": "Asset not found",
                "status": 404,
                "detail": "There is no asset 'x' in the archive 'news'.",
                "remedy": "Check the id: it is shown with every hit.",
            }
        }
    )

    type: str = Field(description="names the kind of error; stable")
    title: str
    status: int
    detail: str = Field(description="what went wrong, for a person")
    remedy: str = Field(description="what to do about it")
    request_id: str | None = Field(None, description="find it in the server's log by this")
    errors: list[Wrong] | None = Field(None, description="what is wrong with the request")
