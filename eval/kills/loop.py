"""The loop: start an ingest, kill it at a random moment, start it again, until it ends by itself.

The same for a rebuild, of an archive that was ingested undisturbed with another encoder.

In: sizes and a seed. Out: an ``Outcome``, with every promise that was broken spelled out.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eval.kills.child import BEGUN, REBUILD, settings_for
from eval.kills.pictures import write_captioned
from hybridsearch.adapters.stores.slots import copy_file
from hybridsearch.bootstrap import open_archive
from hybridsearch.ingest.manifest import ManifestSource
from hybridsearch.ports import PointRecord

_PROJECT = Path(__file__).parents[2]
FIRST_ENCODER = "none"
"""What an archive is ingested with before it is rebuilt: by words only."""

_PATIENCE = 600.0
"""Seconds for one undisturbed ingest."""


@dataclass(slots=True)
class Outcome:
    """``wasted`` holds, for each kill, how many pictures were embedded again after it."""

    pictures: int
    batch: int
    kills: int = 0
    seconds: float = 0.0
    wasted: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    """One archive that is ingested, or rebuilt, with interruptions; ``task`` as for the child."""

    data: Path
    task: str
    encoder: str
    batch: int

    def start(self, notes: Path) -> subprocess.Popen[str]:
        """The ingest, in a process group of its own, as far as its first line."""
        arguments = [self.data, self.task, self.encoder, self.batch, notes]
        child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "eval.kills.child", *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=_PROJECT,
            process_group=0,
        )
        if child.stdout is None or child.stdout.readline().strip() != BEGUN:
            child.kill()
            child.communicate()
            raise RuntimeError("it ended before it began")
        return child


def run(
    folder: Path,
    kills: int,
    pictures: int,
    batch: int,
    encoder: str,
    seed: int,
    *,
    rebuilds: bool = False,
) -> Outcome:
    """Kill ``kills`` times, on as many archives one after the other as that takes.

    Args:
        folder: empty; everything is written below it.
        encoder: by its name in the configuration.
        rebuilds: kill rebuilds of an archive instead of ingests; ``encoder`` is the new one.
    """
    manifest = write_captioned(folder / "pictures", pictures, seed)
    before = folder / "before"
    if rebuilds:
        with open_archive(settings_for(before, FIRST_ENCODER, batch), create=True) as archive:
            archive.ingest().run(ManifestSource(manifest))
    task = REBUILD if rebuilds else str(manifest)

    def trial(name: str) -> Trial:
        if rebuilds:
            shutil.copytree(before, folder / name, copy_function=copy_file)
        return Trial(folder / name, task, encoder, batch)

    whole = trial("whole")
    outcome = Outcome(pictures, batch, seconds=_undisturbed(whole))
    chance = random.Random(seed)
    while outcome.kills < kills:
        killed = trial(f"killed-{outcome.kills}")
        _until_it_ends(killed, kills, outcome, chance)
        outcome.broken += differences(whole, killed)
        shutil.rmtree(killed.data)
    return outcome


def _undisturbed(trial: Trial) -> float:
    """Run it to its end; how many seconds that took."""
    started = time.monotonic()
    with trial.start(trial.data.with_name(f"{trial.data.name}.notes")) as child:
        if child.wait(_PATIENCE):
            raise RuntimeError("what nobody disturbed has failed")
    return time.monotonic() - started


def _until_it_ends(trial: Trial, kills: int, outcome: Outcome, chance: random.Random) -> None:
    """Kill and start again; after ``kills`` in all, leave it in peace."""
    embedded: set[str] = set()
    spare = 2 * outcome.seconds / (kills + 1)
    for attempt in range(10 * kills):
        notes = trial.data.with_name(f"{trial.data.name}.{attempt}.notes")
        with trial.start(notes) as child:
            try:
                disturbed = outcome.kills < kills
                child.wait(chance.uniform(0, spare) if disturbed else _PATIENCE)
            except subprocess.TimeoutExpired:
                _kill(child, whole_group=chance.random() < 0.5)
                outcome.kills += 1
        noted = notes.read_text().split() if notes.exists() else []
        twice = embedded.intersection(noted)
        if attempt:
            outcome.wasted.append(len(twice))
        if len(twice) > trial.batch or len(noted) != len(set(noted)):
            outcome.broken.append(
                f"{notes.name}: {len(twice)} pictures were embedded a second time, more than "
                f"the one batch of {trial.batch}, or one twice in one run"
            )
        embedded.update(noted)
        if child.returncode >= 0:
            if child.returncode:
                outcome.broken.append(f"{notes.name}: exit code {child.returncode}")
            return


def _kill(child: subprocess.Popen[str], whole_group: bool) -> None:
    """Without a warning; the main process alone, or all its helpers with it."""
    if whole_group:
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


def differences(whole: Trial, trial: Trial) -> Iterator[str]:
    """What of the killed archive is otherwise than in the undisturbed one."""
    ours, theirs = _points(trial), _points(whole)
    name = trial.data.name
    if len(ours) != len({each.id for each in ours}):
        yield f"{name}: an asset is there more than once"
    if {each.id for each in ours} != {each.id for each in theirs}:
        yield f"{name}: {len(ours)} assets are there, {len(theirs)} should be"
        return
    known = {each.id: each for each in theirs}
    for each in ours:
        if not _same(each, known[each.id]):
            yield f"{name}: {each.payload['asset']} is not as in the undisturbed archive"


def _points(trial: Trial) -> list[PointRecord]:
    settings = settings_for(trial.data, trial.encoder, trial.batch)
    with open_archive(settings) as archive:
        ids = [record.id for batch in archive.store.scroll(keys=()) for record in batch]
        return archive.store.retrieve(sorted(ids), vectors=True) if ids else []


def _same(one: PointRecord, other: PointRecord) -> bool:
    """Payloads to the letter; numbers to rounding, for a batch is cut elsewhere after a kill."""
    if one.payload != other.payload or one.sparse is None or other.sparse is None:
        return False
    if one.dense is None or other.dense is None:
        return False
    return (
        one.sparse.indices == other.sparse.indices
        and np.allclose(one.sparse.values, other.sparse.values, rtol=1e-5)
        and float(one.dense @ other.dense) > 0.9999
    )
