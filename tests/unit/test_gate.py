from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.collections import JudgedQuery
from eval.comparison import Floats
from eval.evaluation import ALL, Scores
from eval.gate import Record, gate, read_baseline, record, unguarded, write_baseline
from hybridsearch.errors import SourceError

MEASURE = "nDCG@10"
QUERIES = [
    JudgedQuery(f"q{n}", f"words {n}", "name" if n % 2 else "scene", {"a": 1}) for n in range(60)
]
BEFORE = np.random.default_rng(1).uniform(0.3, 0.9, 60)


def scored(values: Floats) -> Scores:
    return Scores("planner", {f"q{n}": {MEASURE: float(each)} for n, each in enumerate(values)})


def of(*scores: Scores) -> Record:
    return record(QUERIES, scores)


def test_the_same_passes() -> None:
    assert gate(of(scored(BEFORE)), of(scored(BEFORE))) == []


def test_rounding_passes_even_where_every_query_loses_by_it() -> None:
    assert gate(of(scored(BEFORE - 1e-12)), of(scored(BEFORE))) == []


@pytest.mark.parametrize("seed", range(20))
def test_noise_passes(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.1, 60)
    for half in (noise[0::2], noise[1::2]):
        half -= half.mean()  # as much up as down in each class: none of them fell
    assert gate(of(scored(BEFORE + noise)), of(scored(BEFORE))) == []


def test_a_planted_fall_is_caught_in_its_class() -> None:
    fallen = BEFORE + np.random.default_rng(2).normal(0, 0.02, 60)
    fallen[1::2] -= 0.1  # the names
    now = of(scored(fallen))
    falls = gate(now, of(scored(BEFORE)))
    assert [fall.query_class for fall in falls] == [ALL, "name"]
    name = falls[1]
    assert (name.system, name.measure, name.queries) == ("planner", MEASURE, 30)
    assert name.difference.high < 0
    assert name.before - name.now == pytest.approx(0.1, abs=0.02)
    assert "planner on name (30 queries): nDCG@10 fell from" in str(name)
    assert gate(now, of(scored(BEFORE))) == falls


def test_a_gain_passes_and_one_bad_query_is_within_chance() -> None:
    assert gate(of(scored(BEFORE + 0.1)), of(scored(BEFORE))) == []
    one = BEFORE.copy()
    one[0] = 0
    assert gate(of(scored(one)), of(scored(BEFORE))) == []


def test_the_order_of_queries_and_systems_does_not_matter() -> None:
    now = BEFORE - np.random.default_rng(3).uniform(0, 0.1, 60)
    before = of(scored(BEFORE))
    turned = record(QUERIES[::-1], [scored(now)])
    assert gate(turned, before) == gate(of(scored(now)), before)


def test_a_baseline_survives_its_file(tmp_path: Path) -> None:
    kept = of(scored(BEFORE))
    write_baseline({"mini": kept}, tmp_path / "new" / "baseline.json")
    assert read_baseline(tmp_path / "new" / "baseline.json") == {"mini": kept}
    told = json.loads((tmp_path / "new" / "baseline.json").read_text())
    assert told["collections"]["mini"]["scores"]["planner"][MEASURE]["q0"] == BEFORE[0]


@pytest.mark.parametrize("text", ["", "[]", '{"collections": {"mini": {}}}', '{"old": 1}'])
def test_what_is_no_baseline_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(SourceError, match="no baseline"):
        read_baseline(path)
    with pytest.raises(SourceError, match="There is no baseline"):
        read_baseline(tmp_path / "absent.json")


@pytest.mark.parametrize(
    "changed",
    [
        replace(QUERIES[3], text="other words"),
        replace(QUERIES[3], relevant={"a": 2}),
        replace(QUERIES[3], kind="scene"),
        replace(QUERIES[3], picture=Path("a.png")),
    ],
)
def test_changed_queries_are_an_error_not_a_fall(changed: JudgedQuery) -> None:
    now = record([*QUERIES[:3], changed, *QUERIES[4:]], [scored(BEFORE)])
    with pytest.raises(SourceError, match=r"1 query is not what the baseline.*q3"):
        gate(now, of(scored(BEFORE)))


def test_fewer_and_further_queries_are_an_error() -> None:
    fewer = record(QUERIES[:-5], [scored(BEFORE)])
    with pytest.raises(SourceError, match="5 queries"):
        gate(fewer, of(scored(BEFORE)))
    with pytest.raises(SourceError, match="q55, q56, q57 and 2 more"):
        gate(of(scored(BEFORE)), fewer)


def test_a_system_that_was_not_run_is_an_error_and_a_new_one_is_told() -> None:
    other = replace(scored(BEFORE), system="rrf")
    with pytest.raises(SourceError, match="'rrf'"):
        gate(of(scored(BEFORE)), of(scored(BEFORE), other))
    both = of(scored(BEFORE), other)
    assert gate(both, of(scored(BEFORE))) == []
    assert unguarded(both, of(scored(BEFORE))) == ["Not in the baseline: nDCG@10 of rrf."]
    assert unguarded(of(scored(BEFORE)), both) == []


def test_a_baseline_with_holes_is_an_error() -> None:
    whole = of(scored(BEFORE))
    kept = {key: value for key, value in whole.scores["planner"][MEASURE].items() if key != "q0"}
    holed = Record(queries=whole.queries, scores={"planner": {MEASURE: kept}})
    with pytest.raises(SourceError, match="lacks queries"):
        gate(whole, holed)
