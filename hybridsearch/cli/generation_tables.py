"""Generations as a person reads them in a terminal, or a machine as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.cli.ingesting import print_failures
from hybridsearch.config import Settings
from hybridsearch.domain.generation import Generation
from hybridsearch.errors import ArchiveNotFound
from hybridsearch.upkeep import Rebuilt, failures_of


def print_rebuilt(done: Rebuilt | None, settings: Settings, as_json: bool) -> None:
    """What was built, and which generation answers now."""
    if as_json:
        told = {"report": asdict(done.report), "generation": done.now.number} if done else {}
        print(json.dumps({"rebuilt": done is not None, **told}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    if done is None:
        console.print("The index is what the settings ask for: there is nothing to rebuild.")
        return
    report = done.report
    counts = (
        f"{report.written:,} written ({report.embedded:,} embedded), {report.unchanged:,} there "
        f"already, {len(report.failures):,} failed, in {report.seconds:.1f} s."
    )
    if report.interrupted:
        console.print(
            f"Interrupted; run it again to go on. Generation {done.before.number} still answers; "
            f"generation {done.now.number}: {counts}"
        )
        return
    console.print(
        f"Archive [bold]{settings.archive}[/bold]: generation {done.now.number} "
        f"({told_encoder(done.now)}) answers from now on: {counts}"
    )
    file = failures_of(FolderGenerations(settings.archive_folder), done.now.number)
    print_failures(report.failures, file, console)
    console.print(
        f"Back: hybridsearch rollback. Generation {done.before.number} keeps its disk space until "
        f"hybridsearch generations remove {done.before.number}."
    )


def print_rolled_back(
    now: Generation, before: Generation, settings: Settings, as_json: bool
) -> None:
    """Which generation answers now, and what it needs."""
    if as_json:
        print(json.dumps({"generation": now.number, "before": before.number}))
        return
    console = Console(highlight=False)
    console.print(
        f"Generation {now.number} ({told_encoder(now)}, made {now.created}) answers instead of "
        f"generation {before.number}. What was ingested since is not in it: ingest it again."
    )
    if now.analyzer_version != Analyzer(settings.analysis.settings()).version:
        console.print(
            "It was built under other [analysis] settings than the configuration has now: put "
            "them back, or commands refuse it."
        )


def print_generations(settings: Settings, as_json: bool) -> None:
    """All of them, the oldest first.

    Raises:
        ArchiveNotFound: there is no such archive.
    """
    generations = FolderGenerations(settings.archive_folder)
    live = generations.live_number()
    every = generations.every()
    if live is None:
        raise ArchiveNotFound(
            f"There is no archive {settings.archive!r} in {settings.data_dir}.",
            "Make it: hybridsearch ingest FOLDER.",
        )
    if as_json:
        told = [{**asdict(each), "live": each.number == live} for each in every]
        print(json.dumps(told, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("", "made", "encoder", "analyzer", "state"):
        table.add_column(name)
    for each in every:
        table.add_row(
            str(each.number),
            each.created,
            told_encoder(each),
            each.analyzer_version,
            _state(each, live),
        )
    Console(highlight=False).print(table)


def told_encoder(generation: Generation) -> str:
    """The encoder's name, with its precision where that is not the usual one."""
    if generation.encoder is None or generation.choice is None:
        return "words only"
    precision = generation.choice.precision
    return generation.encoder.name + ("" if precision == "fp32" else f", {precision}")


def _state(generation: Generation, live: int) -> str:
    if generation.number == live:
        return "live"
    if not generation.complete:
        return "unfinished: hybridsearch rebuild goes on, generations remove gives it up"
    return "complete"
