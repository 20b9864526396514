"""Writing through the API: assets, uploads, deletions, ingests, and what searches see of them."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hybridsearch.ingest.pipeline import Ingest
from hybridsearch.ports import Watch
from services.api import served as served_module
from services.api.jobs import Jobs, finisher
from services.api.schemas.archives import JobState
from tests.builders import png, write_manifest, write_pictures
from tests.service import built, client_of, service_of, settings_for


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("writing")
    built(made)
    return made


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    for name in ("data", "pictures"):
        shutil.copytree(template / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with client_of(settings_for(folder)) as made:
        yield made


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def ended(client: TestClient, job: Any) -> Any:
    path = f"/v1/jobs/{job['id']}"
    until(lambda: client.get(path).json()["ended"] is not None)
    return client.get(path).json()


def found(client: TestClient, words: str) -> list[str]:
    answer = client.get("/v1/search", params={"q": f'"{words}"'}).json()
    return [hit["asset"]["id"] for hit in answer["hits"]]


class TestAssets:
    def test_what_was_written_is_found_at_once(self, client: TestClient) -> None:
        body = {"assets": [{"id": "n", "caption": "A flood in Maribor", "people": ["Eva Novak"]}]}
        written = client.post("/v1/assets", json=body)
        assert written.json() == {"written": 1, "embedded": 0, "unchanged": 0, "failures": []}
        assert found(client, "flood in Maribor") == ["n"]

    def test_writing_twice_changes_nothing(self, client: TestClient) -> None:
        body = {"assets": [{"id": "n", "caption": "A flood"}, {"id": "m", "caption": "A storm"}]}
        client.post("/v1/assets", json=body)
        before = client.get("/v1/assets/n").json()
        again = client.post("/v1/assets", json=body).json()
        assert (again["written"], again["unchanged"]) == (0, 2)
        assert client.get("/v1/assets/n").json() == before
        assert client.get("/v1/archives/default").json()["assets"] == 6

    def test_a_file_below_a_root_is_read_and_embedded(self, client: TestClient) -> None:
        body = {
            "root": "pictures",
            "assets": [
                {"id": "n", "file": "d.png", "caption": "A meadow"},
                {"id": "m", "file": "gone.png"},
            ],
        }
        written = client.post("/v1/assets", json=body).json()
        assert (written["written"], written["embedded"]) == (1, 1)
        (failure,) = written["failures"]
        assert failure["asset_id"] == "m" and failure["remedy"]
        assert client.get("/v1/thumbnails/n").status_code == 200
        assert client.get("/v1/assets/n").json()["width"] == 32

    def test_a_picture_can_come_with_its_asset(self, client: TestClient) -> None:
        def put(colour: str, caption: str) -> Any:
            return client.put(
                "/v1/assets/up/load",
                data={"request": json.dumps({"caption": caption})},
                files={"picture": png(colour)},
            ).json()

        assert put("white", "A white flag")["embedded"] == 1
        assert put("white", "A white flag")["unchanged"] == 1
        assert client.get("/v1/previews/up/load").status_code == 200
        like = client.post("/v1/search", files={"picture": png("white")}).json()
        assert like["hits"][0]["asset"]["id"] == "up/load"
        first = client.get("/v1/assets/up/load").json()
        assert put("black", "A black flag")["embedded"] == 1
        assert client.get("/v1/assets/up/load").json()["content_hash"] != first["content_hash"]

    def test_new_words_leave_the_picture_as_it_is(self, folder: Path, template: Path) -> None:
        roots = {"pictures": template / "pictures"}
        with client_of(settings_for(folder, roots=roots)) as client:
            self.check_new_words(client)

    def check_new_words(self, client: TestClient) -> None:
        before = client.get("/v1/assets/a").json()
        written = client.put("/v1/assets/a", json={"headline": "A fire was put out"}).json()
        assert (written["written"], written["embedded"]) == (1, 0)
        after = client.get("/v1/assets/a").json()
        assert after["headline"] == "A fire was put out"
        assert (after["people"], after["content_hash"]) == ([], before["content_hash"])
        assert "a" in [
            hit["asset"]["id"]
            for hit in client.post("/v1/search", files={"picture": png("red")}).json()["hits"]
        ]

    def test_a_picture_that_cannot_be_read_is_not_lost(self, folder: Path) -> None:
        with client_of(settings_for(folder, roots={})) as client:
            before = client.get("/v1/assets/a").json()
            written = client.put("/v1/assets/a", json={"headline": "New"}).json()
            assert written["written"] == 0
            assert "would lose it" in written["failures"][0]["reason"]
            assert client.get("/v1/assets/a").json() == before

    def test_deleting_twice_is_no_error(self, client: TestClient) -> None:
        assert client.delete("/v1/assets/b/c").json() == {"deleted": 1}
        assert client.delete("/v1/assets/b/c").json() == {"deleted": 0}
        assert client.get("/v1/assets/b/c").status_code == 404
        assert found(client, "Blue sea") == []
        many = client.post("/v1/deletions", json={"ids": ["a", "d", "a", "nobody"]})
        assert many.json() == {"deleted": 2}
        assert client.get("/v1/archives/default").json()["assets"] == 1

    def test_a_write_waits_for_another_and_not_for_ever(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(served_module, "WRITE_PATIENCE", 0.05)
        with service_of(client).archive(None).held():
            refused = client.put("/v1/assets/n", json={"caption": "x"})
        assert refused.status_code == 503
        assert refused.json()["type"].endswith("archive-busy")
        assert client.put("/v1/assets/n", json={"caption": "x"}).status_code == 200

    def test_an_archive_that_is_not_there_is_made_where_that_is_wanted(
        self, tmp_path: Path
    ) -> None:
        with client_of(settings_for(tmp_path, create=True)) as client:
            assert "empty" in client.get("/v1/archives").json()["archives"][0]["needs"][0]
            assert client.get("/v1/search?q=fire").json()["hits"] == []
            client.put("/v1/assets/n", json={"caption": "A fire in the mill"})
            (hit,) = client.get("/v1/search?q=fire").json()["hits"]
            told = sum(each["score"] for each in hit["why"]["terms"])
            words = [x for x in hit["why"]["contributions"] if x["leg"] == "words"]
            assert told == pytest.approx(words[0]["score"], rel=1e-4)


class TestJobs:
    def test_an_ingest_writes_and_the_engine_knows_of_it(
        self, client: TestClient, folder: Path
    ) -> None:
        write_manifest(
            folder / "pictures" / "more.jsonl",
            [
                {"id": f"m{n}", "title": f"Mill number {n}", "people": ["Ivan Cankar"]}
                for n in range(9)
            ],
        )
        asked = {
            "kind": "ingest",
            "root": "pictures",
            "path": "more.jsonl",
            "columns": {"headline": "title"},
        }
        started = client.post("/v1/jobs", json=asked)
        assert started.status_code == 202
        assert started.headers["location"] == f"/v1/jobs/{started.json()['id']}"
        job = ended(client, started.json())
        assert (job["state"], job["written"], job["total"]) == ("done", 9, 9)
        assert found(client, "Mill number 3") == ["m3"]
        completions = client.get("/v1/suggestions?q=ivan").json()["completions"]
        assert completions[0]["text"] == "Ivan Cankar"
        assert client.get("/v1/jobs").json()["jobs"][0] == job
        again = client.post("/v1/jobs", json=asked)
        assert ended(client, again.json())["unchanged"] == 9

    def test_a_folder_with_a_bad_file_and_a_url(self, client: TestClient, folder: Path) -> None:
        (folder / "pictures" / "broken.jpg").write_bytes(b"\xff\xd8\xffbroken")
        job = ended(
            client, client.post("/v1/jobs", json={"kind": "ingest", "root": "pictures"}).json()
        )
        assert job["state"] == "done"
        assert [each["asset_id"] for each in job["failures"]] == ["broken.jpg"]
        assert str(folder) not in json.dumps(job)
        write_manifest(
            folder / "pictures" / "urls.jsonl", [{"id": "u", "file": "http://127.0.0.1:9/x.jpg"}]
        )
        job = ended(
            client,
            client.post(
                "/v1/jobs", json={"kind": "ingest", "root": "pictures", "path": "urls.jsonl"}
            ).json(),
        )
        assert (job["written"], job["failed"]) == (0, 1)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "ingest", "root": "pictures", "path": "nothing"},
            {"kind": "ingest", "root": "pictures", "path": "a.png"},
            {"kind": "ingest", "root": "pictures", "path": "m.jsonl", "columns": {"colour": "x"}},
            {"kind": "rebuild", "root": "pictures", "path": "m.jsonl"},
            {"root": "pictures", "path": "m.jsonl"},
            {"kind": "finish", "archive": "no"},
        ],
    )
    def test_what_cannot_be_ingested_is_refused(
        self, client: TestClient, wrong: dict[str, Any]
    ) -> None:
        response = client.post("/v1/jobs", json=wrong)
        assert response.status_code in (404, 422)
        assert response.json()["remedy"]
        assert client.get("/v1/jobs").json() == {"jobs": []}

    def test_a_manifest_that_breaks_midway_fails_with_its_reason(
        self, client: TestClient, folder: Path
    ) -> None:
        path = folder / "pictures" / "bad.jsonl"
        path.write_text('{"id": "x", "caption": "y"}\nno json\n')
        job = ended(
            client,
            client.post(
                "/v1/jobs", json={"kind": "ingest", "root": "pictures", "path": "bad.jsonl"}
            ).json(),
        )
        assert job["state"] == "failed"
        assert "line 2" in job["problem"]["detail"] and job["problem"]["remedy"]

    def test_progress_is_told_as_events_until_the_end(
        self, client: TestClient, folder: Path
    ) -> None:
        job = client.post("/v1/jobs", json={"kind": "ingest", "root": "pictures"}).json()
        with client.stream("GET", f"/v1/jobs/{job['id']}/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            events = [
                json.loads(line[6:]) for line in response.iter_lines() if line[:6] == "data: "
            ]
        assert events[-1]["state"] == "done"
        assert events[-1]["written"] == 3
        assert len(events) > 1
        assert client.get("/v1/jobs/none/events").status_code == 404

    def test_a_running_job_is_cancelled_between_batches_and_goes_on_later(
        self, folder: Path
    ) -> None:
        rows = [{"id": f"m{n}", "caption": f"Mill number {n}"} for n in range(200)]
        write_manifest(folder / "pictures" / "mills.jsonl", rows)
        settings = settings_for(folder)
        settings = settings.model_copy(
            update={"ingest": settings.ingest.model_copy(update={"batch": 10})}
        )
        ask = {"kind": "ingest", "root": "pictures", "path": "mills.jsonl"}
        with client_of(settings) as client:
            held = service_of(client).archive(None).writing
            with held:
                running = client.post("/v1/jobs", json=ask).json()
                waiting = client.post("/v1/jobs", json=ask).json()
                assert client.delete(f"/v1/jobs/{waiting['id']}").status_code == 200
                until(lambda: service_of(client).archive(None).writers_waiting == 1)
            until(lambda: client.get(f"/v1/jobs/{running['id']}").json()["written"] > 0)
            client.delete(f"/v1/jobs/{running['id']}")
            job = ended(client, running)
            assert job["state"] in ("cancelled", "done")
            assert job["written"] % 10 == 0
            assert ended(client, waiting)["state"] == "cancelled"
            assert ended(client, waiting)["written"] == 0
            rest = ended(client, client.post("/v1/jobs", json=ask).json())
            assert rest["written"] + rest["unchanged"] == 200
            assert rest["unchanged"] >= job["written"]

    def test_single_writes_get_their_turn_during_a_job(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The job holds the archive; a write comes in between two of its batches."""
        rows = [{"id": f"m{n}", "caption": f"Mill number {n}"} for n in range(60)]
        write_manifest(folder / "pictures" / "mills.jsonl", rows)
        settings = settings_for(folder)
        settings = settings.model_copy(
            update={"ingest": settings.ingest.model_copy(update={"batch": 5})}
        )
        taken: list[int] = []
        go_on, begun = threading.Event(), threading.Event()
        take = Ingest._take

        def slow(self: Ingest, batch: Any, report: Any, *further: Any) -> None:
            take(self, batch, report, *further)
            taken.append(report.written)
            if len(taken) == 1:
                begun.set()
                go_on.wait(20)

        monkeypatch.setattr(Ingest, "_take", slow)
        with client_of(settings) as client, ThreadPoolExecutor(1) as pool:
            job = client.post(
                "/v1/jobs", json={"kind": "ingest", "root": "pictures", "path": "mills.jsonl"}
            ).json()
            assert begun.wait(30)
            served = service_of(client).archive(None)
            writing = pool.submit(client.put, "/v1/assets/n", json={"caption": "In between"})
            until(lambda: served.writers_waiting == 1)
            go_on.set()
            assert writing.result().json()["written"] == 1
            assert ended(client, job)["written"] == 60
        assert taken[1] == 1  # the single write, before the job's second batch

    def test_writes_go_on_while_indexes_are_built_and_are_not_forgotten(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served = service_of(client).archive(None)
        store = served.archive.store
        optimize = store.optimize
        building, go_on = threading.Event(), threading.Event()

        def slow(watch: Watch) -> None:
            building.set()
            go_on.wait(20)
            optimize(watch)

        monkeypatch.setattr(store, "optimize", slow)
        client.put("/v1/assets/n", json={"caption": "Before"})
        job = client.post("/v1/jobs", json={"kind": "finish"}).json()
        assert building.wait(30)
        assert client.put("/v1/assets/m", json={"caption": "Meanwhile"}).json()["written"] == 1
        go_on.set()
        assert ended(client, job)["state"] == "done"
        assert found(client, "Meanwhile") == ["m"]
        (generation,) = client.get("/v1/archives/default/generations").json()["generations"]
        assert generation["pending"]
        assert ended(client, client.post("/v1/jobs", json={"kind": "finish"}).json())
        (generation,) = client.get("/v1/archives/default/generations").json()["generations"]
        assert not generation["pending"]

    def test_a_job_that_builds_indexes_is_cancelled_and_they_are_built_later(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        building = threading.Event()

        def endless(watch: Watch) -> None:
            while True:
                watch()
                building.set()
                time.sleep(0.01)

        client.put("/v1/assets/n", json={"caption": "Before"})
        with monkeypatch.context() as patched:
            patched.setattr(service_of(client).archive(None).archive.store, "optimize", endless)
            job = client.post("/v1/jobs", json={"kind": "finish"}).json()
            assert building.wait(30)
            running = client.get(f"/v1/jobs/{job['id']}").json()
            assert (running["phase"], running["phase_total"]) == ("building indexes", 5)
            client.delete(f"/v1/jobs/{job['id']}")
            assert ended(client, job)["state"] == "cancelled"
        (generation,) = client.get("/v1/archives/default/generations").json()["generations"]
        assert generation["pending"]
        assert ended(client, client.post("/v1/jobs", json={"kind": "finish"}).json())
        (generation,) = client.get("/v1/archives/default/generations").json()["generations"]
        assert not generation["pending"]

    def test_indexes_are_finished_when_writers_rest(self, folder: Path) -> None:
        with client_of(settings_for(folder, finish_after=0.2)) as client:
            client.put("/v1/assets/n", json={"caption": "A fire", "people": ["Zofka Kveder"]})
            until(lambda: bool(client.get("/v1/jobs").json()["jobs"]))
            job = ended(client, client.get("/v1/jobs").json()["jobs"][0])
            assert (job["kind"], job["state"]) == ("finish", "done")
            assert client.get("/v1/archives/default").json()["needs"] == []
            found = client.get("/v1/suggestions?q=zof").json()["completions"]
            assert found[0]["text"] == "Zofka Kveder"

    def test_the_end_of_the_service_ends_jobs_in_order(self, folder: Path) -> None:
        write_pictures(folder / "pictures", {f"p{n}.png": "red" for n in range(20)})
        with client_of(settings_for(folder)) as client:
            client.post("/v1/jobs", json={"kind": "ingest", "root": "pictures"})
            service = service_of(client)
        (job,) = service.jobs.all()
        assert job.over and job.state in (JobState.CANCELLED, JobState.DONE)
        with client_of(settings_for(folder)) as client:
            job2 = ended(
                client, client.post("/v1/jobs", json={"kind": "ingest", "root": "pictures"}).json()
            )
            assert job2["state"] == "done"
            assert job2["written"] + job2["unchanged"] == 23

    def test_nothing_is_finished_for_an_archive_that_rests(self, client: TestClient) -> None:
        jobs, waits = Jobs(), list[float]()

        def stop(seconds: float) -> bool:
            waits.append(seconds)
            return len(waits) > 3

        finisher(jobs, [service_of(client).archive(None)], 0.0, stop)
        assert jobs.all() == []


class TestRecovery:
    def test_an_engine_that_was_killed_is_started_again(self, client: TestClient) -> None:
        import os
        import signal

        served = service_of(client).archive(None)
        before = client.get("/v1/search?q=fire").json()["hits"]
        store: Any = served.archive.store
        os.kill(store.guarded.pid, signal.SIGKILL)
        after = client.get("/v1/search?q=fire")
        assert after.status_code == 200, after.text
        assert after.json()["hits"] == before
        assert client.put("/v1/assets/n", json={"caption": "Afterwards"}).json()["written"] == 1
