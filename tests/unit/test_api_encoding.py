"""The shared encoder: batches what is asked at once, keeps what was asked before."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, current_thread

import numpy as np
import pytest

from hybridsearch.adapters.encoders.words import WordEncoder
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import EncoderError
from hybridsearch.ports import Matrix, Pixels, Viewing
from services.api.encoding import SharedEncoder


class Watched:
    """A word encoder that tells what it was asked, and can be made to wait or fail."""

    def __init__(self) -> None:
        self.inner = WordEncoder()
        self.card: EncoderCard = self.inner.card
        self.calls: list[list[str]] = []
        self.threads: set[str] = set()
        self.entered = Event()
        self.go = Event()
        self.go.set()

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        self.entered.set()
        assert self.go.wait(10)
        self.calls.append(list(texts))
        self.threads.add(current_thread().name)
        if any("bad" in text for text in texts):
            raise EncoderError("It is bad.", "Ask something else.")
        return self.inner.embed_texts(texts)

    def embed_pictures(self, pictures: Sequence[Pixels]) -> Matrix:
        return self.inner.embed_pictures(pictures)


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.001)


def test_vectors_are_the_encoders_own() -> None:
    shared = SharedEncoder(WordEncoder())
    texts = ["a fire", "the sea", "", "a fire"]
    assert np.array_equal(shared.embed_texts(texts), WordEncoder().embed_texts(texts))
    assert shared.embed_texts([]).shape == (0, shared.card.dimension)
    shared.close()


def test_a_text_that_was_asked_is_not_embedded_again() -> None:
    watched = Watched()
    shared = SharedEncoder(watched)
    for _ in range(3):
        shared.embed_texts(["fire"])
    assert watched.calls == [["fire"]]
    assert (shared.hits, shared.misses) == (2, 1)
    shared.close()


def test_what_waits_goes_together_and_in_one_thread() -> None:
    watched = Watched()
    shared = SharedEncoder(watched, batch=16)
    watched.go.clear()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(shared.embed_texts, ["text 0"])]
        assert watched.entered.wait(5)
        asked += [pool.submit(shared.embed_texts, [f"text {n}"]) for n in range(1, 20)]
        until(lambda: shared.waiting == 19)
        watched.go.set()
        rows = [each.result()[0] for each in asked]
    expected = WordEncoder().embed_texts([f"text {n}" for n in range(20)])
    assert np.array_equal(np.stack(rows), expected)
    assert [len(call) for call in watched.calls] == [1, 16, 3]
    assert watched.threads == {"encoder"}
    shared.close()


def test_a_text_asked_twice_at_once_is_embedded_once() -> None:
    watched = Watched()
    shared = SharedEncoder(watched)
    watched.go.clear()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(shared.embed_texts, ["fire"]) for _ in range(8)]
        until(lambda: shared.hits + shared.misses == 8)
        watched.go.set()
        assert len({each.result().tobytes() for each in asked}) == 1
    assert watched.calls == [["fire"]]
    shared.close()


def test_one_text_does_not_spoil_the_others() -> None:
    watched = Watched()
    shared = SharedEncoder(watched)
    watched.go.clear()
    with ThreadPoolExecutor(4) as pool:
        asked = {"first": pool.submit(shared.embed_texts, ["first"])}
        assert watched.entered.wait(5)
        for text in ("bad", "good", "fine"):
            asked[text] = pool.submit(shared.embed_texts, [text])
        until(lambda: shared.waiting == 3)
        watched.go.set()
        for text in ("first", "good", "fine"):
            assert asked[text].result().shape == (1, shared.card.dimension)
        with pytest.raises(EncoderError, match="It is bad"):
            asked["bad"].result()
    shared.close()


def test_a_failure_is_not_kept() -> None:
    watched = Watched()
    shared = SharedEncoder(watched)
    for _ in range(2):
        with pytest.raises(EncoderError):
            shared.embed_texts(["bad"])
    assert watched.calls == [["bad"], ["bad"]]
    shared.close()


def test_only_so_many_are_kept_and_the_oldest_go_first() -> None:
    watched = Watched()
    shared = SharedEncoder(watched, kept=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        shared.embed_texts([text])
    assert watched.calls == [["a"], ["b"], ["c"], ["b"]]
    shared.close()


def test_nothing_is_kept_where_nothing_should_be() -> None:
    watched = Watched()
    shared = SharedEncoder(watched, kept=0)
    shared.embed_texts(["a"])
    shared.embed_texts(["a"])
    assert watched.calls == [["a"], ["a"]]
    shared.close()


def test_another_text_tower_of_the_same_space_has_its_own_vectors() -> None:
    watched = Watched()
    shared = SharedEncoder(watched)
    shared.embed_texts(["a"])
    watched.card = replace(watched.card, name="another tower")
    shared.embed_texts(["a"])
    assert watched.calls == [["a"], ["a"]]
    shared.close()


def test_too_few_rows_are_a_fault() -> None:
    watched = Watched()
    watched.embed_texts = lambda texts: np.zeros((0, 256), np.float32)  # type: ignore[method-assign]
    shared = SharedEncoder(watched)
    with pytest.raises(EncoderError, match="1 texts with 0 rows"):
        shared.embed_texts(["a"])
    shared.close()


def test_a_closed_encoder_says_so_and_ends_what_it_began() -> None:
    watched = Watched()
    shared = SharedEncoder(watched)
    watched.go.clear()
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(shared.embed_texts, ["last"])
        assert watched.entered.wait(5)
        closing = pool.submit(shared.close)
        watched.go.set()
        assert asked.result().shape[0] == 1
        closing.result()
    shared.close()
    with pytest.raises(EncoderError, match="closed"):
        shared.embed_texts(["new"])
    assert shared.embed_texts(["last"]).shape[0] == 1


def test_it_tells_what_the_encoder_looks_at() -> None:
    shared = SharedEncoder(WordEncoder())
    assert isinstance(shared, Viewing)
    assert shared.view() is None or callable(shared.view())
    assert shared.batch() >= 1
    shared.close()
