"""What clients are told when the archive cannot answer: in use elsewhere, a model missing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hybridsearch import errors
from hybridsearch.bootstrap import open_archive
from services.api import service as service_module
from services.api.service import Service
from tests.builders import png
from tests.service import built, client_of, service_of, settings_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built(tmp_path)
    return tmp_path


def until_ready(client: TestClient) -> None:
    deadline = time.monotonic() + 30
    while client.get("/ready").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_service_does_not_start_on_an_archive_that_is_being_written(folder: Path) -> None:
    with open_archive(settings_for(folder)), pytest.raises(errors.StoreLocked) as error:
        Service(settings_for(folder))
    assert "is open in process" in error.value.message and error.value.remedy


def test_a_served_archive_cannot_be_written_by_others(folder: Path) -> None:
    with client_of(settings_for(folder)) as client:
        with pytest.raises(errors.StoreLocked) as error:
            open_archive(settings_for(folder))
        assert "its service" in error.value.remedy
        assert client.get("/v1/search?q=fire").status_code == 200


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (errors.StoreLocked("in /secret", "kill 4711"), "index-in-use", "Another program"),
        (errors.StoreUnavailable("http://10.0.0.7", "start it"), "index-unavailable", "store"),
        (errors.ModelMissing("/models/x", "fetch x"), "model-missing", "model"),
        (errors.ReaderError("/usr/bin/python", "install"), "decoder-unavailable", "decoded"),
        (errors.GenerationMismatch("/secret", "reindex"), "internal-error", "went wrong"),
    ],
)
def test_whose_fault_it_is_is_told_and_no_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: errors.HybridSearchError,
    kind: str, told: str,
) -> None:  # fmt: skip
    def fail(*given: object, **named: object) -> None:
        raise error

    with client_of(settings_for(folder)) as client:
        served = service_of(client).archive(None)
        monkeypatch.setattr(type(served.engine), "search", fail)
        monkeypatch.setattr(type(served), "reopen", lambda self, broken: None)
        response = client.get("/v1/search?q=fire")
    problem = response.json()
    assert problem["type"] == f"urn:hybridsearch:problem:{kind}"
    assert told in problem["detail"] and problem["remedy"]
    assert error.message not in response.text and error.remedy not in response.text
    if kind != "internal-error":
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0


def test_readiness_tells_what_is_missing_and_comes_when_it_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hybridsearch.adapters.encoders.words import WordEncoder

    whole = WordEncoder.embed_pictures
    missing = [True]

    def without_model(self: WordEncoder, pictures: Any) -> Any:
        if missing[0]:
            raise errors.ModelMissing("The model /models/x is not there.", "Fetch it.")
        return whole(self, pictures)

    monkeypatch.setattr(WordEncoder, "embed_pictures", without_model)
    monkeypatch.setattr(service_module, "WARM_UP_EVERY", 0.05)
    with client_of(settings_for(folder)) as client:
        service = service_of(client)
        while service.unready is None:
            time.sleep(0.01)
        waiting = client.get("/ready")
        assert waiting.status_code == 503 and waiting.headers["retry-after"]
        assert "model" in waiting.json()["detail"] and "/models" not in waiting.text
        looks = client.post("/v1/search", files={"picture": png("red")})
        assert (looks.status_code, looks.json()["title"]) == (503, "Model missing")
        assert client.get("/health").status_code == 200
        missing[0] = False
        until_ready(client)
        assert client.post("/v1/search", files={"picture": png("red")}).status_code == 200


def test_readiness_is_lost_with_the_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of(settings_for(folder)) as client:
        until_ready(client)
        store = service_of(client).archive(None).archive.store

        def gone(self: object) -> int:
            raise errors.StoreUnavailable("http://10.0.0.7 does not answer.", "Start it.")

        monkeypatch.setattr(type(store), "count", gone)
        lost = client.get("/ready")
        assert lost.status_code == 503
        assert "store" in lost.json()["detail"] and "10.0.0.7" not in lost.text
