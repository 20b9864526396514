"""The newsroom page over real archives: a server, and what its tests share.

``demo`` holds the demo's real photographs; ``crowd`` more than a thousand cuttings of them, with
dates over a century, a near duplicate, a text without a picture, and a hostile caption.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the page needs hybridsearch[serve]")

import uvicorn
from PIL import Image

from hybridsearch.config import Settings
from hybridsearch.demo.pictures import gather
from hybridsearch.ingest.manifest import ManifestSource
from services.api.app import create_app
from services.api.service import Service
from services.web import add_page
from tests.builders import ingest, settings_in, write_manifest
from tests.data import rows
from tests.e2e.browser import HOSTILE, Page, expect

CROWD = 1010
BOXES = 40
TILES = "#grid .tile:not([hidden])"
PLACES = ("Maribor", "Koper", "Novo mesto", "Kočevje", "Piran")
CREATORS = ("Ana Novak", "John Vachon", "Kovač, Ana")


@pytest.fixture(scope="session")
def desk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archives ``demo`` and ``crowd``, indexed."""
    pytest.importorskip("skimage", reason="the demo's pictures need hybridsearch[demo]")
    folder = tmp_path_factory.mktemp("desk")
    manifest = gather(folder / "demo")
    crowd = _crowd(manifest, folder / "crowd")
    for name, source in (("demo", manifest), ("crowd", crowd)):
        report, archive = ingest(_settings(folder, name), ManifestSource(source))
        archive.close()
        assert not report.failures, report.failures
    return folder


@pytest.fixture(scope="module")
def desk_url(desk_folder: Path) -> Iterator[str]:
    """Where the page is served, ``demo`` first."""
    own = {"archives": ("crowd",), "finish_after": 3600}
    with serving(_settings(desk_folder, "demo", service=own)) as url:
        yield url


def _settings(folder: Path, archive: str, **more: Any) -> Settings:
    return settings_in(folder / "data", archive=archive, **more)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address of the whole application, served in a thread."""
    service = Service(settings)
    app = create_app(service, [add_page])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not (server.started and service.warm.is_set()):
            assert thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
        service.close()


def _crowd(manifest: Path, folder: Path) -> Path:
    """Cuttings of the photographs in many proportions, each with fields of its own."""
    folder.mkdir()
    chance = random.Random(7)
    photographs = []
    for row in rows(manifest):
        with Image.open(manifest.parent / row["file"]) as opened:
            photographs.append((row, _small(opened)))
    told: list[dict[str, Any]] = []
    for number in range(CROWD):
        row, photograph = photographs[number % len(photographs)]
        name = f"cutting-{number:04}.jpg"
        title = row.get("headline") or row.get("caption") or row["id"]
        _cutting(photograph, chance).save(folder / name, quality=80)
        told.append({
            "id": f"crowd/{number:04}", "file": name,
            "caption": f"Cutting {number} of: {title}",
            "city": chance.choice(PLACES), "creator": chance.choice(CREATORS),
            "date_created": str(1900 + number % 100), "collection": f"Box {number % BOXES + 1}",
        })  # fmt: skip
    with Image.open(folder / "cutting-0003.jpg") as opened:
        opened.save(folder / "twin.jpg", quality=50)
    told.append({"id": "twin", "file": "twin.jpg", "caption": "Printed again", "credit": "STA"})
    told.append({"id": "note", "caption": "A note without a picture about the lighthouse"})
    told.append({"id": "hostile", "file": "cutting-0009.jpg", "headline": HOSTILE,
                 "caption": HOSTILE, "people": [HOSTILE]})  # fmt: skip
    return write_manifest(folder / "manifest.jsonl", told)


def _small(photograph: Image.Image) -> Image.Image:
    small = photograph.convert("RGB")
    small.thumbnail((480, 480))
    return small


def _cutting(photograph: Image.Image, chance: random.Random) -> Image.Image:
    width, height = photograph.size
    wide = int(width * chance.uniform(0.35, 0.9))
    high = min(int(wide / chance.choice((1.5, 1.33, 1.78, 0.67, 0.75, 1.0))), height)
    left, top = chance.randint(0, width - wide), chance.randint(0, height - high)
    cut = photograph.crop((left, top, left + wide, top + high))
    cut.thumbnail((128, 128))
    return cut


def asked(page: Page, url: str, query: str = "") -> Page:
    """The page at an address, with its answer there."""
    page.goto(f"{url}/{query}")
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the search has ended, well or badly."""
    expect(page.locator("body:not(.searching)")).to_have_count(1)
    expect(page.locator("#count")).to_have_text(re.compile(r"^(?!Searching|Iščem).+"))


def search_for(page: Page, text: str) -> None:
    """Type a query and send it."""
    page.locator("#q").fill(text)
    page.keyboard.press("Enter")
    expect(page).to_have_title(f"{text} – Picture search")
    settled(page)


def ids(page: Page, count: int) -> list[str]:
    """The ids of the first hits, in the order shown."""
    return [str(each.get_attribute("data-id")) for each in page.locator(TILES).all()[:count]]
