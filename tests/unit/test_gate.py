from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from hybridsearch.adapters.stores.gate import Gate


def test_many_are_inside_at_once() -> None:
    gate = Gate()
    with gate.through(), gate.through():
        pass
    with gate.alone(1):
        pass


def test_alone_waits_for_those_inside_and_holds_up_those_who_come() -> None:
    gate, inside, leave, seen = Gate(), Event(), Event(), list[str]()

    def stay() -> None:
        with gate.through():
            inside.set()
            leave.wait(5)
            seen.append("left")

    def come() -> None:
        with gate.through():
            seen.append("came")

    def change() -> None:
        with gate.alone(5):
            seen.append("alone")

    with ThreadPoolExecutor(3) as pool:
        pool.submit(stay)
        assert inside.wait(5)
        changing = pool.submit(change)
        while not gate._shut:
            pass
        coming = pool.submit(come)
        leave.set()
        changing.result(5)
        coming.result(5)
    assert seen == ["left", "alone", "came"]


def test_patience_ends_and_the_gate_opens_again() -> None:
    gate = Gate()
    with gate.through():
        with pytest.raises(TimeoutError), gate.alone(0.02):
            raise AssertionError("nobody is alone here")
        with gate.through():
            pass
    with gate.alone(1):
        pass


def test_an_error_inside_leaves_it_open() -> None:
    gate = Gate()
    with pytest.raises(ValueError, match="x"), gate.alone(1):
        raise ValueError("x")
    with gate.through():
        pass
