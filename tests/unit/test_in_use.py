from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from hybridsearch.adapters.stores.in_use import InUse


def test_who_comes_later_gets_the_new_value() -> None:
    held = InUse("old")
    with held.used() as before:
        drained = held.replace("new")
        with held.used() as after:
            assert (before, after, held.value) == ("old", "new", "new")
        assert not drained(0)
    assert drained(0)


def test_the_last_user_of_the_old_value_is_waited_for() -> None:
    held, inside, leave = InUse("old"), Event(), Event()

    def use() -> str:
        with held.used() as value:
            inside.set()
            assert leave.wait(5)
            return value

    with ThreadPoolExecutor(2) as pool:
        using = pool.submit(use)
        assert inside.wait(5)
        drained = held.replace("new")
        waiting = pool.submit(drained, 5)
        leave.set()
        assert waiting.result(5)
        assert using.result(5) == "old"


def test_an_error_lets_go() -> None:
    held = InUse("old")
    with pytest.raises(ValueError, match="x"), held.used():
        raise ValueError("x")
    assert held.replace("new")(0)
