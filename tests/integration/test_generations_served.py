"""A service goes from one generation to the next while it is searched and written to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.config import Settings
from hybridsearch.errors import GenerationReplaced
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.upkeep import rollback
from tests.builders import ingest, settings_in, write_manifest, write_pictures
from tests.contract.stores import quick_folder
from tests.service import client_of, service_of

PROJECT = Path(__file__).parents[2]
QUERY = {"q": "the red factory by the blue sea", "limit": 20}
COLOURS = ("red", "green", "blue", "white", "black")


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Of a service over forty pictures named by their colours."""
    with quick_folder() as folder:
        names = {
            f"{place:02}-{COLOURS[place % 5]}-factory.png": COLOURS[place % 5]
            for place in range(40)
        }
        pictures = write_pictures(folder / "pictures", names)
        own = {"roots": {"pictures": pictures}, "finish_after": 3600}
        rows = [
            {"id": name, "file": name, "caption": f"The {each} factories by the seas, seen {place}"}
            for place, (name, each) in enumerate(names.items())
        ]
        manifest = write_manifest(pictures / "m.jsonl", rows)
        chosen = settings_in(folder / "data", ingest={"thumbnails": False}, service=own)
        report, archive = ingest(chosen, ManifestSource(manifest))
        archive.close()
        assert report.written == 40
        yield chosen


def rebuilding(settings: Settings, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "hybridsearch", "rebuild"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={
            **os.environ,
            "HYBRIDSEARCH_DATA_DIR": str(settings.data_dir),
            "HYBRIDSEARCH_ENCODER__NAME": "words",
            **environment,
        },
    )


OTHER_ANALYSIS = {"HYBRIDSEARCH_ANALYSIS__LANGUAGES": '["en", "sl", "de"]'}


class Searching:
    """Searches all the time, in threads, and keeps what it got."""

    def __init__(self, ask: Callable[[], Any], threads: int = 2) -> None:
        self.answers: list[Any] = []
        self._ask = ask
        self._stop = Event()
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Searching:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(30)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.answers.append(self._ask())


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)


def told(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one generation's answer from another's."""
    return tuple((hit["asset"]["id"], hit["score"]) for hit in answer["hits"])


def test_searches_see_no_error_and_no_mixture(settings: Settings) -> None:
    """Another process rebuilds; writes of that time are in the new generation."""
    with client_of(settings) as client:

        def generation() -> int:
            return int(client.post("/v1/search", json=QUERY).json()["generation"])

        before = client.post("/v1/search", json=QUERY).json()
        with (
            Searching(lambda: client.post("/v1/search", json=QUERY)) as searching,
            rebuilding(settings, **OTHER_ANALYSIS) as child,
        ):
            until(lambda: len(FolderGenerations(settings.archive_folder).every()) == 2)
            written = client.put("/v1/assets/late", json={"caption": "Pelican, written meanwhile"})
            _, err = child.communicate(timeout=120)
            assert child.returncode == 0, err
            until(lambda: generation() == 2)
            time.sleep(0.3)
        after = client.post("/v1/search", json=QUERY).json()
        assert written.status_code == 200
        assert (before["generation"], after["generation"]) == (1, 2)
        found = client.post("/v1/search", json={"q": "pelican"}).json()["hits"]
        assert found[0]["asset"]["id"] == "late"
    assert [each.status_code for each in searching.answers if each.status_code != 200] == []
    answers = [each.json() for each in searching.answers]
    assert {each["generation"] for each in answers} == {1, 2}
    assert told(before) != told(after)
    last: dict[int, set[tuple[Any, ...]]] = {1: set(), 2: set()}
    for each in answers:
        last[each["generation"]].add(told(each))
    # One asset came on the way: each generation has at most the answers of before and after it.
    assert told(before) in last[1] and told(after) in last[2]
    assert last[1].isdisjoint(last[2])
    assert all(len(each) <= 2 for each in last.values())


def test_a_write_to_a_generation_that_was_replaced_goes_to_the_new_one(settings: Settings) -> None:
    """Before the service has noticed by itself."""
    with client_of(settings) as client:
        service = service_of(client)
        served = service.archive(None)
        follow, served.follow = served.follow, lambda: False  # type: ignore[method-assign]
        with rebuilding(settings, **OTHER_ANALYSIS) as child:
            child.communicate(timeout=120)
        assert served.archive.generation.number == 1
        with pytest.raises(GenerationReplaced):
            served.delete(["00-red-factory.png"])
        served.follow = follow  # type: ignore[method-assign]
        assert client.delete("/v1/assets/00-red-factory.png").json() == {"deleted": 1}
        assert served.archive.generation.number == 2
        assert client.get("/v1/assets/00-red-factory.png").status_code == 404
        assert client.get("/v1/assets/01-green-factory.png").status_code == 200


def test_a_job_goes_on_in_the_new_generation(settings: Settings) -> None:
    with client_of(settings) as client:
        served = service_of(client).archive(None)
        follow, served.follow = served.follow, lambda: False  # type: ignore[method-assign]
        with rebuilding(settings, **OTHER_ANALYSIS) as child:
            child.communicate(timeout=120)
        served.follow = follow  # type: ignore[method-assign]
        rows = [{"id": "new", "caption": "Written by a job"}]
        write_manifest(settings.service.roots["pictures"] / "new.jsonl", rows)
        asked = {"kind": "ingest", "root": "pictures", "path": "new.jsonl"}
        job = client.post("/v1/jobs", json=asked).json()
        until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["ended"] is not None)
        ended = client.get(f"/v1/jobs/{job['id']}").json()
        assert (ended["state"], ended["written"]) == ("done", 1), ended
        assert served.archive.generation.number == 2


def test_a_rollback_is_followed_too(settings: Settings) -> None:
    with client_of(settings) as client:
        served = service_of(client).archive(None)
        with rebuilding(settings, **OTHER_ANALYSIS) as child:
            child.communicate(timeout=120)
        until(lambda: served.archive.generation.number == 2)
        rollback(settings)
        until(lambda: served.archive.generation.number == 1)
        assert client.post("/v1/search", json=QUERY).json()["generation"] == 1
        assert client.put("/v1/assets/x", json={"caption": "y"}).status_code == 200
