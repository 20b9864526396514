"""The judging page's server over real HTTP: what it gives, to whom, and what it refuses."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from eval.evaluation import ShownAsset
from eval.pool import Pool, PoolItem, judging_server, serve_judging
from eval.pool.server import JudgingServer
from eval.qrels import read_qrels
from hybridsearch.errors import ConfigError, SourceError
from tests.builders import png

ODD = "../č/%2e\u2028 <b>"


class Judge:
    """Speaks to the server as a browser on this machine does, and otherwise where asked to."""

    def __init__(self, server: JudgingServer) -> None:
        self.server = server
        self.origin = server.url.rstrip("/")

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request(method, path, body, named)
        answer = link.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        link.close()
        return found

    def grade(self, grade: Any, asset: Any = "a", **headers: str) -> tuple[int, Any]:
        body = json.dumps({"query_id": "q1", "asset_id": asset, "grade": grade}).encode()
        said = {"Origin": self.origin, "Content_Type": "application/json", **headers}
        status, _, answer = self.send("POST", "/grade", body, **said)
        return status, json.loads(answer)


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[Judge]:
    (tmp_path / "red.png").write_bytes(png("red"))
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    assets = [
        ShownAsset("a", "A", "red", tmp_path / "red.png"),
        ShownAsset(ODD, "odd", "", tmp_path / "red.png"),
        ShownAsset("broken", "", "", tmp_path / "broken.jpg"),
        ShownAsset("bare", "no picture"),
    ]
    pool = Pool([PoolItem("q1", "red things", asset) for asset in assets], {"q1": {"bare": 2}})
    with judging_server(pool, tmp_path / "qrels.txt", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield Judge(server)
        server.shutdown()
        thread.join()


def test_it_listens_on_this_machine_only(judge: Judge) -> None:
    assert judge.server.server_address[0] == "127.0.0.1"


def test_a_grade_is_in_the_file_when_the_answer_comes(judge: Judge, tmp_path: Path) -> None:
    assert judge.grade(3) == (200, {"grade": 3})
    assert read_qrels(tmp_path / "qrels.txt").grades == {"q1": {"a": 3, "bare": 2}}
    assert judge.grade(None) == (200, {"grade": None})
    assert read_qrels(tmp_path / "qrels.txt").grades == {"q1": {"bare": 2}}


def test_the_pool_tells_grades_and_no_paths(judge: Judge, tmp_path: Path) -> None:
    judge.grade(1)
    status, _, body = judge.send("GET", "/pool")
    grades = {item["asset_id"]: item["grade"] for item in json.loads(body)["items"]}
    assert status == 200
    assert grades == {"a": 1, ODD: None, "broken": None, "bare": 2}
    assert str(tmp_path) not in body.decode()


@pytest.mark.parametrize("asset", ["a", "..%2F%C4%8D%2F%252e%E2%80%A8%20%3Cb%3E"])
def test_pictures_come_by_asset_id_as_plain_jpeg(judge: Judge, asset: str) -> None:
    status, headers, body = judge.send("GET", f"/picture/{asset}")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(body)).format == "JPEG"


@pytest.mark.parametrize(
    "path",
    [
        "/picture/../qrels.txt",
        "/picture/..%2F..%2F..%2Fetc%2Fpasswd",
        "/picture//etc/passwd",
        "/picture/red.png",
        "/picture/",
        "/judge.py",
        "/../handler.py",
        "/page/judge.js",
        "/picture/bare",
        "/picture/broken",
        "/%00",
    ],
)
def test_nothing_else_is_served(judge: Judge, path: str) -> None:
    status, headers, body = judge.send("GET", path)
    assert status == 404
    assert headers["Content-Type"].startswith("application/json")
    assert b"root:" not in body


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]:80", ""])
def test_another_host_is_refused(judge: Judge, host: str) -> None:
    for path in ("/", "/pool", "/picture/a"):
        assert judge.send("GET", path, Host=host)[0] == 403
    assert judge.grade(1, Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "https://127.0.0.1"])
def test_another_origin_cannot_judge(judge: Judge, tmp_path: Path, origin: str) -> None:
    assert judge.grade(1, Origin=origin)[0] == 403
    assert not (tmp_path / "qrels.txt").exists()


def test_a_judgement_without_origin_is_refused(judge: Judge) -> None:
    body = json.dumps({"query_id": "q1", "asset_id": "a", "grade": 1}).encode()
    assert judge.send("POST", "/grade", body, Content_Type="application/json")[0] == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_what_a_form_could_send_is_refused(judge: Judge, kind: str) -> None:
    assert judge.grade(1, Content_Type=kind)[0] == 415


@pytest.mark.parametrize("grade", [4, -1, "2", True, 1.5, [1], {}])
def test_a_grade_that_is_none_is_refused(judge: Judge, grade: Any) -> None:
    assert judge.grade(grade)[0] == 400


@pytest.mark.parametrize("asset", ["unknown", None, ["a"], {"a": 1}])
def test_only_what_is_in_the_pool_can_be_judged(judge: Judge, asset: Any) -> None:
    assert judge.grade(1, asset=asset)[0] == 404


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"1", b'"x"', b"[" * 5000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(judge: Judge, body: bytes) -> None:
    said = {"Origin": judge.origin, "Content_Type": "application/json"}
    assert judge.send("POST", "/grade", body, **said)[0] == 400


def test_a_long_body_is_not_read(judge: Judge) -> None:
    said = {"Origin": judge.origin, "Content_Type": "application/json"}
    assert judge.send("POST", "/grade", None, Content_Length="10000000", **said)[0] == 400
    assert judge.send("POST", "/grade", None, Content_Length="-1", **said)[0] == 400


def test_every_answer_keeps_others_out(judge: Judge) -> None:
    for path in ("/", "/judge.js", "/pool", "/picture/a", "/nothing"):
        _, headers, _ = judge.send("GET", path)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers


def test_a_file_that_changed_is_told_to_the_judge(judge: Judge, tmp_path: Path) -> None:
    judge.grade(1)
    (tmp_path / "qrels.txt").write_text("q1 0 zz 1\n")
    status, said = judge.grade(2)
    assert status == 409
    assert "changed by another program" in said["error"]


def test_judges_at_once_lose_nothing(judge: Judge, tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=judge.grade, args=(number % 4, asset))
        for number, asset in enumerate(("a", ODD, "broken", "bare") * 5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(read_qrels(tmp_path / "qrels.txt").grades["q1"]) == {"a", ODD, "broken", "bare"}


def test_a_taken_port_and_an_empty_pool_are_told(judge: Judge, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing to judge"):
        judging_server(Pool([]), tmp_path / "other", 0)
    for _ in range(2):  # The file is free again after the failure.
        with pytest.raises(ConfigError, match="cannot use port"):
            judging_server(judge.server.pool, tmp_path / "other", judge.server.port)


def test_serving_says_where_and_ends_with_ctrl_c(
    judge: Judge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(JudgingServer, "serve_forever", interrupted)
    for _ in range(2):  # The file is free again afterwards.
        serve_judging(judge.server.pool, tmp_path / "other", 0)
    said = capsys.readouterr().out
    assert "Judge at http://127.0.0.1:" in said
    assert "start again to go on" in said
