"""The command line as a user runs it: real processes, real files, what they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.builders import png, write_manifest, write_pictures

HEAVY = ("torch", "transformers", "sentence_transformers", "qdrant_edge", "qdrant_client")


class Shell:
    """Runs ``hybridsearch`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{key: value for key, value in os.environ.items() if "HYBRIDSEARCH" not in key},
            "HYBRIDSEARCH_DATA_DIR": str(folder / "data"),
            "HYBRIDSEARCH_ENCODER__NAME": "words",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "COLUMNS": "160",
        }

    def run(self, *words: str, code: int = 0, **environment: str) -> str:
        """What the command printed; both streams where it was to fail."""
        done = subprocess.run(
            [sys.executable, "-m", "hybridsearch", *words],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr if code else done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    folder = tmp_path_factory.mktemp("cli")
    write_pictures(folder / "pictures", {"one.png": "red", "two.png": "blue"})
    rows = [
        {"id": "a", "file": "one.png", "title": "Fire at Melamin", "town": "Kočevje"},
        {"id": "b", "file": "two.png", "title": "The sea", "town": "Piran"},
    ]
    write_manifest(folder / "pictures" / "list.jsonl", rows)
    made = Shell(folder)
    made.run("ingest", "pictures/list.jsonl", "--map", "headline=title", "--map", "city=town")
    return made


def test_help_teaches_every_command(shell: Shell) -> None:
    told = shell.run("--help")
    for command in ("ingest", "search", "similar", "status", "config", "demo"):
        assert command in told
        assert len(shell.run(command, "--help")) > 200


def test_array_products_are_done_by_the_thread_that_asks() -> None:
    program = """
import os, sys
from hybridsearch import cli
assert "numpy" not in sys.modules, "too late: its threads are made when it is loaded"
cli.share_the_cores()
print(os.environ["OPENBLAS_NUM_THREADS"])
"""
    unset = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    for given, expected in ((unset, "1"), ({**unset, "OPENBLAS_NUM_THREADS": "4"}, "4")):
        run = [sys.executable, "-c", program]
        done = subprocess.run(run, env=given, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected


def test_help_loads_no_model_library(shell: Shell) -> None:
    code = (
        "import sys, hybridsearch.cli.commands, hybridsearch.bootstrap, hybridsearch.cli.tables\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_search_tells_picture_reason_and_encoder(shell: Shell) -> None:
    told = shell.run("search", "melamin")
    assert "Fire at Melamin" in told
    assert "in the headline" in told
    assert "encoder words" in told
    assert "for trying out" in told


def test_a_search_as_json_is_the_whole_answer(shell: Shell) -> None:
    answer = shell.json("search", "sea", "--filter", "city=piran")
    assert [hit["asset"]["id"] for hit in answer["hits"]] == ["b"]
    assert answer["eligible"] == 1
    assert answer["plan"]["k"] == 60
    assert answer["encoder"]["trial"] is True
    score = answer["hits"][0]["score"]
    parts = [part["value"] for part in answer["hits"][0]["explanation"]["contributions"]]
    assert sum(parts) == pytest.approx(score)


def test_a_picture_as_the_query(shell: Shell) -> None:
    (shell.folder / "query.png").write_bytes(png("blue"))
    answer = shell.json("search", "--picture", "query.png", "--limit", "1")
    assert answer["hits"][0]["asset"]["id"] == "b"


def test_similar_leaves_the_asked_out(shell: Shell) -> None:
    assert [hit["asset"]["id"] for hit in shell.json("similar", "a")["hits"]] == ["b"]


def test_ingesting_again_writes_nothing(shell: Shell) -> None:
    report = shell.json(
        "ingest", "pictures/list.jsonl", "--map", "headline=title", "--map", "city=town"
    )
    assert (report["written"], report["unchanged"]) == (0, 2)


def test_failures_are_listed_and_kept_in_a_file(shell: Shell) -> None:
    write_pictures(shell.folder / "broken", {"good.png": "red"})
    (shell.folder / "broken" / "bad.jpg").write_bytes(b"\xff\xd8 no picture")
    told = shell.run("ingest", "broken", "--archive", "broken")
    assert "1 written" in told and "1 failed" in told and "bad.jpg" in told
    listed = (shell.folder / "data" / "broken" / "failures.jsonl").read_text().splitlines()
    failure = json.loads(listed[0])
    assert failure["reason"] and failure["remedy"]


def test_status_counts_and_names_the_encoder(shell: Shell) -> None:
    told = shell.run("status")
    assert "words" in told and "assets      2" in told
    state = shell.json("status")
    assert state["store"]["points"] == 2
    assert state["complete"] is True


def test_config_prints_what_it_would_read_back(shell: Shell) -> None:
    printed = shell.run("config", HYBRIDSEARCH_SEARCH__LIMIT="7")
    assert "limit = 7" in printed
    (shell.folder / "other.toml").write_text(printed)
    again = shell.run("config", HYBRIDSEARCH_CONFIG="other.toml")
    assert [line for line in again.splitlines() if line[:1] != "#"] == [
        line for line in printed.splitlines() if line[:1] != "#"
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["search", "x", "--archive", "nobody"], "no archive 'nobody'"),
        (["search", "x", "--filter", "colour=red"], "no field 'colour'"),
        (["similar", "nobody"], "no asset 'nobody'"),
        (["ingest", "nowhere"], "There is no nowhere"),
        (["ingest", "pictures/list.jsonl", "--map", "title"], "names no asset field"),
        (["ingest", "pictures", "--encoder", "starter"], "indexed with the encoder 'words'"),
        (["search", "x", "--archive", "Not A Name"], "archive"),
    ],
)
def test_errors_tell_what_to_do_and_exit_with_one(
    shell: Shell, words: list[str], told: str
) -> None:
    printed = shell.run(*words, code=1)
    assert told in printed
    assert "What to do:" in printed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[search]\nlimit = 0\n", "search.limit"),
        ("[search]\nlimits = 3\n", "search.limits"),
        ("[search\n", "no TOML"),
        ('[analysis]\nlanguages = ["xx"]\n', "'xx'"),
        ("[analysis.fields.headlines]\nweight = 1\n", "headlines"),
    ],
)
def test_a_wrong_setting_is_named(shell: Shell, text: str, told: str) -> None:
    (shell.folder / "wrong.toml").write_text(text)
    printed = shell.run("config", code=1, HYBRIDSEARCH_CONFIG="wrong.toml")
    assert told in printed


def test_changed_analysis_is_refused_with_the_remedy(shell: Shell) -> None:
    printed = shell.run("search", "x", code=1, HYBRIDSEARCH_ANALYSIS__K1="2.0")
    assert "other analysis settings" in printed
