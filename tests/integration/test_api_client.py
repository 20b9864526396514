"""The Python client against the real server, and against what is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn

from services.api.app import create_app
from services.api.keys import Scope
from services.api.schemas.archives import JobState
from services.api.schemas.assets import GivenAsset, NamedAsset
from services.api.schemas.conditions import FieldCondition
from services.api.schemas.labels import CaptionsRequest, ClassesRequest, TagsRequest
from services.api.schemas.requests import SearchRequest
from services.api.serve import PatientProtocol
from services.api.service import Service
from services.client import ApiError, Client
from tests.builders import png
from tests.service import built, settings_for


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("client")
    built(folder)
    service = Service(settings_for(folder, require_key=True))
    key = service.keys.add("test", list(Scope)).secret
    config = uvicorn.Config(create_app(service), port=0, log_config=None, http=PatientProtocol)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        pass
    port = server.servers[0].sockets[0].getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", key, "default") as made:
        yield made
    server.should_exit = True
    thread.join(30)


def ids(answer: object) -> list[str]:
    return [hit.asset.id for hit in answer.hits]  # type: ignore[attr-defined]


def test_searching(client: Client, tmp_path: Path) -> None:
    assert ids(client.search("fire at Melamin"))[0] == "a"
    narrow = SearchRequest(
        q="fire sea", filters=[FieldCondition(field="people", any_of=["Grace Hopper"])], facets=True
    )
    answer = client.search(narrow)
    assert ids(answer) == ["a"]
    assert answer.counts is not None and answer.counts.facets
    (tmp_path / "x.png").write_bytes(png("blue"))
    assert ids(client.search("", picture=tmp_path / "x.png"))[0] == "b/c"
    assert ids(client.search("", picture=png("green")))[0] == "d"
    assert "b/c" not in ids(client.similar("b/c"))
    assert client.plan("Melamin").plan.legs
    assert client.facets(filters=["country=Slovenia"]).eligible == 1
    alone = client.facets(fields=["country"], values=1).counts
    assert [(each.name, len(each.values)) for each in alone.facets] == [("country", 1)]
    assert client.suggestions("mel").completions[0].text == "Melamin"


def test_pages(client: Client) -> None:
    pages = list(client.pages(SearchRequest(q="blue fire green", limit=2)))
    found = [each for page in pages for each in ids(page)]
    assert len(pages) == 2
    assert len(found) == len(set(found)) == pages[0].totals.listed


def test_assets_and_their_pictures(client: Client) -> None:
    assert client.asset("b/c").creator == "Kovač, Ana"
    assert client.assets(["a", "no"]).missing == ["no"]
    assert client.thumbnail("a")[8:12] == client.preview("a")[8:12] == b"WEBP"


def test_labels(client: Client) -> None:
    labels = ["red", "blue", "green"]
    told = client.classify(ClassesRequest(asset="b/c", labels=labels))
    assert told.labels[0].label == "blue"
    tags = client.tags(TagsRequest(labels=labels, least=0), picture=png("green")).tags
    assert tags[0].label == "green"
    captions = client.captions(CaptionsRequest(limit=1), picture=png("blue")).captions
    assert captions[0].assets == ["b/c"]


def test_writing(client: Client) -> None:
    written = client.write([NamedAsset(id="n 1?#/x", caption="A flood in Maribor", file="d.png")],
                           root="pictures")  # fmt: skip
    assert (written.written, written.embedded) == (1, 1)
    assert client.asset("n 1?#/x").caption == "A flood in Maribor"
    one = client.write_one("up", GivenAsset(caption="A white flag"), picture=png("white"))
    assert one.embedded == 1
    assert client.delete(["n 1?#/x", "up", "no"]) == 2


def test_jobs(client: Client) -> None:
    told = list(client.watch(client.ingest("pictures", "m.jsonl").id))
    assert told[-1].state is JobState.DONE
    assert told[-1].unchanged == 4
    assert client.job(told[-1].id) == told[-1]
    assert client.jobs()[0].id == told[-1].id
    last = list(client.watch(client.finish().id))[-1]
    assert client.cancel(last.id).state is JobState.DONE
    assert client.archives()[0].needs == []
    assert client.generations("default")[0].live


def test_problems_are_errors_with_a_remedy(client: Client) -> None:
    with pytest.raises(ApiError, match="no asset 'nobody'") as caught:
        client.asset("nobody")
    assert (caught.value.status, bool(caught.value.remedy)) == (404, True)
    assert caught.value.problem is not None and caught.value.problem.request_id
    with pytest.raises(ApiError) as caught:
        list(client.watch("none"))
    assert caught.value.status == 404
    address, key = str(client._http.base_url), client._http.headers["x-api-key"]
    with (
        Client(address, key, "other") as other,
        pytest.raises(ApiError, match="no archive 'other'"),
    ):
        other.search("x")


def ask(response: httpx.Response) -> None:
    with Client(transport=httpx.MockTransport(lambda request: response)) as client:
        client.search("x")


def test_what_is_no_service_is_told() -> None:
    with pytest.raises(ApiError, match="status 502 and no problem") as caught:
        ask(httpx.Response(502, text="<html>"))
    assert caught.value.problem is None
    with pytest.raises(ApiError) as caught:
        ask(httpx.Response(503, headers={"retry-after": "7"}, text=""))
    assert caught.value.retry_after == 7


def test_a_service_that_does_not_answer_is_told() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with Client(transport=httpx.MockTransport(refuse)) as client:
        for call in (lambda: client.search("x"), lambda: list(client.watch("x"))):
            with pytest.raises(ApiError, match="does not answer") as caught:
                call()
            assert caught.value.status == 0
