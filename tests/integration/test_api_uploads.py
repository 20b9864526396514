"""Uploaded pictures are strangers' files: what they do to a decoder, they do to it alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from hybridsearch.adapters.encoders.clip_crops import CentreCrop
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.bitmaps import bitmap_of
from hybridsearch.config import ServiceSection
from hybridsearch.errors import HybridSearchError, PictureError
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.load import Loaded
from hybridsearch.ports import View
from services.api import uploads as uploads_module
from services.api.pictures import Pictures
from services.api.problems import Refusal
from services.api.uploads import Uploads
from tests.builders import png
from tests.harmful import ObedientMediaReader, harmful
from tests.hostile import jpeg_scans, picture, png_claiming
from tests.service import built, client_of, service_of, settings_for

SECONDS = 2.0
LIMITS = ServiceSection(decode_seconds=SECONDS, decode_memory_mib=640, max_upload_mib=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("uploads")
    built(made)
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """A service whose decoder does to itself what a file says."""

    def obedient(service: ServiceSection, view: View | None) -> Uploads:
        return Uploads(LIMITS, view, ObedientMediaReader())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.api.served.Uploads", obedient)
        with client_of(settings_for(folder)) as made:
            yield made


@pytest.fixture(scope="module")
def uploads() -> Iterator[Uploads]:
    made = Uploads(LIMITS, None)
    yield made
    made.close()


def refused(client: TestClient, data: bytes) -> dict[str, Any]:
    response = client.post("/v1/search", files={"picture": data})
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["remedy"]
    return problem


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("hang", "took longer than 2 s"),
        ("spin", "took longer than 2 s"),
        ("crash", "SIGSEGV"),
        ("out of memory", "SIGKILL"),
        ("leave", "exit code 3"),
        ("eat", "more memory"),
        ("fail", "failed unexpectedly"),
    ],
)
def test_a_picture_that_harms_its_decoder_is_refused(
    client: TestClient, harm: str, reason: str
) -> None:
    started = time.monotonic()
    assert reason in refused(client, harmful(png("blue"), harm))["detail"]
    assert time.monotonic() - started < SECONDS + 20
    found = client.post("/v1/search", files={"picture": png("blue")}).json()["hits"]
    assert found[0]["asset"]["id"] == "b/c"


@pytest.mark.parametrize("path", ["/v1/tags", "/v1/captions"])
def test_it_is_refused_by_every_route_that_takes_one(client: TestClient, path: str) -> None:
    labels = {} if path == "/v1/captions" else {"request": '{"labels": ["dog"]}'}
    sent = {"picture": harmful(png("blue"), "crash")}
    response = client.post(path, data=labels, files=sent)
    assert (response.status_code, "SIGSEGV" in response.text) == (422, True), response.text


def test_searches_go_on_while_decoders_hang(client: TestClient) -> None:
    hanging = {"picture": harmful(png("red"), "hang")}
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/search", files=hanging) for _ in range(4)]
        time.sleep(0.2)
        started = time.monotonic()
        answers = [client.get("/v1/search?q=fire").status_code for _ in range(10)]
        taken = time.monotonic() - started
        assert not any(each.done() for each in asked)
        assert {each.result(60).status_code for each in asked} == {422}
    assert answers == [200] * 10
    assert taken < SECONDS


def test_what_harms_is_not_kept_with_an_asset(client: TestClient, folder: Path) -> None:
    kept = folder / "data" / "default" / "pictures"
    sent = {"picture": harmful(png("red"), "crash")}
    response = client.put("/v1/assets/new", files=sent)
    assert response.status_code == 422
    assert not list(kept.rglob("*.*"))
    assert client.get("/v1/assets/new").status_code == 404


def test_a_plain_bitmap_is_what_the_ingest_sees(uploads: Uploads) -> None:
    noise = picture(size=(640, 480))
    seen = FileMediaReader().decode(noise).pixels
    bitmap = asyncio.run(uploads.plain(noise))
    assert np.array_equal(FileMediaReader().decode(bitmap).pixels, seen)
    assert np.array_equal(FileMediaReader().decode(bitmap_of(seen)).pixels, seen)


def test_only_what_the_encoder_looks_at_comes_back() -> None:
    view = CentreCrop(64)
    looking = Uploads(LIMITS, view)
    try:
        bitmap = asyncio.run(looking.plain(picture(size=(900, 300))))
    finally:
        looking.close()
    whole = FileMediaReader(min_side=view.min_side).decode(picture(size=(900, 300))).pixels
    assert np.array_equal(FileMediaReader().decode(bitmap).pixels, view(whole))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        bytes(100),
        b"%PDF-1.7",
        b"II*\0" + bytes(100),
        b"BM" + bytes(100),
        picture()[:500],
        png("red")[:40],
        png_claiming(60_000, 60_000),
        jpeg_scans(400),
    ],
    ids=lambda data: f"{data[:6]!r}-{len(data)}",
)
def test_what_is_no_good_picture_is_refused(uploads: Uploads, data: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(PictureError) as error:
        asyncio.run(uploads.plain(data))
    assert error.value.message and error.value.remedy
    assert "max_pixels" not in error.value.remedy, "a client cannot set the server's limits"
    assert time.monotonic() - started < SECONDS + 20


def test_too_many_are_turned_away(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_module, "MOST_WAITING", 0)
    with pytest.raises(Refusal) as error:
        asyncio.run(uploads.plain(png("red")))
    assert error.value.status == 503 and error.value.headers["retry-after"]


def test_files_that_wait_are_gone_afterwards(uploads: Uploads) -> None:
    asyncio.run(uploads.plain(png("red")))
    assert list(Path(uploads._folder.name).iterdir()) == []


def test_a_reading_that_was_called_off_can_be_asked_again() -> None:
    """As it happens where the archive is opened again while an upload waits."""

    async def called_off() -> None:
        reading: Future[Loaded | Failure] = Future()
        reading.cancel()
        await uploads_module._ended(reading)

    with pytest.raises(Refusal) as error:
        asyncio.run(called_off())
    assert error.value.status == 503


def test_an_archives_own_file_can_harm_no_more(client: TestClient, folder: Path) -> None:
    """Small copies are made when they are missing, from files that may be as hostile."""
    settings = settings_for(folder)
    sizes = settings.ingest.model_copy(update={"seconds_per_file": SECONDS})
    settings = settings.model_copy(update={"ingest": sizes})
    asset = service_of(client).archive(None).asset("a")
    assert asset is not None
    path = folder / "pictures" / "a.png"
    pictures = Pictures(settings, ObedientMediaReader(min_side=1, min_longer_side=1280))
    sound = path.read_bytes()
    for copy in (folder / "data" / "default" / "thumbnails").rglob("*.webp"):
        copy.unlink()
    try:
        path.write_bytes(harmful(sound, "hang"))
        with pytest.raises(PictureError, match="took longer"):
            pictures.small(asset, 320)
        path.write_bytes(sound + b"x")
        with pytest.raises(HybridSearchError, match="no small copy"):
            pictures.small(asset, 320)  # it is not the picture that was indexed
        path.write_bytes(sound)
        assert pictures.small(asset, 320).startswith(b"RIFF")
    finally:
        path.write_bytes(sound)
        pictures.close()
