"""A benchmark's report: what was measured under which conditions, and the targets.

In: figures. Out: a plain table to read, JSON to keep.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title; every row has the same columns."""

    title: str
    rows: Sequence[Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be, and whether it is."""

    name: str
    figure: float
    bar: float
    at_least: bool
    """Whether the figure should be the bar or more; the bar or less otherwise."""

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the bar."""
        return self.figure >= self.bar if self.at_least else self.figure <= self.bar


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one benchmark has to say."""

    name: str
    setup: Mapping[str, Cell]
    tables: Sequence[Table]
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()
    machine: Mapping[str, Cell] = field(default_factory=lambda: _machine())


def told(report: Report) -> str:
    """The report as a person reads it in a terminal."""
    lines = [report.name, ""]
    setup = {**report.setup, **report.machine}
    width = max(map(len, setup))
    lines += [f"  {name:<{width}}  {_text(value)}" for name, value in setup.items()]
    for table in report.tables:
        lines += ["", table.title, *_aligned(table.rows)]
    if report.targets:
        lines += ["", "Targets"]
    for target in report.targets:
        wanted = f"{'at least' if target.at_least else 'at most'} {_text(target.bar)}"
        verdict = "met" if target.met else "MISSED"
        lines.append(f"  {verdict:<6}  {target.name}: {_text(target.figure)} ({wanted})")
    lines += ["", *report.notes] if report.notes else []
    return "\n".join(lines)


def write_json(report: Report, path: Path) -> None:
    """The same as JSON, with each target's verdict."""
    whole = asdict(report)
    for plain, target in zip(whole["targets"], report.targets, strict=True):
        plain["met"] = target.met
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _machine() -> dict[str, Cell]:
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
    }


def _aligned(rows: Sequence[Mapping[str, Cell]]) -> list[str]:
    if not rows:
        return ["  (nothing)"]
    columns = list(rows[0])
    texts = [columns, *([_text(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in texts) for place in range(len(columns))]
    left = [isinstance(rows[0][name], str) for name in columns]
    return [
        "  "
        + "  ".join(
            text.ljust(width) if flush_left else text.rjust(width)
            for text, width, flush_left in zip(line, widths, left, strict=True)
        ).rstrip()
        for line in texts
    ]


def _text(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else value
