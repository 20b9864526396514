from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.api import buckets as module
from services.api.buckets import Buckets


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_the_rate_rules() -> None:
    clock = Clock()
    buckets = Buckets(rate=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now = 0.5
    assert buckets.take("a") == 0
    assert buckets.take("a") == 0.5


def test_a_part_of_a_token_is_taken_as_such() -> None:
    clock = Clock()
    buckets = Buckets(rate=1, burst=1, clock=clock)
    assert [buckets.take("a", 0.25) for _ in range(5)] == [0, 0, 0, 0, 0.25]
    assert buckets.take("a") == 1


@given(
    st.floats(0.1, 100),
    st.integers(1, 50),
    st.lists(st.floats(0, 1), min_size=1, max_size=200),
)
def test_never_more_than_the_burst_and_what_flowed_in(
    rate: float, burst: int, pauses: list[float]
) -> None:
    clock = Clock()
    buckets = Buckets(rate, burst, clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += buckets.take("a") == 0
        assert passed <= burst + clock.now * rate + 1e-6


@given(st.floats(0.1, 100), st.integers(1, 5))
def test_waiting_as_told_helps(rate: float, burst: int) -> None:
    clock = Clock()
    buckets = Buckets(rate, burst, clock)
    while (wait := buckets.take("a")) == 0:
        pass
    clock.now += wait + 1e-9
    assert buckets.take("a") == 0


def test_names_are_not_kept_for_ever() -> None:
    clock = Clock()
    buckets = Buckets(1, 1, clock)
    for number in range(module._MOST + 10):
        buckets.take(str(number))
    assert len(buckets._state) == module._MOST
    assert buckets.take(str(module._MOST + 9)) > 0
