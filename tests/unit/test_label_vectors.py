from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from hybridsearch.adapters.encoders.words import WordEncoder
from hybridsearch.adapters.label_vectors import SqliteVectors
from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.labels.label import Label
from hybridsearch.labels.templates import prompts
from hybridsearch.labels.vectors import ensembles, label_vectors
from hybridsearch.ports import Matrix, Vector


class Counting(WordEncoder):
    """Counts the texts that it embeds; ``version`` is that of its text tower."""

    def __init__(self, version: str = "1") -> None:
        super().__init__()
        self.texts = 0
        self._version = version

    @property
    def text_version(self) -> str:
        return self._version

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        self.texts += len(texts)
        return super().embed_texts(texts)


class Opposite(WordEncoder):
    """``up`` and ``down`` are opposite vectors."""

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        rows = np.zeros((len(texts), self.card.dimension), np.float32)
        rows[:, 0] = [1.0 if text == "up" else -1.0 for text in texts]
        return rows


def test_a_label_is_the_mean_of_its_prompts_of_length_one() -> None:
    encoder = WordEncoder()
    label = Label("red", ("crimson",))
    [vector] = label_vectors(encoder, [label])
    mean = embed_texts(encoder, prompts(label.names, "en")).mean(axis=0)
    assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)
    assert label_vectors(encoder, []).shape == (0, 256)


def test_texts_that_cancel_out_still_have_a_direction() -> None:
    [vector] = ensembles(Opposite(), [("up", "down")])
    assert vector[0] == 1.0


def test_vectors_are_made_once_and_are_the_same_when_read_back(tmp_path: Path) -> None:
    kept = SqliteVectors(tmp_path / "deep" / "vectors.sqlite")
    labels = [Label("red"), Label("blue", ("azure",))]
    encoder = Counting()
    first = label_vectors(encoder, labels, kept)
    made = encoder.texts
    assert made > 0
    assert np.array_equal(label_vectors(encoder, labels[::-1], kept), first[::-1])
    assert encoder.texts == made
    label_vectors(encoder, [*labels, Label("green")], kept)
    assert encoder.texts == made + len(prompts(("green",), "en"))


def test_another_text_tower_language_or_synonym_is_another_vector(tmp_path: Path) -> None:
    kept = SqliteVectors(tmp_path / "vectors.sqlite")
    label_vectors(Counting(), [Label("red")], kept)
    for encoder, label in (
        (Counting("2"), Label("red")),
        (Counting(), Label("red", language="it")),
        (Counting(), Label("red", ("crimson",))),
    ):
        label_vectors(encoder, [label], kept)
        assert encoder.texts > 0


def test_an_interrupted_long_list_keeps_what_it_has(tmp_path: Path) -> None:
    class Stops(Counting):
        def embed_texts(self, texts: Sequence[str]) -> Matrix:
            if self.texts >= 2500:
                raise KeyboardInterrupt
            return super().embed_texts(texts)

    kept = SqliteVectors(tmp_path / "vectors.sqlite")
    labels = [Label(f"label{number}") for number in range(1000)]
    with pytest.raises(KeyboardInterrupt):
        label_vectors(Stops(), labels, kept)
    again = Counting()
    label_vectors(again, labels, kept)
    assert 2000 < again.texts < 5000


def test_a_damaged_or_unwritable_file_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"no database at all" * 100)
    encoder = WordEncoder()
    wanted = label_vectors(encoder, [Label("red")])
    assert np.array_equal(label_vectors(encoder, [Label("red")], SqliteVectors(path)), wanted)
    blocked = tmp_path / "file"
    blocked.write_text("")
    kept = SqliteVectors(blocked / "vectors.sqlite")
    assert np.array_equal(label_vectors(encoder, [Label("red")], kept), wanted)


def test_a_file_of_another_program_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    assert SqliteVectors(path).read(["a"]) == {}


def test_threads_write_and_read_together(tmp_path: Path) -> None:
    kept = SqliteVectors(tmp_path / "vectors.sqlite")
    row: Vector = np.arange(4, dtype=np.float32)

    def write(number: int) -> None:
        kept.write({f"{number}-{each}": row + number for each in range(20)})

    threads = [Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found: Mapping[str, Vector] = kept.read([f"{n}-{e}" for n in range(6) for e in range(20)])
    assert len(found) == 120
    assert np.array_equal(found["5-19"], row + 5)
