"""Small real runs of every measurement of names."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.names.commands import app
from tests.builders import write_manifest

WORDS = ("miners", "women", "farmers", "children", "photo", "people", "bridge", "factory", "parade")
PLACES = ("Butte", "Hamburg", "Lowell", "Taos")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One collection of made-up captions."""
    folder = tmp_path_factory.mktemp("data") / "fsac_color"
    chance = random.Random(0)
    rows: list[dict[str, Any]] = [
        {"id": f"r{number}", "caption": f"The {' and '.join(chance.sample(WORDS, 3))} in {place}"}
        for number, place in enumerate(PLACES * 30)
    ]
    write_manifest(folder / "metadata.jsonl", rows)
    queries = [
        {
            "id": f"q{number}",
            "query": f"{WORDS[number]} {place}",
            "class": "place",
            "relevant": {f"r{number}": 1},
        }
        for number, place in enumerate(PLACES)
    ]
    write_manifest(folder / "queries_dev.jsonl", queries)
    return folder.parent


def told(*arguments: str) -> str:
    ended = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_forms_need_no_collection(tmp_path: Path) -> None:
    file = tmp_path / "forms.json"
    assert "By language" in told("forms", "--json", str(file))
    rows = json.loads(file.read_text("utf-8"))["tables"][0]["rows"]
    assert {row["language"] for row in rows} == {"sl", "hr", "de", "fr", "it", "en"}
    assert all(row["exact"] <= row["stem"] <= row["kin"] <= 1 for row in rows)


def test_weights_of_the_kin_form_are_compared(data: Path) -> None:
    output = told("weights", "fsac_color", "--data", str(data))
    assert output.count("by the rule at") == 5
    assert output.count("mixed in at") == 4


def test_inflected_names_are_found_among_captions(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "inflected.json"
    told("inflected", "fsac_color", "--data", str(data), "--json", str(file))
    rows = json.loads(file.read_text("utf-8"))["tables"][0]["rows"]
    found = {(row["names"], row["words leg"]): row["R@10"] for row in rows}
    for half in ("dev", "held out"):
        names = f"{half}, small, no accents"
        assert found[names, "by the rule"] > found[names, "without the kin form"]


def test_misspellings_are_counted(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "spelling.json"
    told("spelling", "fsac_color", "--count", "8", "--data", str(data), "--json", str(file))
    [row] = json.loads(file.read_text("utf-8"))["tables"][0]["rows"]
    assert row["asked"] + row["are words"] == 8
    assert row["right"] + row["wrong"] + row["none"] == pytest.approx(1.0)


def test_classes_and_judgements_are_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.names.conflation.SAMPLE", 0)
    output = told("conflation", "fsac_color", "--data", str(data))
    assert "Hand-judged" in output


def test_languages_are_counted(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "languages.json"
    told("languages", "fsac_color", "--data", str(data), "--json", str(file))
    rows = json.loads(file.read_text("utf-8"))["tables"][0]["rows"]
    assert len(rows) == 8
    assert all(row["right"] + row["wrong"] + row["in doubt"] == pytest.approx(1.0) for row in rows)
