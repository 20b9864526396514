"""The API's problems as errors."""

from __future__ import annotations

import httpx
from pydantic import ValidationError

from hybridsearch.errors import HybridSearchError
from services.api.schemas.problem import Problem


class ApiError(HybridSearchError):
    """The server answered with a problem, or not at all.

    ``status`` is 0 and ``problem`` None where there was no answer. ``retry_after`` is how many
    seconds the server asks to be left alone, where it does.
    """

    def __init__(
        self,
        message: str,
        remedy: str,
        status: int = 0,
        problem: Problem | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.problem = problem
        self.retry_after = retry_after


def error_of(response: httpx.Response) -> ApiError:
    """What a response that is no success means."""
    waits = response.headers.get("retry-after", "")
    after = float(waits) if waits.isdigit() else None
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return ApiError(
            f"The server answered with status {response.status_code} and no problem.",
            "Check that the address is that of the service, not of something before it.",
            response.status_code,
            retry_after=after,
        )
    return ApiError(problem.detail, problem.remedy, response.status_code, problem, after)
