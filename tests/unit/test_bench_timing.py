from __future__ import annotations

import pytest

from eval.bench import timing
from eval.bench.timing import counted, high, interleaved, middle


def test_every_call_gets_every_item_and_each_goes_first_in_its_turn() -> None:
    seen: list[tuple[str, int]] = []
    calls = {name: lambda item, name=name: seen.append((name, item)) for name in ("a", "b", "c")}
    taken = interleaved(calls, [1, 2, 3, 4], "testing")
    assert {name: len(times) for name, times in taken.items()} == {"a": 4, "b": 4, "c": 4}
    assert all(time >= 0 for times in taken.values() for time in times)
    assert [name for name, _ in seen[::3]] == ["a", "b", "c", "a"]
    assert [item for _, item in seen] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_the_middle_and_the_high_end() -> None:
    times = [float(each) for each in range(100, 0, -1)]
    assert middle(times) == 50.5
    assert high(times) == 96.0
    assert high([7.0]) == 7.0


def test_long_work_gives_signs_of_life_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(timing, "_EVERY", -1.0)
    assert list(counted("abc", "reading", 3)) == ["a", "b", "c"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[1] == "reading: 1 of 3"
