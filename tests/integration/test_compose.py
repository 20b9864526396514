"""What of the containers can be tested without Docker: files, entry point, health command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from hybridsearch.config import Settings, load_settings
from tests.contract.stores import SERVER_IMAGE
from tests.integration.test_api_server import environment, free_port, status
from tests.service import built

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
APIS = ("api", "api-cluster")
NODES = ("qdrant-1", "qdrant-2", "qdrant-3")


def test_compose_itself_accepts_the_file() -> None:
    candidates = (["docker", "compose"], ["docker-compose"])
    for command in candidates:
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            done = subprocess.run(
                [*command, "--profile", "cluster", "-f", str(ROOT / "docker-compose.yml"),
                 "config", "--quiet"],
                capture_output=True,
                text=True,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            return
    pytest.skip("neither docker compose nor docker-compose is installed")


def test_the_file_follows_the_compose_specification() -> None:
    """Its schema is vendored (``tests/schemas``), so that this needs no Docker."""
    schema = json.loads((ROOT / "tests" / "schemas" / "compose-spec.json").read_text("utf-8"))
    validator = Draft7Validator(schema)
    wrong = [f"{each.json_path}: {each.message}" for each in validator.iter_errors(COMPOSE)]
    assert wrong == []
    broken = {**COMPOSE, "services": {"api": {**SERVICES["api"], "heathcheck": {}}}}
    assert any(validator.iter_errors(broken))


def test_images_are_pinned_and_qdrants_is_the_one_that_is_tested() -> None:
    assert {SERVICES[name]["image"] for name in ("qdrant", *NODES)} == {SERVER_IMAGE}
    images = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")]
    assert images == ["python:3.11-slim-bookworm"] * 2


def test_every_service_has_a_health_check_and_is_waited_for() -> None:
    for name, service in SERVICES.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        for needed in service.get("depends_on", {}).values():
            assert needed == {"condition": "service_healthy"}
    assert set(SERVICES["api"]["depends_on"]) == {"qdrant"}
    assert set(SERVICES["api-cluster"]["depends_on"]) == set(NODES)


def test_the_cluster_is_a_profile_of_three_nodes() -> None:
    plain = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert plain == {"api", "qdrant"}
    for name in NODES:
        service = SERVICES[name]
        assert service["profiles"] == ["cluster"]
        assert service["environment"] == {"QDRANT__CLUSTER__ENABLED": "true"}
        assert service["networks"] == {"default": {"aliases": ["qdrant-nodes"]}}
        assert f"http://{name}:6335" in service["command"]
        assert ("--bootstrap" in service["command"]) == (name != "qdrant-1")


@pytest.mark.parametrize("name", APIS)
def test_the_api_runs_with_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert any(volume.endswith(":/pictures:ro") for volume in service["volumes"])
    assert "USER 10001:10001" in DOCKERFILE


def test_every_volume_is_declared() -> None:
    named = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("$", ".", "/"))
    }
    assert named == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", APIS)
def test_the_environment_is_understood(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [key for key in os.environ if key.startswith("HYBRIDSEARCH")]:
        monkeypatch.delenv(key)
    for key, value in {**image_environment(), **SERVICES[name]["environment"]}.items():
        default = value.partition(":-")[2].rstrip("}") if value.startswith("$") else value
        monkeypatch.setenv(key, default)
    settings: Settings = load_settings()
    assert settings.store.kind == "qdrant"
    assert settings.service.host == "0.0.0.0"
    assert settings.service.roots == {"pictures": Path("/pictures")}
    assert settings.service.create
    assert settings.encoder.name == "starter"
    store = settings.store.url.removeprefix("http://").partition(":")[0]
    assert store == ("qdrant-nodes" if name == "api-cluster" else "qdrant")
    sizes = (settings.store.shards, settings.store.replicas)
    assert sizes == ((3, 2) if name == "api-cluster" else (1, 1))


def image_environment() -> dict[str, str]:
    block = DOCKERFILE[DOCKERFILE.rindex("ENV PATH") :].split("\nUSER")[0]
    pairs = [part.partition("=") for part in block.removeprefix("ENV ").split() if "=" in part]
    return {key: value for key, _, value in pairs if key.startswith("HYBRIDSEARCH")}


def test_what_the_image_copies_is_there_and_nothing_else_is_sent() -> None:
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ")]
    sources = {each for line in copied for each in line if not each.startswith(("--", "/"))}
    assert all((ROOT / each).exists() for each in sources)
    sent = (ROOT / ".dockerignore").read_text().split()
    assert sent[0] == "*"
    assert {each.removeprefix("!") for each in sent if each.startswith("!")} == sources


def test_the_extras_of_the_image_are_extras_of_the_project() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = DOCKERFILE.split("'.[")[1].split("]'")[0].split(",")
    assert set(asked) <= set(extras["optional-dependencies"])


def test_qdrants_health_command_believes_only_a_ready_server(tmp_path: Path) -> None:
    """The very command of the file, against small servers on its port's place."""
    import http.server
    import threading

    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    command = [each.replace("$$", "$") for each in SERVICES["qdrant"]["healthcheck"]["test"][1:]]

    def health(code: int | None) -> int:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == "/readyz"
                self.send_response(code or 500)
                self.end_headers()

            def log_message(self, format: str, *given: object) -> None:
                """Tests are quiet."""

        with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            there = [each.replace("6333", str(server.server_port)) for each in command]
            if code is None:
                server.shutdown()
                server.server_close()
            done = subprocess.run(there, capture_output=True, timeout=20).returncode
            server.shutdown()
            thread.join()
            return done

    assert health(200) == 0
    assert health(503) != 0
    assert health(None) != 0


def test_the_entry_point_makes_a_first_key_serves_and_ends(tmp_path: Path) -> None:
    built(tmp_path)
    port = free_port()
    own = environment(
        tmp_path,
        HYBRIDSEARCH_SERVICE__HOST="0.0.0.0",
        HYBRIDSEARCH_SERVICE__PORT=str(port),
    )

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=own, capture_output=True, text=True, timeout=60
        )

    assert run("services.health").returncode == 1
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "services.container", "serve"],
        cwd=ROOT,
        env=own,
        stdout=log,
        stderr=log,
    )
    try:
        deadline = time.monotonic() + 60
        while run("services.health").returncode != 0:
            assert process.poll() is None and time.monotonic() < deadline, (
                tmp_path / "log"
            ).read_text()
            time.sleep(0.1)
        first = tmp_path / "data" / "_service" / "first-key.txt"
        assert first.stat().st_mode & 0o077 == 0
        secret = first.read_text().strip()
        assert secret not in (tmp_path / "log").read_text()
        assert status(port, "/v1/search?q=fire") == 401
        assert searched(port, secret) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        log.close()
    listed = run("services.container", "keys", "list").stdout
    assert listed.count("\n") == 1
    assert "admin,search,write" in listed


def searched(port: int, key: str) -> int:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/v1/search?q=fire", headers={"x-api-key": key})
    found = connection.getresponse()
    found.read()
    connection.close()
    return found.status
