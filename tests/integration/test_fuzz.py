"""A small share of the fuzzing that ``python -m eval.fuzz`` does, and the fuzzer's own honesty."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from eval.fuzz import run
from eval.fuzz.damage import mutated
from eval.fuzz.seeds import seeds
from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.ports import FieldReadings


def test_a_thousand_damaged_files_do_no_harm() -> None:
    outcome = run.fuzz(1000, first=10_000_000)
    assert outcome.findings == []
    assert outcome.cases == outcome.decoded + outcome.refused == 1000
    assert outcome.decoded > 100 and outcome.refused > 300
    assert len(outcome.by_seed) == len(seeds())


def test_every_seed_is_sound() -> None:
    reader = FileMediaReader()
    for name, data in seeds().items():
        if name == "sidecar":
            assert reader.sidecar(data)["city"] == "Ptuj"
        else:
            assert reader.decode(data).pixels.size, name
            assert name == "raw" or reader.recognise(data[:64]).startswith(
                f"image/{name.partition('-')[0]}"
            )
    assert len(reader.metadata(seeds()["jpeg"])) == 3


def test_a_case_is_made_from_its_number_alone() -> None:
    assert mutated(17) == mutated(17)
    assert len({mutated(case)[1] for case in range(50)}) == 50


class Broken(FileMediaReader):
    """A reader with a defect of the kind named."""

    kind = ""

    def metadata(self, data: bytes) -> FieldReadings:
        if self.kind == "raises":
            raise KeyError("unexpected")
        return {}


def test_an_unexpected_error_is_found() -> None:
    Broken.kind = "raises"
    result, detail = run.run_case(1, Broken())
    assert result == "found"
    assert "KeyError" in detail


_LETHAL = """
import os, signal
from eval.fuzz import run

real = run.run_case

def lethal(case, reader):
    if case == 25:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(case, reader)

run.run_case = lethal
run._serve({first}, {last})
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
def test_a_case_that_ends_its_process_is_found_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lethal(first: int, last: int, errors: int) -> subprocess.Popen[str]:
        program = _LETHAL.format(first=first, last=last)
        command = [sys.executable, "-c", program]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)

    monkeypatch.setattr(run, "_started", lethal)
    outcome = run.fuzz(40)
    assert outcome.cases == 40
    [found] = [finding for finding in outcome.findings if "-9" in finding.what]
    assert found.case == 25
