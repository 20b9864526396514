"""Small real runs of every benchmark: sane figures, never a bound on a time."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.bench.__main__ import main
from eval.bench.commands import app
from eval.starter.split import in_training_half
from hybridsearch.errors import SourceError
from tests.builders import write_manifest, write_pictures
from tests.contract.encoders import small_clip

WORDS = ("miners", "women", "farmers", "children", "boats", "bridge", "factory", "parade", "snow")
PLACES = ("Butte", "Hamburg", "Lowell", "Taos", "Ajo")
COLOURS = ("red", "green", "blue", "white", "black")


def rows_of(count: int, prefix: str) -> list[dict[str, Any]]:
    chance = random.Random(prefix)
    return [
        {
            "id": f"{prefix}{number}",
            "caption": f"{' and '.join(chance.sample(WORDS, 3))} in {chance.choice(PLACES)}",
            "year": str(chance.randint(1900, 1945)),
        }
        for number in range(count)
    ]


def write_collection(
    folder: Path, manifest: str, rows: Sequence[Mapping[str, Any]], queries: Sequence[str]
) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    folder.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(text.encode()) if manifest.endswith(".gz") else text.encode()
    (folder / manifest).write_bytes(packed)
    judged = [
        {"id": f"q{place}", "query": query, "class": "place", "relevant": {rows[0]["id"]: 1}}
        for place, query in enumerate(queries)
    ]
    write_manifest(folder / "queries_dev.jsonl", judged)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two caption collections of our own text."""
    folder = tmp_path_factory.mktemp("data")
    queries = [f"{word} {place}" for word in WORDS for place in PLACES]
    fsa, bain = rows_of(250, "fsa"), rows_of(100, "bain")
    write_collection(folder / "fsa_owi_captions", "metadata.jsonl.gz", fsa, queries[::2])
    write_collection(folder / "bain_news_captions", "metadata.jsonl.gz", bain, queries[1::2])
    return folder


def report_of(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Run a command, see that it prints, and give back its JSON."""
    file = tmp_path / "report.json"
    ended = CliRunner().invoke(app, [*arguments, "--json", str(file)], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    report: dict[str, Any] = json.loads(file.read_text("utf-8"))
    assert report["name"] in ended.output
    for table in report["tables"]:
        assert table["title"] in ended.output
    return report


def test_words_agree_with_the_oracle(data: Path, tmp_path: Path) -> None:
    report = report_of(
        tmp_path, "lexical", "--count", "300", "--queries", "12", "--data", str(data)
    )
    assert report["setup"] == {"captions": 300, "queries": 12, "limit": 10}
    times, agreement = report["tables"]
    assert [row["system"] for row in times["rows"]] == ["store", "rank_bm25"]
    assert agreement["rows"][0]["oracle, ties apart"] == 1.0


def test_the_whole_search_is_held_against_its_store_calls(data: Path, tmp_path: Path) -> None:
    options = ("--count", "300", "--queries", "6", "--rounds", "2", "--data", str(data))
    report = report_of(tmp_path, "hybrid", *options)
    assert report["setup"]["queries"] == 6
    first, again, steps = report["tables"]
    for table in (first, again):
        assert [row["call"] for row in table["rows"]] == [
            "search",
            "its own store calls",
            "two store calls",
            "one store call",
            "search, engine process",
            "search of a list of pages",
            "its own store calls, paged",
        ]
    assert {"plan", "retrieve", "fuse", "hydrate"} <= {row["step"] for row in steps["rows"]}
    assert sum(row["share"] for row in steps["rows"]) == pytest.approx(1.0)


@pytest.mark.parametrize("tuning", [(), ("--exact-up-to-kb", "0")])
def test_a_small_archive_has_perfect_recall_under_every_filter(
    tmp_path: Path, tuning: tuple[str, ...]
) -> None:
    report = report_of(tmp_path, "filters", "--count", "2000", "--queries", "4", *tuning)
    rows = {row["filter passes"]: row for row in report["tables"][0]["rows"]}
    assert rows["none"]["points"] == rows["100 %"]["points"] == 2000
    assert 450 < rows["30 %"]["points"] < 750
    assert 25 < rows["30 % and 10 % (two fields)"]["points"] < 100
    assert report["targets"][0]["figure"] == 1.0


def test_the_ingest_rate_is_told(tmp_path: Path) -> None:
    (row,) = report_of(tmp_path, "ingest-rate", "--count", "1500")["tables"][0]["rows"]
    assert row["points"] == 1500
    assert row["points a second"] > 0


def test_one_change_is_told_by_its_phases(data: Path, tmp_path: Path) -> None:
    options = ("--count", "200", "--times", "2", "--encoder", "words", "--data", str(data))
    (table,) = report_of(tmp_path, "changes", *options)["tables"]
    rows = {row["change"]: row for row in table["rows"]}
    assert list(rows) == [
        "the first after opening",
        "a caption changed",
        "a field that no asset had",
        "an asset deleted",
        "all gathered anew",
    ]
    assert rows["a field that no asset had"]["weighing words"] > 0
    assert rows["a caption changed"]["weighing words"] == 0
    assert all(row["all"] > row["writing"] > 0 for row in rows.values())


def test_names_are_found_in_a_lexicon(tmp_path: Path) -> None:
    report = report_of(tmp_path, "names", "--count", "300", "--language", "sl")
    build, times = report["tables"]
    assert build["rows"][0]["names"] >= 300
    assert [row["step"] for row in times["rows"]] == [
        "opening",
        "names of a query",
        "the same, words never met before",
        "a misspelt word",
    ]
    assert report["setup"] == {"languages": "sl", "words a query": 10}


def test_a_cold_search_is_taken_apart(tmp_path: Path) -> None:
    options = ("--encoder", "words", "--rounds", "1", "--data-dir", str(tmp_path / "archives"))
    report = report_of(tmp_path, "cold-start", *options)
    commands, steps = report["tables"]
    assert [row["command"] for row in commands["rows"]] == [
        "hybridsearch --help",
        "hybridsearch search",
    ]
    *parts, whole = steps["rows"]
    assert whole["wall ms"] == pytest.approx(sum(row["wall ms"] for row in parts))
    assert all(row["of it imports"] <= row["wall ms"] for row in parts)
    assert report["setup"]["archive"] == "demo"


def test_pictures_that_trained_the_encoder_count_in_no_figure(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "fsac_color"
    names = {f"p{number}": COLOURS[number % len(COLOURS)] for number in range(30)}
    write_pictures(folder, {f"images/{name}.png": colour for name, colour in names.items()})
    rows = [
        {"id": name, "file": f"images/{name}.png", "caption": f"Something {colour}"}
        for name, colour in names.items()
    ]
    write_manifest(folder / "metadata.jsonl", rows)
    queries = [
        {"id": name, "query": f"{colour} {name}", "class": "colour", "relevant": {name: 1}}
        for name, colour in names.items()
    ]
    write_manifest(folder / "queries_dev.jsonl", queries)
    held_out = sum(not in_training_half(name) for name in names)
    report = report_of(tmp_path, "fsac", "-e", "words", "--data", str(tmp_path / "data"))
    assert report["setup"] == {
        "encoder": "words",
        "pictures": held_out,
        "failed": 0,
        "queries": held_out,
        "queries dropped": 30 - held_out,
    }
    colour, every = report["tables"][0]["rows"]
    assert colour["queries"] == every["queries"] == held_out
    assert all(0 <= every[system] <= 1 for system in ("looks only", "words only", "hybrid"))
    assert every["words only"] > 0


def test_missing_data_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="--data FOLDER"):
        CliRunner().invoke(
            app, ["lexical", "--data", str(tmp_path / "nowhere")], catch_exceptions=False
        )


def test_more_than_there_is_cannot_be_indexed(data: Path) -> None:
    with pytest.raises(SourceError, match="350 captions, not 400"):
        CliRunner().invoke(
            app, ["lexical", "--count", "400", "--data", str(data)], catch_exceptions=False
        )


def test_an_expected_error_is_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "fsac", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert told.startswith("bench: There is no ")
    assert "What to do: Pass the folder" in told


def test_help_teaches_and_loads_no_engine() -> None:
    told = CliRunner().invoke(app, ["--help"]).output
    for command in ("lexical", "hybrid", "filters", "cold-start", "fsac", "ingest-rate", "ingest"):
        assert command in told


def test_an_ingest_is_held_against_the_model_alone(tmp_path: Path) -> None:
    sizes = ("--pictures", "4", "--large", "1", "--growth", "10", "--flat", "20", "--rounds", "1")
    report = report_of(tmp_path, "ingest", *sizes, "--model", str(small_clip()))
    two, twenty_four, memory, scaling = report["tables"]
    for table in (two, twenty_four):
        assert len(table["rows"]) == 5
        for row in table["rows"]:
            assert row["wall ms"] > 0
            assert row["peak MB"] > 50
            written = row["system"].startswith("ingest")
            assert (row["first batch s"] > 0) == written
    assert [row["pictures"] for row in memory["rows"]] == [1, 10, 1, 20]
    assert all(0.99 < row["median"] < 1.001 for row in scaling["rows"])
    assert all(row["least"] <= row["p5"] <= row["median"] for row in scaling["rows"])
    speeds = [target for target in report["targets"] if "speed of" in target["name"]]
    assert len(speeds) == 5
    assert all(target["figure"] > 0 for target in speeds)


def test_query_encoding_is_timed_by_both_runtimes(tmp_path: Path) -> None:
    options = ("--queries", "5", "--rounds", "1", "--model", str(small_clip()))
    report = report_of(tmp_path, "query-encoding", *options)
    usual, ours = report["tables"][0]["rows"]
    assert (usual["system"], ours["system"]) == ("sentence-transformers", "ONNX Runtime")
    cold, _ = report["targets"]
    assert cold["met"], "importing PyTorch alone takes more than four times as long"
