from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybridsearch.adapters.backgrounds import FILE, FolderBackgrounds
from hybridsearch.analysis.background import Background
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.generation import Generation

CARD = EncoderCard("words", 4, "f1", trial=True)
GENERATION = Generation(1, "a", None, CARD, "v", {}, {}, "now")
BACKGROUND = Background(np.eye(4, dtype=np.float32), distance=1.25, spread=0.1, pairs=7, sample="s")


def test_a_background_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = FolderBackgrounds(tmp_path / "g")
    assert kept.load(GENERATION) is None
    kept.save(BACKGROUND, GENERATION)
    read = kept.load(GENERATION)
    assert read is not None
    assert (read.distance, read.spread, read.pairs, read.sample) == (1.25, 0.1, 7, "s")
    assert np.array_equal(read.vectors, BACKGROUND.vectors)
    assert read.vectors.dtype == np.float32
    assert [each.name for each in (tmp_path / "g").iterdir()] == [FILE]


def test_that_of_another_encoder_is_as_good_as_none(tmp_path: Path) -> None:
    kept = FolderBackgrounds(tmp_path)
    kept.save(BACKGROUND, GENERATION)
    assert kept.load(replace(GENERATION, encoder=replace(CARD, fingerprint="f2"))) is None


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    kept = FolderBackgrounds(tmp_path)
    kept.save(BACKGROUND, GENERATION)
    (tmp_path / FILE).write_bytes(damage)
    assert kept.load(GENERATION) is None


def test_a_file_cut_anywhere_is_as_good_as_none(tmp_path: Path) -> None:
    kept = FolderBackgrounds(tmp_path)
    kept.save(BACKGROUND, GENERATION)
    whole = (tmp_path / FILE).read_bytes()
    for end in range(0, len(whole), 97):
        (tmp_path / FILE).write_bytes(whole[:end])
        assert kept.load(GENERATION) is None
