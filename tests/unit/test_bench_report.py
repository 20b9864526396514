from __future__ import annotations

import json
from pathlib import Path

from eval.bench.report import Report, Table, Target, told, write_json

REPORT = Report(
    "Speed of snails",
    {"snails": 1200},
    [Table("Time per metre", [{"snail": "Turbo", "ms": 12345.6}, {"snail": "Al", "ms": 0.51234}])],
    [
        Target("metres a day", 3.0, 2.5, at_least=True),
        Target("metres astray", 3.0, 2.5, at_least=False),
    ],
    ["Measured in rain."],
    machine={"cores": 2},
)


def test_the_table_is_aligned_and_says_which_targets_are_met() -> None:
    assert told(REPORT).splitlines() == [
        "Speed of snails",
        "",
        "  snails  1,200",
        "  cores   2",
        "",
        "Time per metre",
        "  snail      ms",
        "  Turbo  12,346",
        "  Al     0.5123",
        "",
        "Targets",
        "  met     metres a day: 3 (at least 2.5)",
        "  MISSED  metres astray: 3 (at most 2.5)",
        "",
        "Measured in rain.",
    ]


def test_the_json_holds_the_unrounded_figures_and_the_verdicts(tmp_path: Path) -> None:
    file = tmp_path / "new" / "snails.json"
    write_json(REPORT, file)
    kept = json.loads(file.read_text("utf-8"))
    assert kept["tables"][0]["rows"][0] == {"snail": "Turbo", "ms": 12345.6}
    assert [target["met"] for target in kept["targets"]] == [True, False]
    assert kept["machine"] == {"cores": 2}


def test_a_table_without_rows_says_so() -> None:
    assert "(nothing)" in told(Report("Nothing", {"tried": 0}, [Table("Found", [])]))
