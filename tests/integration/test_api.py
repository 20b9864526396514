"""The API over a small real archive: what is asked and answered, and what is refused."""

from __future__ import annotations

import io
import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.builders import png
from tests.service import ROWS, built, client_of, service_of, settings_for

LATER = {"order": "newest"}
JSON, TEXT, FORM = (
    {"content-type": kind} for kind in ("application/json", "text/plain", "multipart/form-data")
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("api")
    built(made)
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with client_of(settings_for(folder)) as made:
        yield made


@pytest.fixture
def other(folder: Path, tmp_path: Path) -> Path:
    """A copy of the archive, for a service of other settings beside the module's."""
    shutil.copytree(folder / "data", tmp_path / "data")
    shutil.copytree(folder / "pictures", tmp_path / "pictures", symlinks=True)
    return tmp_path


def got(client: TestClient, path: str, **params: Any) -> Any:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def ids(answer: Any) -> list[str]:
    return [hit["asset"]["id"] for hit in answer["hits"]]


class TestSearching:
    def test_a_link_finds_explains_and_tells_its_plan(self, client: TestClient) -> None:
        answer = got(client, "/v1/search", q="fire at Melamin")
        first = answer["hits"][0]
        assert first["asset"]["id"] == "a"
        assert "“Melamin”" in first["why"]["sentence"]
        parts = sum(each["value"] for each in first["why"]["contributions"])
        assert parts == pytest.approx(first["score"])
        assert answer["plan"]["legs"] and answer["plan"]["sentence"]
        assert answer["totals"] == {"listed": 4, "about": False, "eligible": 4}
        assert answer["encoder"] == {"name": "words", "dimension": 256, "trial": True}

    def test_a_post_says_the_same_as_a_link(self, client: TestClient) -> None:
        by_link = got(client, "/v1/search", q="sea", filter=["creator=kovac, ana"], limit=3)
        posted = client.post(
            "/v1/search",
            json={
                "q": "sea",
                "filters": [{"field": "creator", "any_of": ["Kovač, Ana"]}],
                "limit": 3,
            },
        ).json()
        for each in (by_link, posted):
            each.pop("milliseconds")
        assert posted == by_link
        assert ids(posted) == ["b/c"]

    def test_chips_tell_where_they_stand_and_what_is_left_without_them(
        self, client: TestClient
    ) -> None:
        typed = 'fire "blue sea" -drill country:Slovenia'
        understood = got(client, "/v1/plan", q=typed)["plan"]["understood"]
        assert understood["typed"] == typed
        chips = {part["text"]: part for part in understood["parts"]}
        phrase = chips['"blue sea"']
        assert typed[phrase["start"] : phrase["end"]] == '"blue sea"'
        assert phrase["without"] == "fire -drill country:Slovenia"
        assert [part["negated"] for part in understood["parts"]] == [False, False, True, False]

    def test_an_uploaded_picture_finds_itself(self, client: TestClient) -> None:
        answer = client.post("/v1/search", files={"picture": ("x.png", png("blue"))}).json()
        assert ids(answer)[0] == "b/c"
        assert answer["plan"]["legs"][0]["picture"] is True

    def test_a_picture_comes_with_words_filters_and_pages(self, client: TestClient) -> None:
        def page(**asked: Any) -> Any:
            response = client.post(
                "/v1/search",
                data={"request": json.dumps({"q": "green", "limit": 1, **asked})},
                files={"picture": png("red")},
            )
            assert response.status_code == 200, response.text
            return response.json()

        first = page()
        assert first["next"]
        second = page(cursor=first["next"])
        assert ids(first) != ids(second)
        other = client.post(
            "/v1/search",
            data={"request": json.dumps({"q": "green", "limit": 1, "cursor": first["next"]})},
            files={"picture": png("black")},
        )
        assert other.status_code == 422
        assert "another query" in other.json()["detail"]

    def test_pages_cover_the_list_once(self, client: TestClient) -> None:
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = got(client, "/v1/search", q="blue fire", limit=2, **cursor)
            seen += ids(page)
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert len(seen) == len(set(seen)) == page["totals"]["listed"]
        assert got(client, "/v1/search", q="fire", limit=1, pages="false")["next"] is None

    def test_filters_of_every_kind(self, client: TestClient) -> None:
        def found(*filters: dict[str, Any]) -> set[str]:
            body = {"q": "fire blue green", "filters": list(filters)}
            response = client.post("/v1/search", json=body)
            assert response.status_code == 200, response.text
            assert response.json()["totals"]["eligible"] == len(response.json()["hits"])
            return set(ids(response.json()))

        assert found({"since": "2022"}) == {"a"}
        assert found({"until": "2021"}) == {"b/c"}
        assert found({"latitude": 45.6, "longitude": 14.9, "kilometres": 20}) == {"a"}
        assert found({"south": 40, "west": 10, "north": 50, "east": 20}) == {"a"}
        assert found({"has": "picture"}) == {"a", "b/c", "d"}
        assert found({"has": "picture", "exclude": True}) == {"words"}
        assert found({"field": "year", "any_of": ["2021", "2022"]}) == {"a", "b/c"}
        assert set(ids(got(client, "/v1/search", q="fire blue", since="2021", until="2021"))) == {
            "b/c"
        }

    def test_by_date_and_by_method(self, client: TestClient) -> None:
        assert ids(got(client, "/v1/search", q="fire sea", method="rrf", **LATER))[:2] == [
            "a",
            "b/c",
        ]
        assert got(client, "/v1/search", q="fire", method="rrf")["plan"]["method"] == "rrf"

    def test_similar_leaves_the_picture_itself_out(self, client: TestClient) -> None:
        answer = got(client, "/v1/similar/b/c")
        assert set(ids(answer)) == {"a", "d"}
        assert answer["plan"]["legs"][0]["like"] == "b/c"
        assert ids(got(client, "/v1/search", like="b/c")) == ids(answer)

    def test_counts_are_of_the_filters_matches(self, client: TestClient) -> None:
        counts = got(client, "/v1/facets", q="country:Slovenia")
        assert counts["eligible"] == 1
        facets = {each["name"]: each["values"] for each in counts["counts"]["facets"]}
        assert facets["people"] == [
            {"value": "grace hopper", "display": "Grace Hopper", "count": 1}
        ]
        assert counts["counts"]["years"] == [{"first": 2022, "last": 2022, "count": 1}]
        alone = got(client, "/v1/facets", field="people", values=1)["counts"]
        assert [each["name"] for each in alone["facets"]] == ["people"]
        assert len(alone["facets"][0]["values"]) == 1 and alone["years"] == []
        lost = client.get("/v1/facets", params={"field": "colour"})
        assert lost.status_code == 422 and "colour" in lost.json()["detail"]
        everything = got(client, "/v1/facets")
        assert everything["eligible"] == 4
        searched = got(client, "/v1/search", q="fire country:Slovenia", facets="true")
        assert searched["counts"] == counts["counts"]

    def test_what_is_typed_is_completed(self, client: TestClient) -> None:
        found = got(client, "/v1/suggestions", q="smoke over mel")
        assert {each["text"]: each["query"] for each in found["completions"]} == {
            "Melamin": "smoke over Melamin"
        }
        by = got(client, "/v1/suggestions", q="by:ko")["completions"]
        assert [(each["text"], each["field"]) for each in by] == [("Kovač, Ana", "creator")]
        meant = got(client, "/v1/suggestions", q="Melamim fire")["did_you_mean"]
        assert [each["text"] for each in meant] == ["Melamin"]
        assert got(client, "/v1/suggestions") == {"completions": [], "did_you_mean": []}

    def test_the_steps_are_told_in_a_header(self, client: TestClient) -> None:
        header = client.get("/v1/search", params={"q": "fire"}).headers["server-timing"]
        assert {part.split(";")[0].strip() for part in header.split(",")} >= {"queue", "engine"}


class TestLabelling:
    LABELS: ClassVar = ["red", "blue", "green"]

    def test_the_right_label_is_the_likeliest(self, client: TestClient) -> None:
        for body in (
            {"json": {"asset": "b/c", "labels": self.LABELS}},
            {
                "data": {"request": json.dumps({"labels": self.LABELS})},
                "files": {"picture": png("blue")},
            },
        ):
            told = client.post("/v1/classification", **body).json()
            assert told["labels"][0]["label"] == "blue"
            assert sum(each["probability"] for each in told["labels"]) == pytest.approx(1)
            assert told["notes"] and told["encoder"]["trial"]

    def test_none_of_them_may_be_an_answer(self, client: TestClient) -> None:
        body = {"asset": "a", "labels": self.LABELS, "none": 0.5}
        told = client.post("/v1/classification", json=body).json()
        assert sum(each["probability"] for each in told["labels"]) + told["none"] == pytest.approx(
            1
        )

    def test_tags_have_probabilities_of_their_own(self, client: TestClient) -> None:
        told = client.post(
            "/v1/tags", json={"asset": "a", "labels": self.LABELS, "least": 0}
        ).json()
        assert {each["label"] for each in told["tags"]} == set(self.LABELS)
        assert told["tags"][0]["label"] == "red"
        assert all(0 <= each["probability"] <= 1 for each in told["tags"])

    def test_a_picture_gets_the_words_of_those_like_it(self, client: TestClient) -> None:
        told = client.post("/v1/captions", files={"picture": png("blue")}).json()
        assert told["captions"][0]["text"] == ROWS[1]["caption"]
        assert told["captions"][0]["assets"] == ["b/c"]
        own = client.post("/v1/captions", json={"asset": "b/c", "limit": 1}).json()
        assert own["captions"][0]["assets"] != ["b/c"]

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("/v1/tags", {"labels": ["x"]}, 422),
            ("/v1/tags", {"asset": "a", "labels": []}, 422),
            ("/v1/tags", {"asset": "a", "labels": ["x", "x"]}, 422),
            ("/v1/tags", {"asset": "a", "labels": ["x"], "language": "xx"}, 422),
            ("/v1/tags", {"asset": "no", "labels": ["x"]}, 404),
            ("/v1/tags", {"asset": "words", "labels": ["x"]}, 404),
            ("/v1/classification", {"asset": "a", "labels": ["x"], "none": 1}, 422),
            ("/v1/captions", {"asset": "a", "limit": 0}, 422),
            ("/v1/captions", {}, 422),
        ],
    )
    def test_what_cannot_be_labelled(
        self, client: TestClient, path: str, body: dict[str, Any], status: int
    ) -> None:
        response = client.post(path, json=body)
        assert response.status_code == status, response.text
        assert response.json()["remedy"]


class TestReading:
    def test_an_asset_has_its_fields_and_links(self, client: TestClient) -> None:
        asset = got(client, "/v1/assets/b/c")
        assert asset["caption"] == ROWS[1]["caption"]
        assert asset["provenance"]["caption"] == "manifest"
        assert asset["links"]["thumbnail"] == f"/v1/thumbnails/b/c?v={asset['content_hash']}"
        assert got(client, asset["links"]["self"]) == asset
        assert got(client, "/v1/assets/words")["links"] == {
            "self": "/v1/assets/words",
            "thumbnail": None,
            "preview": None,
            "similar": None,
        }

    def test_no_path_of_the_server_is_told(self, client: TestClient, folder: Path) -> None:
        asset = got(client, "/v1/assets/a")
        assert (asset["uri"], asset["file_name"]) == (None, "a.png")
        for path in ("/v1/search?q=fire", "/v1/archives", "/v1/archives/default/generations"):
            assert str(folder) not in client.get(path).text

    def test_several_at_once_and_what_is_missing(self, client: TestClient) -> None:
        found = got(client, "/v1/assets", id=["d", "no", "a", "d"])
        assert [each["id"] for each in found["assets"]] == ["d", "a"]
        assert found["missing"] == ["no"]

    @pytest.mark.parametrize(("kind", "longest"), [("thumbnail", 320), ("preview", 1280)])
    def test_small_copies_are_kept_by_browsers(
        self, client: TestClient, kind: str, longest: int
    ) -> None:
        link = got(client, "/v1/assets/a")["links"][kind]
        response = client.get(link)
        assert response.headers["content-type"] == "image/webp"
        assert "immutable" in response.headers["cache-control"]
        assert max(Image.open(io.BytesIO(response.content)).size) <= longest
        tag = response.headers["etag"]
        again = client.get(link, headers={"if-none-match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        bare = client.get(link.partition("?")[0])
        assert bare.content == response.content
        assert bare.headers["cache-control"] == "private, no-cache"
        assert client.get(link.partition("?")[0], headers={"if-none-match": tag}).status_code == 304

    def test_a_copy_of_another_version_is_not_kept_for_ever(self, client: TestClient) -> None:
        response = client.get("/v1/thumbnails/a", params={"v": "0" * 64})
        assert response.status_code == 200
        assert "immutable" not in response.headers["cache-control"]

    def test_state(self, client: TestClient) -> None:
        (archive,) = got(client, "/v1/archives")["archives"]
        assert (archive["name"], archive["assets"], archive["needs"]) == ("default", 4, [])
        assert got(client, "/v1/archives/default") == archive
        (generation,) = got(client, "/v1/archives/default/generations")["generations"]
        assert generation["live"] and generation["complete"] and not generation["pending"]

    def test_health_readiness_and_metrics(self, client: TestClient) -> None:
        assert got(client, "/health") == {"status": "ok"}
        assert service_of(client).warm.wait(20)
        assert got(client, "/ready") == {"status": "ready"}
        got(client, "/v1/search", q="counted")
        client.get("/v1/assets/nobody")
        text = client.get("/metrics").text
        for line in (
            'hybridsearch_http_requests_total{method="GET",route="/v1/search",status="200"}',
            'hybridsearch_search_step_seconds_bucket{archive="default",le="0.001",step="plan"}',
            'hybridsearch_search_seconds_count{archive="default",legs="looks',
            'hybridsearch_query_vectors_misses_total{archive="default"}',
            "hybridsearch_searches_waiting 0.0",
            "hybridsearch_search_queue_seconds_count",
            'hybridsearch_errors_total{kind="404"}',
        ):
            assert line in text
        assert "counted" not in text and "nobody" not in text


class TestRefusing:
    @pytest.mark.parametrize(
        ("method", "path", "sent", "status"),
        [
            ("GET", "/v1/nothing", {}, 404),
            ("GET", "/", {}, 404),
            ("GET", "/v1/assets/no", {}, 404),
            ("GET", "/v1/similar/no", {}, 404),
            ("GET", "/v1/similar/words", {}, 404),
            ("GET", "/v1/thumbnails/no", {}, 404),
            ("GET", "/v1/thumbnails/words", {}, 404),
            ("GET", "/v1/archives/no", {}, 404),
            ("GET", "/v1/search?q=x&archive=no", {}, 404),
            ("PUT", "/v1/search", {}, 405),
            ("DELETE", "/v1/search", {}, 405),
            ("OPTIONS", "/v1/nothing", {}, 404),
            ("HEAD", "/v1/nothing", {}, 404),
            ("GET", "/v1/search", {"headers": {"x-long": "x" * 66_000}}, 431),
            ("POST", "/v1/assets", {"content": b"[]"}, 415),
            ("POST", "/v1/deletions", {"content": b"ids=x", "headers": TEXT}, 415),
            ("POST", "/v1/deletions", {"files": {"ids": b"x"}}, 415),
            ("POST", "/v1/jobs", {"content": b"{}", "headers": TEXT}, 415),
            ("POST", "/v1/jobs", {"content": b"{", "headers": JSON}, 422),
            ("GET", "/v1/search", {}, 422),
            ("GET", "/v1/search?q=x&limit=0", {}, 422),
            ("GET", "/v1/search?q=x&limit=201", {}, 422),
            ("GET", "/v1/search?q=x&colour=red", {}, 422),
            ("GET", "/v1/search?q=x&filter=colour=red", {}, 422),
            ("GET", "/v1/search?q=x&filter=red", {}, 422),
            ("GET", "/v1/search?q=x&since=never", {}, 422),
            ("GET", "/v1/search?q=x&cursor=none", {}, 422),
            ("GET", "/v1/search?q=x&min_relevance=0.5", {}, 422),
            ("GET", f"/v1/search?q={'x' * 4001}", {}, 422),
            ("GET", "/v1/assets", {}, 422),
            ("GET", "/v1/thumbnails/a?v=../../etc/passwd", {}, 422),
            ("POST", "/v1/search", {"json": {"q": "x", "more": 1}}, 422),
            ("POST", "/v1/search", {"json": {"filters": [{"field": "x", "any_of": ["y"]}]}}, 422),
            ("POST", "/v1/search", {"content": b"{", "headers": JSON}, 422),
            ("POST", "/v1/search", {"content": b"q=x"}, 415),
            ("POST", "/v1/search", {"content": b"q=x", "headers": TEXT}, 415),
            ("POST", "/v1/search", {"content": b"x", "headers": FORM}, 400),
            ("POST", "/v1/search", {"files": {"picture": b"no picture"}}, 422),
            ("POST", "/v1/search", {"files": {"picture": b""}}, 422),
            ("POST", "/v1/search", {"files": {"photo": b"x"}}, 422),
            ("POST", "/v1/search", {"files": {"picture": b"II*\0" + bytes(100)}}, 422),
            ("POST", "/v1/search", {"files": {"request": b"{}"}}, 422),
            ("POST", "/v1/search", {"files": {"picture": png("red")[:60]}}, 422),
            ("POST", "/v1/assets", {"json": {"assets": []}}, 422),
            ("POST", "/v1/assets", {"json": {"assets": [{"id": "x"}, {"id": "x"}]}}, 422),
            ("POST", "/v1/assets", {"json": {"assets": [{"id": "x", "file": "a.png"}]}}, 422),
            ("POST", "/v1/jobs", {"json": {"root": "no"}}, 422),
        ],
    )  # fmt: skip
    def test_every_refusal_is_a_problem_with_a_remedy(
        self, client: TestClient, method: str, path: str, sent: dict[str, Any], status: int
    ) -> None:
        response = client.request(method, path, **sent)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        if method == "HEAD":
            assert response.content == b""
            return
        problem = response.json()
        assert problem["status"] == status
        assert problem["type"].startswith("urn:hybridsearch:problem:")
        assert problem["title"] and problem["detail"] and problem["remedy"]
        assert problem["request_id"] == response.headers["x-request-id"]
        if status == 405:
            assert response.headers["allow"] == "GET, POST, HEAD, OPTIONS"

    @pytest.mark.parametrize(
        "outside",
        ["../data", "/etc/passwd", "..%2f..", "b/../../data", "link/secret.png", "a.png\0.jpg"],
    )
    def test_no_path_leads_out_of_a_root(
        self, client: TestClient, folder: Path, outside: str
    ) -> None:
        link = folder / "pictures" / "link"
        if not link.exists():
            (folder / "secret").mkdir()
            (folder / "secret" / "secret.png").write_bytes(png("white"))
            link.symlink_to(folder / "secret")
        for body in (
            ("/v1/jobs", {"kind": "ingest", "root": "pictures", "path": outside}),
            ("/v1/assets", {"root": "pictures", "assets": [{"id": "x", "file": outside}]}),
        ):
            response = client.post(body[0], json=body[1])
            told = response.json()
            if response.status_code == 200:  # "..%2f.." is a strange name and no way out
                assert told["written"] == 0 and told["failures"]
            else:
                assert response.status_code in (403, 422), told
            assert str(folder) not in response.text

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/assets/../../etc/passwd",
            "/v1/thumbnails/%2e%2e/%2e%2e/a",
            "/v1/previews//etc/passwd",
        ],
    )
    def test_an_id_is_never_a_path(self, client: TestClient, path: str) -> None:
        assert client.get(path).status_code == 404

    def test_nothing_is_fetched_for_a_client(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No connection is opened, whatever looks like an address."""

        def connect(*given: object) -> None:
            raise AssertionError(f"a connection to {given}")

        monkeypatch.setattr("socket.socket.connect", connect)
        monkeypatch.setattr("socket.create_connection", connect)
        address = "http://127.0.0.1:9/x.jpg"
        assert client.get("/v1/search", params={"q": address}).status_code == 200
        assert client.get("/v1/search", params={"like": address}).status_code == 404
        body = {"root": "pictures", "assets": [{"id": "x", "file": address}]}
        written = client.post("/v1/assets", json=body).json()
        assert written["written"] == 0 and written["failures"][0]["reason"]

    def test_bodies_have_limits(self, other: Path) -> None:
        tight = {"max_query_kib": 1, "max_upload_mib": 1, "max_batch_mib": 1, "max_megapixels": 1}
        with client_of(settings_for(other, **tight)) as client:
            words = client.post("/v1/search", json={"q": "x" * 2000})
            assert words.status_code == 413
            picture = client.post("/v1/search", files={"picture": bytes(2**20)})
            assert picture.status_code == 413
            chunked = client.post(
                "/v1/search",
                content=iter([b"x" * 1000] * 3),
                headers={"content-type": "application/json"},
            )
            assert chunked.status_code == 413
            assert chunked.json()["remedy"]
            large = png("red", (1200, 1200))
            assert len(large) < 2**20
            pixels = client.post("/v1/search", files={"picture": large})
            assert pixels.status_code == 422
            assert "1200 x 1200" in pixels.json()["detail"]

    def test_a_defect_tells_nothing_of_itself(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        served = service_of(client).archive(None)
        monkeypatch.setattr(served, "assets", lambda ids: 1 / 0)
        with caplog.at_level(logging.ERROR):
            response = client.get("/v1/assets/a")
        assert response.status_code == 500
        assert response.headers["content-type"] == "application/problem+json"
        assert "ZeroDivision" not in response.text
        assert any(record.exc_info for record in caplog.records)

    def test_too_many_searches_are_turned_away(self, other: Path) -> None:
        with client_of(settings_for(other, waiting=1)) as client:
            service_of(client)._waiting = 1
            response = client.get("/v1/search", params={"q": "fire"})
            service_of(client)._waiting = 0
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"


class TestMethods:
    @pytest.mark.parametrize("path", ["/v1/search?q=fire", "/health", "/v1/thumbnails/a"])
    def test_head_is_get_without_the_body(self, client: TestClient, path: str) -> None:
        whole, head = client.get(path), client.head(path)
        assert head.status_code == whole.status_code == 200
        assert head.content == b"" != whole.content
        for name in ("content-type", "cache-control", "etag", "content-security-policy"):
            assert head.headers.get(name) == whole.headers.get(name)
        assert head.headers.keys() == whole.headers.keys()

    def test_options_tells_the_methods_and_lets_in_no_other_site(self, client: TestClient) -> None:
        asked = client.options("/v1/assets/a/b")
        assert (asked.status_code, asked.content) == (204, b"")
        assert asked.headers["allow"] == "GET, PUT, DELETE, HEAD, OPTIONS"
        assert "access-control-allow-origin" not in asked.headers
        preflight = {"origin": "http://evil.example", "access-control-request-method": "DELETE"}
        assert client.options("/v1/assets/a", headers=preflight).status_code == 403

    def test_metrics_count_heads_as_heads(self, client: TestClient) -> None:
        client.head("/v1/plan?q=fire")
        line = 'http_requests_total{method="HEAD",route="/v1/plan",status="200"}'
        assert line in client.get("/metrics").text


class TestHeaders:
    def test_security_headers_are_on_every_answer(self, client: TestClient) -> None:
        for path in ("/v1/search?q=fire", "/v1/nothing", "/health"):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert "access-control-allow-origin" not in headers
            assert "server" not in headers

    def test_a_request_keeps_its_id_if_it_is_one(self, client: TestClient) -> None:
        given = client.get("/health", headers={"x-request-id": "abc-123"})
        assert given.headers["x-request-id"] == "abc-123"
        wrong = client.get("/health", headers={"x-request-id": "a b{}"})
        assert wrong.headers["x-request-id"] != "a b{}"

    def test_other_names_of_this_machine_are_not_answered(self, client: TestClient) -> None:
        for host in ("evil.example", "evil.example:8080", "localhost.evil.example", ""):
            response = client.get("/v1/search?q=fire", headers={"host": host})
            assert response.status_code == 421, host
        for host in ("localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"):
            assert client.get("/health", headers={"host": host}).status_code == 200

    def test_pages_of_other_sites_may_change_nothing(self, client: TestClient) -> None:
        evil = {"origin": "http://evil.example"}
        response = client.request("DELETE", "/v1/assets/words", headers=evil)
        assert response.status_code == 403
        own = {"origin": "http://localhost"}
        assert client.post("/v1/search", json={"q": "fire"}, headers=own).status_code == 200
        assert got(client, "/v1/assets/words")

    def test_the_description_is_openapi_3_1(self, client: TestClient) -> None:
        described = got(client, "/v1/openapi.json")
        assert described["openapi"] == "3.1.0"
        for path, operations in described["paths"].items():
            for operation in operations.values():
                assert operation["summary"] and operation["description"], path
                assert operation["responses"]["default"]["content"].keys() == {
                    "application/problem+json"
                }
