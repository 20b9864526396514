from __future__ import annotations

import pytest

from eval.bench import timing
from eval.bench.timing import counted, high, interleaved, middle


def test_every_call_gets_every_item_in_an_order_drawn_anew() -> None:
    heard: list[tuple[str, int]] = []
    calls = {name: (lambda item, name=name: heard.append((name, item))) for name in ("a", "b", "c")}
    items = list(range(30))
    taken = interleaved(calls, items, "testing")
    assert {name: len(times) for name, times in taken.items()} == dict.fromkeys(calls, 30)
    rounds = [heard[start : start + 3] for start in range(0, len(heard), 3)]
    for item, told in zip(items, rounds, strict=True):
        assert sorted(told) == [("a", item), ("b", item), ("c", item)]
    assert {told[0][0] for told in rounds} == {"a", "b", "c"}


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
