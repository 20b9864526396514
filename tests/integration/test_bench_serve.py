"""A small real run of the service's benchmark: sane figures, never a bound on a time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.bench.commands import app
from eval.bench.load.generator import must_be_there
from eval.bench.load.queries import paths
from eval.bench.processes import CommandFailed
from hybridsearch.domain.asset import Asset
from tests.integration.test_bench_commands import WORDS, rows_of, write_collection


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "collections"
    for name, count in (("fsa_owi_captions", 250), ("bain_news_captions", 100)):
        write_collection(folder / name, "metadata.jsonl.gz", rows_of(count, name), WORDS)
    return folder


def test_the_service_is_measured(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.bench.serve.QUIET_SECONDS", 1.0)
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed (apt-get install wrk)")
    told = tmp_path / "report.json"
    arguments = ["serve", "--count", "300", "--added", "40", "--seconds", "1", "--encoder", "words"]
    done = CliRunner().invoke(app, [*arguments, "--data", str(data), "--json", str(told)])
    assert done.exit_code == 0, done.output
    report = json.loads(told.read_text())
    share, loads, beside = (table["rows"] for table in report["tables"])
    assert [(row["queries"], row["connections"]) for row in loads] == [
        (queries, connections) for connections in (1, 8, 32) for queries in ("known", "new")
    ]
    assert all(row["errors"] == 0 and row["requests"] > 0 for row in loads)
    assert all(row["p50 ms"] <= row["p95 ms"] <= row["p99 ms"] for row in loads)
    assert share[0]["searches"] == 500
    phases = {row["phase"]: row for row in beside}
    assert phases["no ingest"]["searches"] > 0
    assert {"reading", "building indexes"} <= set(phases)
    assert all(row["errors"] == 0 for row in beside)


def test_without_the_load_generator_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CommandFailed, match="wrk") as caught:
        must_be_there()
    assert "apt-get install wrk" in caught.value.remedy


def test_queries_are_different_and_fit_into_links() -> None:
    captions = [f"men {first} and women {last} at the mill" for first in WORDS for last in WORDS]
    assets = [Asset(str(number), caption=text) for number, text in enumerate(captions)]
    found = paths(assets, 200, seed=0, limit=7)
    assert len(found) == len(set(found)) == 200
    assert all(path.startswith("/v1/search?q=") and path.endswith("&limit=7") for path in found)
    assert found == paths(assets, 200, seed=0, limit=7)
