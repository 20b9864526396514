"""An ingest killed outright: nothing reported is lost, and running it again completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eval.kills.loop import run
from hybridsearch.bootstrap import open_archive
from hybridsearch.ingest.folder import FolderSource
from tests.builders import settings_in, write_pictures

PICTURES = 60

CHILD = """
import sys
from pathlib import Path
from hybridsearch.bootstrap import open_archive
from hybridsearch.ingest.folder import FolderSource
from tests.builders import settings_in

class Telling:
    def start(self, total): pass
    def phase(self, name): print("phase", name, flush=True)
    def advance(self, report): print(report.written, flush=True)

data, pictures = map(Path, sys.argv[1:])
with open_archive(settings_in(data, ingest={"batch": 3}), create=True) as archive:
    archive.ingest().run(FolderSource(pictures), Telling())
"""


def killed_after(told: int, data: Path, pictures: Path) -> int:
    """Start an ingest, kill it once it has reported ``told`` batches; what it reported last."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(data), str(pictures)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        reported = 0
        for _ in range(told):
            line = child.stdout.readline()
            if not line.strip().isdigit():
                break
            reported = int(line)
        child.send_signal(signal.SIGKILL)
        for line in child.stdout:  # what was told between our reading and its death
            if line.strip().isdigit():
                reported = int(line)
    assert child.returncode == -signal.SIGKILL
    return reported


@pytest.mark.parametrize("batches", [1, 4, 9, 15])
def test_nothing_reported_is_lost_and_the_next_run_completes(tmp_path: Path, batches: int) -> None:
    colours = ["red", "green", "blue", "white", "black"]
    names = {f"{i:03}.png": colours[i % len(colours)] for i in range(PICTURES)}
    pictures = write_pictures(tmp_path / "pictures", names)
    data = tmp_path / "data"
    reported = killed_after(batches, data, pictures)
    assert 0 < reported < PICTURES
    with open_archive(settings_in(data)) as archive:
        kept = archive.store.count()
        assert kept >= reported
        report = archive.ingest().run(FolderSource(pictures))
        assert report.unchanged == kept
        assert report.written == PICTURES - kept
        assert archive.store.count() == PICTURES
        ids = [record.id for batch in archive.store.scroll() for record in batch]
        assert len(set(ids)) == len(ids) == PICTURES


def test_kills_at_random_moments_cost_a_batch_each_and_nothing_else(tmp_path: Path) -> None:
    """``python -m eval.kills`` does the same with a real encoder and twenty kills."""
    outcome = run(tmp_path, kills=4, pictures=60, batch=4, encoder="words", seed=1)
    assert outcome.broken == []
    assert outcome.kills == 4
    assert all(wasted <= 4 for wasted in outcome.wasted)


def test_kills_of_a_rebuild_cost_a_batch_each_and_nothing_else(tmp_path: Path) -> None:
    """``python -m eval.kills --rebuilds`` does the same twenty times with a real encoder."""
    outcome = run(tmp_path, 2, pictures=30, batch=4, encoder="words", seed=2, rebuilds=True)
    assert outcome.broken == []
    assert outcome.kills == 2
