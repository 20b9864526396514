"""docs/api.md is true: its requests are answered, its routes exist, its program runs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hybridsearch.config import Settings
from hybridsearch.ingest.manifest import ManifestSource
from services.api.keys import Scope
from tests.builders import ingest, png, settings_in, write_manifest, write_pictures
from tests.integration.test_api_server import environment, running
from tests.service import client_of, settings_for

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "api.md").read_text("utf-8")
ADDRESS = "http://localhost:8080"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCS, flags=re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[str]:
    lines = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith(f"{program} ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the assets that the page speaks of."""
    made = tmp_path_factory.mktemp("docs")
    pictures = write_pictures(made / "pictures", {"rocket.jpg": "red", "grace.jpg": "blue"})
    rows: list[dict[str, Any]] = [
        {"id": "rocket.jpg", "file": "rocket.jpg", "headline": "A rocket at night",
         "date_created": "2015"},
        {"id": "grace.jpg", "file": "grace.jpg", "headline": "A portrait",
         "people": ["Grace Hopper"], "date_created": "1984"},
    ]  # fmt: skip
    write_manifest(made / "pictures" / "m.jsonl", rows)
    ingest(settings_in(made / "data"), ManifestSource(pictures / "m.jsonl"))[1].close()
    (made / "photo.jpg").write_bytes(png("red"))
    return made


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with running(folder, HYBRIDSEARCH_SERVICE__BODY_SECONDS="20") as (found, _):
        yield found


@pytest.mark.parametrize("command", commands("curl"))
def test_every_request_is_answered(command: str, port: int, folder: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    there = command.replace(ADDRESS, f"http://localhost:{port}")
    done = subprocess.run(
        [*shlex.split(there), "--silent", "--show-error", "--fail-with-body"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert any(told.get(key) for key in ("hits", "completions", "labels", "written", "deleted"))


def test_the_program_runs(port: int, folder: Path) -> None:
    (program,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", program.replace(ADDRESS, f"http://localhost:{port}")],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "A portrait" in done.stdout
    assert "404 Check the id" in done.stdout


@pytest.mark.parametrize("command", commands("hybridsearch keys"))
def test_the_commands_for_keys_run(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_that_serve_are_understood(folder: Path) -> None:
    from typer.testing import CliRunner

    from services.cli import serve_app

    for command in commands("hybridsearch serve"):
        _, _, *options = shlex.split(command)
        told = CliRunner().invoke(serve_app, ["--help", *options])
        assert told.exit_code == 0
        names = [each for each in options if each.startswith("--")]
        assert all(name in told.output for name in names), told.output


def test_the_table_lists_every_route_with_its_scope(folder: Path, tmp_path: Path) -> None:
    listed = {
        (method, path): scope
        for method, path, scope in re.findall(
            r"^\| `(\w+) (\S+)` \| .* \| (\S+) \|$", DOCS, flags=re.MULTILINE
        )
    }
    shutil.copytree(folder / "data", tmp_path / "data")
    with client_of(settings_for(tmp_path, require_key=True)) as client:
        described = client.get("/v1/openapi.json").json()["paths"]
        there = {(method.upper(), path) for path, each in described.items() for method in each}
        assert set(listed) == there
        from tests.service import service_of

        keys = {scope: service_of(client).keys.add(scope, [scope]).secret for scope in Scope}
        for (method, path), scope in listed.items():
            address = path.replace("{asset_id}", "nobody").replace("{archive}", "nobody")
            address = address.replace("{job_id}", "nobody")
            statuses = {
                each: client.request(method, address, headers={"x-api-key": secret}).status_code
                for each, secret in keys.items()
            }
            open_to = {str(each) for each, status in statuses.items() if status != 403}
            assert open_to == ({scope} if scope in keys else set(map(str, Scope))), (path, statuses)


def test_the_configuration_shown_is_valid() -> None:
    (block,) = blocks("toml")
    settings = Settings(**tomllib.loads(block))
    assert settings.service.roots == {"photos": Path("/srv/photos")}


def test_the_problem_shown_is_one(port: int) -> None:
    from services.api.schemas.problem import Problem

    (block,) = blocks("json")
    assert Problem.model_validate_json(block).status == 404


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", DOCS)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
