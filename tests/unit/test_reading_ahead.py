"""Batches that are read ahead: how many wait, when one more begins, when errors come out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.errors import SourceError
from hybridsearch.ingest.ahead import ReadingAhead


class Desk:
    """Notes what was started."""

    def __init__(self) -> None:
        self.started: list[int] = []

    def start(self, number: int) -> str:
        self.started.append(number)
        return f"batch {number}"


@given(total=st.integers(0, 12), count=st.integers(1, 4), early=st.booleans())
def test_every_batch_comes_once_and_in_order(total: int, count: int, early: bool) -> None:
    desk = Desk()
    ahead = ReadingAhead(iter(range(total)), desk.start, count)
    seen = []
    for batch in ahead:
        seen.append(batch)
        assert len(desk.started) == min(total, len(seen) + count)
        if early:
            ahead.start_one()
            ahead.start_one()  # no more than one
            assert len(desk.started) == min(total, len(seen) + count + 1)
    assert seen == [f"batch {number}" for number in range(total)]
    assert desk.started == list(range(total))


def breaking(after: int) -> Iterator[int]:
    yield from range(after)
    raise SourceError("The manifest is broken.", "Mend it.")


def test_what_the_source_raises_waits_until_the_batch_in_hand_is_written() -> None:
    desk = Desk()
    ahead = ReadingAhead(breaking(after=3), desk.start, 2)
    batches = iter(ahead)
    assert next(batches) == "batch 0"
    ahead.start_one()  # finds the source broken, and must not disturb who calls it
    ahead.start_one()
    with pytest.raises(SourceError, match="broken"):
        next(batches)
    assert desk.started == [0, 1, 2]


def test_a_start_that_fails_is_told_too() -> None:
    def start(number: int) -> int:
        if number == 1:
            raise OSError("no space left on device")
        return number

    with pytest.raises(OSError, match="no space"):
        list(ReadingAhead(iter(range(5)), start, 1))
