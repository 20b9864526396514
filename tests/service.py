"""A small real archive behind the real application, for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the service needs hybridsearch[serve]")

from fastapi.testclient import TestClient

from hybridsearch.config import Settings
from hybridsearch.ingest.manifest import ManifestSource
from services.api.app import create_app
from services.api.service import Service
from tests.builders import ingest, settings_in, write_manifest, write_pictures

ROWS: list[dict[str, Any]] = [
    {
        "id": "a",
        "file": "a.png",
        "headline": "Fire at Melamin",
        "people": ["Grace Hopper"],
        "city": "Kočevje",
        "country": "Slovenia",
        "date_created": "2022-05-12",
        "location": {"latitude": 45.64, "longitude": 14.86},
    },
    {
        "id": "b/c",
        "file": "b/c.png",
        "caption": "Blue sea at noon, seen by Grace Hopper",
        "creator": "Kovač, Ana",
        "date_created": "2021",
    },
    {"id": "d", "file": "d.png", "caption": "A green field below a blue sky"},
    {"id": "words", "caption": "Words alone about a fire"},
]


def pictures_in(folder: Path) -> Path:
    """Three pictures and a manifest of them and of one asset of words."""
    write_pictures(folder, {"a.png": "red", "b/c.png": "blue", "d.png": "green"})
    write_manifest(folder / "m.jsonl", ROWS)
    return folder


def built(folder: Path) -> Path:
    """An indexed archive below the folder; answers where its pictures are."""
    pictures = pictures_in(folder / "pictures")
    report, archive = ingest(settings_in(folder / "data"), ManifestSource(pictures / "m.jsonl"))
    archive.close()
    assert report.written == len(ROWS), report
    return pictures


def settings_for(folder: Path, **service: Any) -> Settings:
    """Settings of a service over what ``built`` made; it finishes indexes when asked only."""
    own = {"roots": {"pictures": folder / "pictures"}, "finish_after": 3600, **service}
    return settings_in(folder / "data", service=own)


@contextmanager
def client_of(settings: Settings) -> Iterator[TestClient]:
    """The application with everything around it, asked in this process."""
    service = Service(settings)
    try:
        with TestClient(
            create_app(service), base_url="http://localhost", raise_server_exceptions=False
        ) as client:
            yield client
    finally:
        service.close()


def service_of(client: TestClient) -> Service:
    """The service behind a client."""
    app: Any = client.app
    found: Service = app.state.service
    return found
