"""Keys: who gets in, how often, and what a page's cookie opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from hybridsearch.errors import ConfigError
from services.api.keys import Scope
from services.api.serve import must_be_guarded
from tests.service import built, client_of, service_of, settings_for


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("access")
    built(made)
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with client_of(settings_for(folder, require_key=True, rate=1000, burst=1000)) as made:
        yield made


@pytest.fixture(scope="module")
def keys(client: TestClient) -> dict[Scope, str]:
    made = service_of(client).keys
    return {scope: made.add(scope, [scope]).secret for scope in Scope}


ROUTES = [
    ("GET", "/v1/search?q=fire", Scope.SEARCH),
    ("POST", "/v1/search", Scope.SEARCH),
    ("GET", "/v1/plan?q=fire", Scope.SEARCH),
    ("GET", "/v1/facets", Scope.SEARCH),
    ("GET", "/v1/suggestions?q=fi", Scope.SEARCH),
    ("GET", "/v1/similar/a", Scope.SEARCH),
    ("GET", "/v1/assets/a", Scope.SEARCH),
    ("GET", "/v1/assets?id=a", Scope.SEARCH),
    ("GET", "/v1/thumbnails/a", Scope.SEARCH),
    ("GET", "/v1/previews/a", Scope.SEARCH),
    ("GET", "/v1/archives", Scope.SEARCH),
    ("GET", "/v1/archives/default", Scope.SEARCH),
    ("GET", "/metrics", Scope.SEARCH),
    ("POST", "/v1/tags", Scope.SEARCH),
    ("POST", "/v1/classification", Scope.SEARCH),
    ("POST", "/v1/captions", Scope.SEARCH),
    ("POST", "/v1/assets", Scope.WRITE),
    ("PUT", "/v1/assets/new", Scope.WRITE),
    ("DELETE", "/v1/assets/nobody", Scope.WRITE),
    ("POST", "/v1/deletions", Scope.WRITE),
    ("GET", "/v1/archives/default/generations", Scope.ADMIN),
    ("GET", "/v1/jobs", Scope.ADMIN),
    ("POST", "/v1/jobs", Scope.ADMIN),
    ("GET", "/v1/jobs/x", Scope.ADMIN),
    ("DELETE", "/v1/jobs/x", Scope.ADMIN),
    ("GET", "/v1/jobs/x/events", Scope.ADMIN),
]


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_a_route_opens_for_its_scope_alone(
    client: TestClient, keys: dict[Scope, str], method: str, path: str, scope: Scope
) -> None:
    assert client.request(method, path).status_code == 401
    wrong = client.request(method, path, headers={"x-api-key": keys[scope][:-1] + "~"})
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"]
    for each in Scope:
        status = client.request(method, path, headers={"x-api-key": keys[each]}).status_code
        assert (status == 403) == (each is not scope), (each, status)
        assert status != 401


def test_every_route_is_tried_above(client: TestClient, keys: dict[Scope, str]) -> None:
    headers = {"x-api-key": keys[Scope.SEARCH]}
    described = client.get("/v1/openapi.json", headers=headers).json()["paths"]
    open_routes = {("GET", "/health"), ("GET", "/ready"), ("POST", "/v1/session")}
    open_routes.add(("DELETE", "/v1/session"))
    there = {(m.upper(), path) for path, each in described.items() for m in each} - open_routes
    tried = {(method, path.partition("?")[0]) for method, path, _ in ROUTES}
    for method, path in there:
        begins = path.partition("{")[0]
        assert any(m == method and p.startswith(begins) for m, p in tried), (method, path)
    assert len(there) == len(ROUTES)


def test_health_needs_no_key(client: TestClient) -> None:
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code in (200, 503)


def test_a_bearer_token_is_a_key_too(client: TestClient, keys: dict[Scope, str]) -> None:
    headers = {"authorization": f"Bearer {keys[Scope.SEARCH]}"}
    assert client.get("/v1/search?q=fire", headers=headers).status_code == 200
    assert client.get("/v1/jobs", headers=headers).status_code == 403


def test_a_pages_cookie_opens_search_alone(client: TestClient, keys: dict[Scope, str]) -> None:
    every = service_of(client).keys.add("page", list(Scope)).secret
    begun = client.post("/v1/session", headers={"x-api-key": every})
    assert begun.status_code == 204
    set_cookie = begun.headers["set-cookie"].lower()
    assert "httponly" in set_cookie and "samesite=strict" in set_cookie
    assert client.get("/v1/search?q=fire").status_code == 200
    assert client.get("/v1/jobs").status_code == 403
    assert client.delete("/v1/assets/a").status_code == 403
    assert client.delete("/v1/session").status_code == 204
    assert client.get("/v1/search?q=fire").status_code == 401
    assert client.post("/v1/session", headers={"x-api-key": "wrong"}).status_code == 401


def test_a_key_that_asks_too_often_waits_and_others_do_not(
    folder: Path, tmp_path: Path, client: TestClient
) -> None:
    service = service_of(client)
    slow, other = (service.keys.add(name, [Scope.SEARCH]) for name in ("slow", "other"))
    service.buckets._state[slow.key.id] = (0.0, service.buckets._clock() + 100)
    refused = client.get("/v1/search?q=fire", headers={"x-api-key": slow.secret})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["remedy"]
    fine = client.get("/v1/search?q=fire", headers={"x-api-key": other.secret})
    assert fine.status_code == 200


def test_a_page_of_thumbnails_is_not_a_page_of_searches(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(client)
    key = service.keys.add("page", [Scope.SEARCH])
    monkeypatch.setattr(service.buckets, "_rate", 0.001)
    monkeypatch.setattr(service.buckets, "_burst", 1.0)
    said = [
        client.get("/v1/thumbnails/a", headers={"x-api-key": key.secret}).status_code
        for _ in range(21)
    ]
    assert 429 not in said[:19]
    assert said[20] == 429


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "archive.example"])
def test_nobody_listens_elsewhere_without_a_key(tmp_path: Path, host: str) -> None:
    settings = settings_for(tmp_path, host=host)
    with pytest.raises(ConfigError, match="there is no key") as caught:
        must_be_guarded(settings)
    assert "hybridsearch keys add" in caught.value.remedy


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_on_this_machine_no_key_is_needed(tmp_path: Path, host: str) -> None:
    must_be_guarded(settings_for(tmp_path, host=host))
    with pytest.raises(ConfigError, match="A key is required"):
        must_be_guarded(settings_for(tmp_path, host=host, require_key=True))
