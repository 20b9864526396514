"""What was read once is not read again, and never more is kept than was agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybridsearch.adapters.remembered import Remembered

FILE = {"one": 1, "two": 2, "three": 3, "none": 0}


class Reader:
    """Answers from ``FILE`` and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.asked.append(list(keys))
        return {key: FILE[key] for key in keys if key in FILE}


def test_each_key_is_read_once_also_one_that_is_not_there() -> None:
    read = Reader()
    kept = Remembered(read)
    assert kept.of(["one", "lost", "one"]) == {"one": 1}
    assert kept.of(["lost", "two", "one"]) == {"two": 2, "one": 1}
    assert read.asked == [["one", "lost"], ["two"]]


def test_a_value_that_is_false_is_there() -> None:
    assert Remembered(Reader()).of(["none"]) == {"none": 0}


def test_no_key_asks_nothing() -> None:
    read = Reader()
    assert Remembered(read).of([]) == {}
    assert read.asked == []


def test_no_more_is_kept_than_agreed_and_an_answer_is_whole_all_the_same() -> None:
    read = Reader()
    kept = Remembered(read, most=2)
    assert kept.of(["one", "two"]) == {"one": 1, "two": 2}
    assert kept.of(["two", "three"]) == {"two": 2, "three": 3}
    assert read.asked == [["one", "two"], ["two", "three"]]
    assert kept.of(["one", "two", "three"]) == {"one": 1, "two": 2, "three": 3}
