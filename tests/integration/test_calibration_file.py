"""``calibration.json`` in the index's folder: what was fitted is what is searched with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridsearch.adapters.calibrations import FILE, FolderCalibrations, fingerprints
from hybridsearch.domain.calibration import Blend, Calibration, RelevanceModel
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.domain.plan import LegKind

GENERATION = Generation(
    1, "a", EncoderChoice("words"), EncoderCard("words", 8, "f1"), "v1", {}, {}, "now"
)
LOOKS = Calibration("looks", "f1", "logistic", (0.0, 1.0), (0.1, 0.9), 10, 3, 2)
WORDS = Calibration("words", "v1", "isotonic", (0.0, 0.5), (0.0, 0.7), 10, 3, 2, "names")
MODEL = RelevanceModel((LOOKS, WORDS), (Blend(("looks", "words"), (1.0, 0.5), -0.2),), ("why",))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6, unique=True),
    st.lists(st.floats(0, 1), min_size=6, max_size=6),
)
def test_a_model_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, scores: list[float], heights: list[float]
) -> None:
    known = replace(
        LOOKS,
        scores=tuple(sorted(scores)),
        probabilities=tuple(sorted(heights)[: len(scores)]),
    )
    model = replace(MODEL, calibrations=(known, WORDS))
    file = FolderCalibrations(tmp_path_factory.mktemp("index"))
    file.save(model)
    found = file.cutoff(GENERATION)
    assert found.model == model
    assert found.notes == ()


def test_no_file_is_no_relevance_and_no_complaint(tmp_path: Path) -> None:
    found = FolderCalibrations(tmp_path).cutoff(GENERATION)
    assert found.model is None
    assert found.notes == ()


def test_a_map_of_another_encoder_is_left_out_and_told(tmp_path: Path) -> None:
    file = FolderCalibrations(tmp_path)
    file.save(MODEL)
    other = replace(GENERATION, encoder=EncoderCard("words", 8, "f2"))
    found = file.cutoff(other)
    assert found.model is not None
    assert found.model.calibrations == (WORDS,)
    assert found.model.blends == ()
    [note] = found.notes
    assert "looks" in str(note)
    assert "eval calibrate" in str(note)


def test_nothing_fits_another_index(tmp_path: Path) -> None:
    file = FolderCalibrations(tmp_path)
    file.save(MODEL)
    found = file.cutoff(replace(GENERATION, encoder=None, choice=None, analyzer_version="v2"))
    assert found.model is None
    assert "looks and words" in str(found.notes[0])


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        json.dumps({"format": 2, "model": {}}),
        json.dumps(
            {
                "format": 1,
                "model": {
                    "calibrations": [
                        {
                            "leg": "looks",
                            "fingerprint": "f1",
                            "method": "isotonic",
                            "scores": [1.0, 0.0],
                            "probabilities": [0.1, 0.2],
                            "judgements": 1,
                            "relevant": 1,
                            "queries": 1,
                        }
                    ]
                },
            }
        ),
    ],
)
def test_a_damaged_file_stops_no_search(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    found = FolderCalibrations(tmp_path).cutoff(GENERATION)
    assert found.model is None
    assert "damaged" in str(found.notes[0])


def test_a_file_that_cannot_be_read_stops_no_search(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    found = FolderCalibrations(tmp_path).cutoff(GENERATION)
    assert found.model is None
    assert "cannot be read" in str(found.notes[0])


def test_what_makes_the_scores() -> None:
    assert fingerprints(GENERATION) == {LegKind.LOOKS: "f1", LegKind.WORDS: "v1"}
    assert fingerprints(replace(GENERATION, encoder=None)) == {LegKind.WORDS: "v1"}
