"""Schemathesis asks the whole API what it says it takes, and what it says it does not.

No answer may be a fault of the server, and every answer must be as the description says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, assume, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.service import built, client_of, settings_for

schemathesis = pytest.importorskip(
    "schemathesis", reason="the API's fuzzer needs hybridsearch[dev]"
)

EXAMPLES = 20
"""Requests of each route, allowed and not: some 1,000 in all."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("schema")
    built(folder)
    with client_of(settings_for(folder)) as made:
        yield made


@pytest.fixture(scope="module")
def api(client: TestClient) -> Any:
    return schemathesis.openapi.from_dict(client.get("/v1/openapi.json").json())


def operations(api: Any) -> list[Any]:
    return [each.ok() for each in api.get_all_operations()]


def ask(client: TestClient, case: Any) -> Any:
    """Send the case as it would go over the wire."""
    made = requests.Request(
        **{
            key: value
            for key, value in case.as_transport_kwargs(base_url="http://localhost").items()
            if key in ("method", "url", "params", "headers", "json", "data", "files")
        }
    ).prepare()
    assume(len(str(made.url)) < 60_000)  # no client sends a longer one
    body: Any = made.body.encode() if isinstance(made.body, str) else made.body
    headers: Any = dict(made.headers)
    return client.request(str(made.method), str(made.url), headers=headers, content=body)


def asked_of(operation: Any, mode: str, check: Callable[[Any], None]) -> Callable[[], None]:
    """A property over requests that the description allows, or (negative) that it does not."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(schemathesis.GenerationMode(mode)))
    def every(case: Any) -> None:
        check(case)

    return every


def check(client: TestClient, case: Any, checks: list[Any], told: set[int]) -> None:
    response = ask(client, case)
    told.add(response.status_code)
    case.validate_response(response, checks=checks)


def _checked(client: TestClient, checks: list[Any], told: set[int]) -> Callable[[Any], None]:
    return lambda case: check(client, case, checks, told)


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_as_described(client: TestClient, api: Any, mode: str) -> None:
    """No fault of the server; status, content type and body as the description says.

    ``negative`` breaks the description on purpose: the server must notice.
    """
    found = schemathesis.specs.openapi.checks
    checks = [
        schemathesis.checks.not_a_server_error,
        found.status_code_conformance,
        found.content_type_conformance,
        found.response_schema_conformance,
        found.negative_data_rejection,
    ]
    statuses: dict[str, set[int]] = {}
    for operation in operations(api):
        takes = [*operation.iter_parameters(), *operation.body]
        if mode == "negative" and not takes:  # where nothing is taken, nothing can be wrong
            continue
        told = statuses.setdefault(operation.label, set())
        asked_of(operation, mode, _checked(client, checks, told))()
    assert all(status < 500 for told in statuses.values() for status in told), statuses
    assert statuses["GET /v1/facets"] & ({200} if mode == "positive" else {422}), statuses


def test_the_description_is_valid(client: TestClient) -> None:
    """Against the schema of OpenAPI 3.1."""
    described = client.get("/v1/openapi.json").json()
    OpenAPIV31SpecValidator(described).validate()


def test_the_description_names_every_route_once(client: TestClient) -> None:
    described = client.get("/v1/openapi.json").json()
    names = [each["operationId"] for path in described["paths"].values() for each in path.values()]
    assert len(names) == len(set(names)) >= 25
