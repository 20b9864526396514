"""The real server in a process of its own: slow clients, the end, and who may listen."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.builders import write_manifest
from tests.service import built

REPOSITORY = Path(__file__).parents[2]

IMPATIENT = """
import sys
from services.api import serve
serve.HEADER_SECONDS = 0.5
from hybridsearch.cli import main
sys.argv = ["hybridsearch", *sys.argv[1:]]
main()
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("server")
    built(made)
    return made


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    for name in ("data", "pictures"):
        shutil.copytree(template / name, tmp_path / name)
    return tmp_path


def environment(folder: Path, **more: str) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if "HYBRIDSEARCH" not in key}
    return {
        **plain,
        "HYBRIDSEARCH_DATA_DIR": str(folder / "data"),
        "HYBRIDSEARCH_ENCODER__NAME": "words",
        "HYBRIDSEARCH_SERVICE__BODY_SECONDS": "1",
        "HYBRIDSEARCH_SERVICE__ROOTS": json.dumps({"pictures": str(folder / "pictures")}),
        **more,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, **more: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, "serve", "--port", str(port)],
        cwd=REPOSITORY,
        env=environment(folder, **more),
        stdout=log,
        stderr=log,
    )
    try:
        deadline = time.monotonic() + 60
        while status(port, "/ready") != 200:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield port, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()


def status(port: int, path: str, timeout: float = 10) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except OSError:
        return None
    finally:
        connection.close()


def ask(port: int, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body)
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, data, {"content-type": "application/json"})
        return json.loads(connection.getresponse().read())


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def read_all(line: socket.socket) -> bytes:
    told = b""
    while part := line.recv(65536):
        told += part
    return told


NO_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00",  # TLS, spoken to a port without
    b"BREW /coffee HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /v1/search HTTP/1.1\r\nhost: localhost\r\ncontent-length: many\r\n\r\n",
    b"POST /v1/search HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n"
    b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
)


def assert_problem(answer: bytes, status: int) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer[:300]
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-length: %d" % len(body) in head.lower()
    problem = json.loads(body)
    assert problem["status"] == status and problem["remedy"]


def test_slow_clients_are_let_go_and_slow_down_nobody(folder: Path) -> None:
    with running(folder) as (port, _), ExitStack() as lines:
        silent = [lines.enter_context(connected(port)) for _ in range(50)]
        dripping = lines.enter_context(connected(port))
        dripping.sendall(b"GET /v1/search?q=fire HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
        slow_body = lines.enter_context(connected(port))
        slow_body.sendall(
            b"POST /v1/search HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: 100\r\n\r\n{"
        )
        started = time.monotonic()
        for _ in range(10):
            assert status(port, "/v1/search?q=fire") == 200
        assert time.monotonic() - started < 8
        for each in (*silent, dripping):
            assert read_all(each) == b""
        answer = read_all(slow_body)
        assert b" 408 " in answer.split(b"\r\n")[0]
        assert b"application/problem+json" in answer and b"remedy" in answer
        endless = lines.enter_context(connected(port))
        endless.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-long: " + b"x" * 66_000)
        assert_problem(read_all(endless), 431)
        at_once = lines.enter_context(connected(port))
        long_head = b"x-long: " + b"x" * 66_000 + b"\r\nconnection: close\r\n\r\n"
        at_once.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\n" + long_head)
        assert_problem(read_all(at_once), 431)
        for garbage in NO_HTTP:
            line = lines.enter_context(connected(port))
            line.sendall(garbage)
            assert_problem(read_all(line), 400)
        assert status(port, "/health") == 200


def test_the_end_is_graceful(folder: Path) -> None:
    """A request in work is answered, a job ends after its batch, and the exit code is 0."""
    rows = [{"id": f"m{n}", "caption": f"Mill number {n}"} for n in range(3000)]
    write_manifest(folder / "pictures" / "mills.jsonl", rows)
    more = {"HYBRIDSEARCH_INGEST__BATCH": "10"}
    with running(folder, **more) as (port, process), ThreadPoolExecutor(2) as pool:
        job = ask(
            port, "POST", "/v1/jobs", {"kind": "ingest", "root": "pictures", "path": "mills.jsonl"}
        )
        deadline = time.monotonic() + 60
        while ask(port, "GET", f"/v1/jobs/{job['id']}")["written"] == 0:
            assert time.monotonic() < deadline
        events = pool.submit(status, port, f"/v1/jobs/{job['id']}/events", 60)
        searching = pool.submit(status, port, "/v1/search?q=mill&limit=200", 60)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert searching.result(60) == 200
        assert events.result(60) == 200
        assert process.wait(60) == 0, (folder / "log").read_text()[-2000:]
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    assert any(line["message"] == "job ended" for line in lines)
    with running(folder) as (port, process):
        told = ask(port, "GET", "/v1/archives")["archives"][0]
        assert told["assets"] > 4
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_logs_are_json_lines_with_ids_and_without_queries(folder: Path) -> None:
    with running(folder) as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request(
            "GET", "/v1/search?q=whistleblower", headers={"x-request-id": "id-of-ours"}
        )
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    text = (folder / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == "id-of-ours"]
    assert (line["path"], line["status"], line["method"]) == ("/v1/search", 200, "GET")
    assert line["ms"] > 0
    assert "whistleblower" not in text


def refused(folder: Path, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hybridsearch", *arguments],
        cwd=REPOSITORY,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_does_not_listen_elsewhere_without_a_key(folder: Path) -> None:
    told = refused(folder, "serve", "--host", "0.0.0.0", "--port", "0")
    assert "hybridsearch keys add" in told


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = refused(folder, "serve", "--port", str(taken.getsockname()[1]))
    assert "cannot listen" in told and "--port" in told


def test_an_archive_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "There is no archive" in refused(tmp_path, "serve", "--port", "0")


def test_keys_are_made_shown_once_listed_and_taken_back(folder: Path) -> None:
    def keys(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "hybridsearch", "keys", *arguments],
            cwd=REPOSITORY,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    secret = keys("add", "desk", "--scope", "search", "--scope", "write").strip()
    assert secret.startswith("hs_")
    listed = keys("list")
    assert "desk" in listed and "search,write" in listed and secret not in listed
    keys("remove", listed.split()[0])
    assert keys("list") == ""
    assert "no key" in refused(folder, "keys", "remove", "nobody")
    assert "no scope" in refused(folder, "keys", "add", "desk", "--scope", "all")
    assert "NAME=FOLDER" in refused(folder, "serve", "--root", "pictures")
