"""What ``hybridsearch search`` takes in a fresh process, and what it takes it for.

In: the demo archive, indexed first where it is not there. Out: wall and CPU time of the whole
command, and of each step with the imports in it.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from eval.bench.cold_run import MARK
from eval.bench.processes import Taken, run
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.timing import middle, say

ARCHIVE = "demo"
HELP, SEARCH = "hybridsearch --help", "hybridsearch search"

_IMPORT = re.compile(r"import time: +(\d+) \| +\d+ \| ")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an instrumented run, in milliseconds; ``imports`` are part of ``wall``."""

    wall: float
    cpu: float
    imports: float


def measure(encoder: str, text: str, rounds: int, data_dir: Path | None) -> Report:
    """Time the commands themselves, then the same search with marks between its steps."""
    with ExitStack() as stack:
        if data_dir is None:
            data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        environment = {"HYBRIDSEARCH_DATA_DIR": str(data_dir)}
        if not (data_dir / ARCHIVE).is_dir():
            say("indexing the demo archive")
            run(["-m", "hybridsearch", "demo", "--encoder", encoder], environment)
        commands: dict[str, list[Taken]] = {HELP: [], SEARCH: []}
        marked = []
        for place in range(rounds):
            say(f"round {place + 1} of {rounds}")
            commands[HELP].append(run(["-m", "hybridsearch", "--help"], environment))
            search = ["-m", "hybridsearch", "search", "--archive", ARCHIVE, text]
            commands[SEARCH].append(run(search, environment))
            marked.append(_instrumented(text, environment))
    return _report(encoder, text, rounds, commands, marked)


def _instrumented(text: str, environment: Mapping[str, str]) -> dict[str, Step]:
    started = repr(time.time())
    arguments = ["-X", "importtime", "-m", "eval.bench.cold_run", started, ARCHIVE, text]
    return steps_of(run(arguments, environment).error_output)


def steps_of(lines: str) -> dict[str, Step]:
    """The marks and the import times between them, as ``cold_run`` wrote them."""
    steps: dict[str, Step] = {}
    imports = wall_before = cpu_before = 0.0
    for line in lines.splitlines():
        if found := _IMPORT.match(line):
            imports += int(found[1]) / 1000
        elif line.startswith(f"{MARK}|"):
            _, name, wall_text, cpu_text = line.split("|")
            wall, cpu = float(wall_text), float(cpu_text)
            steps[name] = Step(wall - wall_before, cpu - cpu_before, imports)
            imports, wall_before, cpu_before = 0.0, wall, cpu
    return steps


def _report(
    encoder: str,
    text: str,
    rounds: int,
    commands: Mapping[str, Sequence[Taken]],
    marked: Sequence[Mapping[str, Step]],
) -> Report:
    rows: list[dict[str, Cell]] = [
        {
            "command": name,
            "wall ms": middle([each.wall for each in taken]),
            "CPU ms": middle([each.cpu for each in taken]),
        }
        for name, taken in commands.items()
    ]
    help_cpu = middle([each.cpu for each in commands[HELP]]) / 1000
    return Report(
        "Cold start: one search in a fresh process",
        {"archive": ARCHIVE, "encoder": encoder, "query": text, "rounds": rounds},
        [
            Table("The commands as they are (medians)", rows),
            Table("The search step by step, under -X importtime (medians)", _step_rows(marked)),
        ],
        [Target("CPU seconds of hybridsearch --help", help_cpu, 0.5, at_least=False)],
        [
            "The process is fresh, the disk's cache is warm. CPU counts all threads, so it can",
            "exceed wall. The steps come from another run than the command: the same calls with",
            "marks between them; noting each import slows it by a few percent. Imports count",
            "where they happen, so a library that the encoder loads late stands with the model.",
        ],
    )


def _step_rows(marked: Sequence[Mapping[str, Step]]) -> list[dict[str, Cell]]:
    medians = {
        name: Step(
            middle([each[name].wall for each in marked]),
            middle([each[name].cpu for each in marked]),
            middle([each[name].imports for each in marked]),
        )
        for name in marked[0]
    }
    whole = Step(
        sum(each.wall for each in medians.values()),
        sum(each.cpu for each in medians.values()),
        sum(each.imports for each in medians.values()),
    )
    return [
        {
            "step": name,
            "wall ms": each.wall,
            "of it imports": each.imports,
            "of it other": each.wall - each.imports,
            "CPU ms": each.cpu,
        }
        for name, each in {**medians, "sum": whole}.items()
    ]
