"""How fast pictures are ingested, held against the model alone and against the usual way.

In: photographs made at two sizes, a CLIP model of ViT-B/32's shape. Out: a report whose ratios
come from one run in which all contestants take turns; and how much memory it takes.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from eval.bench.contestants import Contestant, Run
from eval.bench.photographs import write_photographs
from eval.bench.random_clip import write_clip
from eval.bench.report import Cell, Report, Table, Target
from eval.bench.scaling import cosines_to_full
from eval.bench.timing import say
from hybridsearch.adapters.encoders.onnx_export import export_model

SIZES = {"2 MP": (1600, 1200), "24 MP": (6000, 4000)}


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many pictures: of each size, for growth in memory (first and last), and of none.

    Of each size so many that the start of the readers, half a second of processor time, is less
    than two hundredths of an ingest. ``flat`` are small pictures for a small model: only memory is
    looked at there.
    """

    small: int = 600
    large: int = 160
    growth: tuple[int, int] = (100, 1000)
    flat: tuple[int, int] = (1000, 20_000)
    rounds: int = 3
    torch: bool = False
    """Whether the other runtime is timed too; no target needs it."""


SYSTEMS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "model alone, ONNX fp32": ("forward", {"runtime": "onnx", "precision": "fp32"}),
    "ingest, ONNX fp32": ("ingest", {"runtime": "onnx", "precision": "fp32"}),
    "model alone, ONNX int8": ("forward", {"runtime": "onnx", "precision": "int8"}),
    "ingest, ONNX int8": ("ingest", {"runtime": "onnx", "precision": "int8"}),
    "model alone, torch fp32": ("forward", {"runtime": "torch", "precision": "fp32"}),
    "ingest, torch fp32": ("ingest", {"runtime": "torch", "precision": "fp32"}),
    "SentenceTransformer.encode(paths)": ("sentence-transformers", {}),
}


def measure(amounts: Amounts, model: str | None) -> Report:
    """Everything in one run; ``model`` is a CLIP model by path, random weights where None."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        say("preparing the model and the pictures")
        path = model or str(write_clip(folder / "model"))
        small = str(write_clip(folder / "small-model", small=True))
        for each, precision in ((path, "fp32"), (path, "int8"), (small, "fp32")):
            export_model(each, folder / "exports", precision)  # type: ignore[arg-type]
        counts = {"2 MP": amounts.small, "24 MP": amounts.large}
        pictures = {
            size: write_photographs(folder / size, *SIZES[size], count)
            for size, count in counts.items()
        }
        given = {"model": path, "models": str(folder / "exports")}
        say("measuring scaled decoding")
        scaling = cosines_to_full(pictures, path, folder / "exports")
        runs = _in_turn(pictures, given, amounts)
        say("measuring memory")
        memory = _growth(folder, given, amounts.growth)
        memory += _flat(folder, {**given, "model": small}, amounts.flat)
    tables = [_table(size, runs[size], counts[size]) for size in counts]
    tables += [Table("Memory of all processes together (ONNX fp32)", memory), scaling.table]
    return Report(
        "Ingest: from files to an index, with CLIP ViT-B/32's shape",
        {
            "model": model or "random weights",
            "pictures of 1600 x 1200": amounts.small,
            "pictures of 6000 x 4000": amounts.large,
            "rounds": amounts.rounds,
            "batch": 32,
        },
        tables,
        [*_targets(runs), *_memory_targets(runs, memory), scaling.target],
        _NOTES,
    )


def measure_memory(counts: Sequence[int]) -> Report:
    """What all processes of an ingest hold at their peak, for each count of small pictures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        small = str(write_clip(folder / "small-model", small=True))
        export_model(small, folder / "exports", "fp32")
        given = {"model": small, "models": str(folder / "exports")}
        memory = _flat(folder, given, counts)
    return Report(
        "Ingest: memory",
        {"pictures": ", ".join(f"{count:,}" for count in counts), "of": "480 x 320"},
        [Table("Memory of all processes together (ONNX fp32)", memory)],
        [],
        _NOTES[-2:],
    )


_NOTES = (
    "Times are medians over the rounds; within a round the contestants take turns in a drawn",
    "order, so on a busy machine trust the ratios. CPU counts every process of a contestant.",
    "The ingest's time runs from its call, with the start of its reader processes, until the",
    "last batch is on the disk; how long the first batch took, and finishing (weights, index), is",
    "told apart. Thumbnails are off.",
    "Memory sums what each process holds, what they share counted for each; private memory is",
    "that without the pages of files (of the index, which is mapped into memory).",
)


def _in_turn(
    pictures: Mapping[str, Path], given: Mapping[str, Any], amounts: Amounts
) -> dict[str, dict[str, list[Run]]]:
    runs: dict[str, dict[str, list[Run]]] = {size: {} for size in pictures}
    order = random.Random(0)
    with ExitStack() as stack:
        contestants = {
            name: stack.enter_context(Contestant(kind, {**given, **how}))
            for name, (kind, how) in SYSTEMS.items()
            if amounts.torch or how.get("runtime") != "torch"
        }
        for round_number in range(amounts.rounds):
            for size, folder in pictures.items():
                for name in order.sample(list(contestants), len(contestants)):
                    say(f"round {round_number + 1} of {amounts.rounds}, {size}: {name}")
                    runs[size].setdefault(name, []).append(contestants[name].run(folder))
    return runs


def _table(size: str, runs: Mapping[str, Sequence[Run]], count: int) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "system": name,
            "pictures a second": count / median(each.wall for each in runs[name]),
            "wall ms": 1000 * median(each.wall for each in runs[name]) / count,
            "CPU ms": 1000 * median(each.cpu for each in runs[name]) / count,
            "first batch s": median(each.first for each in runs[name]),
            "finishing s": median(each.finishing for each in runs[name]),
            "peak MB": max(each.peak_mb for each in runs[name]),
        }
        for name in SYSTEMS
        if name in runs
    ]
    return Table(f"{size}, {SIZES[size][0]} x {SIZES[size][1]}, a picture", rows)


def _ratio(runs: Mapping[str, Sequence[Run]], fast: str, slow: str, what: str = "wall") -> float:
    """How many times the speed of ``slow``; the median of the rounds' own ratios."""
    pairs = zip(runs[fast], runs[slow], strict=True)
    return float(median(getattr(other, what) / getattr(one, what) for one, other in pairs))


def _targets(runs: Mapping[str, Mapping[str, Sequence[Run]]]) -> list[Target]:
    usual = "SentenceTransformer.encode(paths)"
    bars = [
        ("2 MP", "ingest, ONNX fp32", "model alone, ONNX fp32", 0.90),
        ("24 MP", "ingest, ONNX fp32", "model alone, ONNX fp32", 0.60),
        ("2 MP", "ingest, ONNX fp32", usual, 1.25),
        ("24 MP", "ingest, ONNX fp32", usual, 4.5),
        ("2 MP", "ingest, ONNX int8", usual, 1.9),
    ]
    return [
        Target(f"{size}: speed of {one} / {other}", _ratio(runs[size], one, other), bar, True)
        for size, one, other, bar in bars
    ]


def _memory_targets(
    runs: Mapping[str, Mapping[str, Sequence[Run]]], memory: Sequence[Mapping[str, Cell]]
) -> list[Target]:
    peak = max(each.peak_mb for each in runs["24 MP"]["ingest, ONNX fp32"]) / 1000
    first, last = (float(row["peak MB"]) for row in memory[:2])
    return [
        Target("24 MP: peak GB, all processes", peak, 1.0, False),
        Target(
            f"growth {memory[0]['pictures']} to {memory[1]['pictures']}", last / first, 1.05, False
        ),
    ]


def _growth(
    folder: Path, given: Mapping[str, Any], counts: tuple[int, int]
) -> list[dict[str, Cell]]:
    """Fresh processes for each count, so that none profits from another's memory."""
    rows: list[dict[str, Cell]] = []
    for count in counts:
        pictures = write_photographs(folder / f"growth-{count}", *SIZES["2 MP"], count)
        rows.append(_peak(pictures, given, count, "1600 x 1200, ViT-B/32's shape"))
    return rows


def _flat(folder: Path, given: Mapping[str, Any], counts: Sequence[int]) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for count in counts:
        pictures = write_photographs(folder / f"flat-{count}", 480, 320, count)
        rows.append(_peak(pictures, given, count, "480 x 320, two narrow layers"))
    return rows


def _peak(pictures: Path, given: Mapping[str, Any], count: int, what: str) -> dict[str, Cell]:
    say(f"memory at {count:,} pictures of {what}")
    with Contestant("ingest", {**given, "runtime": "onnx", "precision": "fp32"}) as contestant:
        run = contestant.run(pictures)
    return {
        "pictures": count,
        "of": what,
        "peak MB": run.peak_mb,
        "private MB": run.private_mb,
        "seconds": run.wall,
    }
