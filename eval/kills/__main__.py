"""Lets ``python -m eval.kills`` run the loop."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from eval.kills.loop import run


def main(
    kills: Annotated[int, typer.Option(min=1, help="How often the ingest is killed.")] = 20,
    pictures: Annotated[int, typer.Option(min=1, help="How many are ingested.")] = 400,
    batch: Annotated[int, typer.Option(min=1, help="Pictures a batch.")] = 8,
    encoder: Annotated[str, typer.Option("--encoder", "-e", help="By its name.")] = "starter",
    rebuilds: Annotated[
        bool, typer.Option("--rebuilds", help="Kill rebuilds of an archive instead of ingests.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the pictures and the moments.")] = 0,
) -> None:
    """Kill a real ingest at random moments; exit code 1 where a promise was broken."""
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        outcome = run(Path(folder), kills, pictures, batch, encoder, seed, rebuilds=rebuilds)
    print(f"{outcome.kills} kills over {outcome.pictures} pictures, batches of {outcome.batch}")
    print(f"embedded again after each: {outcome.wasted}, at most {max(outcome.wasted, default=0)}")
    print(f"undisturbed it takes {outcome.seconds:.1f} s")
    for each in outcome.broken:
        print(f"BROKEN: {each}")
    print("every promise was kept" if not outcome.broken else f"{len(outcome.broken)} broken")
    sys.exit(1 if outcome.broken else 0)


if __name__ == "__main__":
    typer.run(main)
