"""Turns at an archive: writers beside each other, one alone, also between processes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from hybridsearch.adapters.generations import FolderGenerations
from hybridsearch.adapters.turns import GenerationGuard, Turns, changes_of
from hybridsearch.errors import GenerationReplaced, StoreUnavailable

PROJECT = Path(__file__).parents[2]


def test_writers_share_and_one_alone_waits_for_them(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    began, ended = Event(), []
    with turns.writing(), turns.writing():

        def alone() -> None:
            began.set()
            with turns.alone():
                ended.append(time.monotonic())

        thread = Thread(target=alone)
        thread.start()
        assert began.wait(5)
        time.sleep(0.1)
        assert ended == []
        released = time.monotonic()
    thread.join(5)
    assert ended and ended[0] >= released


def test_a_writer_is_told_when_it_waits_too_long(tmp_path: Path) -> None:
    hasty = Turns(tmp_path, 0.05)
    refused = pytest.raises(StoreUnavailable, match="taking over")
    with Turns(tmp_path).alone(), refused, hasty.writing():
        raise AssertionError("it was let in")
    with Turns(tmp_path, 0.05).writing():
        pass


def test_another_process_is_kept_out_until_it_may(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hybridsearch.adapters.turns import Turns\n"
        "with Turns(Path(sys.argv[1]), 0.2).writing(): print('wrote')"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with Turns(tmp_path).alone():
        kept_out = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert "StoreUnavailable" in kept_out.stderr
    let_in = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert let_in.stdout == "wrote\n", let_in.stderr


def test_changes_are_counted_and_those_of_a_replaced_generation_refused(tmp_path: Path) -> None:
    generations, turns = FolderGenerations(tmp_path), Turns(tmp_path)
    guard = GenerationGuard(generations, turns, 1)
    assert changes_of(generations, 1) == 0
    with guard.change():  # nothing is live yet
        pass
    generations.activate(1)
    with guard.change(), guard.change():
        pass
    with guard.turn():
        pass
    assert changes_of(generations, 1) == 3
    generations.activate(2)
    with pytest.raises(GenerationReplaced, match="Generation 2"), guard.change():
        raise AssertionError("it was let through")
    assert changes_of(generations, 1) == 3
    with guard.turn():
        pass
