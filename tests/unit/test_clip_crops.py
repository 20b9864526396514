"""The square that CLIP looks at, against what transformers cuts out of the same pictures."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from transformers import CLIPImageProcessorPil

from hybridsearch.adapters.encoders.clip_crops import CentreCrop, crop_of
from hybridsearch.ports import Pixels

sides = st.integers(20, 500)


def smooth(height: int, width: int, seed: int) -> Pixels:
    """A picture without hard edges, as photographs are after decoding at a reduced scale."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


def theirs(pixels: Pixels, side: int = 224) -> Pixels:
    process: Any = CLIPImageProcessorPil(
        do_normalize=False,
        do_rescale=False,
        size={"shortest_edge": side},
        crop_size={"height": side, "width": side},
    )
    found = process(Image.fromarray(pixels), return_tensors="np")["pixel_values"][0]
    return np.asarray(np.transpose(found, (1, 2, 0)), dtype=np.uint8)


@settings(max_examples=60, deadline=None)
@given(height=sides, width=sides, seed=st.integers(0, 9))
def test_it_is_the_square_that_transformers_cuts_out(height: int, width: int, seed: int) -> None:
    if max(height, width) > 8 * min(height, width):
        return  # a strip, whose ends are cut off first
    pixels = smooth(height, width, seed)
    ours = CentreCrop()(pixels).astype(int)
    apart = np.abs(ours - theirs(pixels))
    assert apart.max() <= 2
    assert apart.mean() < 0.05


@settings(max_examples=30, deadline=None)
@given(height=st.integers(1, 3000), width=st.integers(1, 60), side=st.integers(1, 60))
def test_any_shape_becomes_the_square_and_stays_it(height: int, width: int, side: int) -> None:
    crop = CentreCrop(side)
    square = crop(np.full((height, width, 3), 77, np.uint8))
    assert square.shape == (side, side, 3) and square.dtype == np.uint8
    assert (square == 77).all()
    assert np.array_equal(crop(square), square)


def test_it_travels_to_other_processes() -> None:
    crop = CentreCrop(32, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    again = pickle.loads(pickle.dumps(crop))
    assert again == crop and again.min_side == 43  # four thirds


PLAIN: dict[str, Any] = {
    "image_processor_type": "CLIPImageProcessor",
    "size": {"shortest_edge": 336},
    "crop_size": {"height": 336, "width": 336},
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.25, 0.25, 0.25],
    "resample": 3,
}


@pytest.mark.parametrize(
    ("changes", "side"),
    [
        ({}, 336),
        ({"size": 336, "crop_size": 336}, 336),  # as models of 2021 say it
        ({"image_processor_type": "SiglipImageProcessor"}, None),
        ({"size": {"height": 336, "width": 336}}, None),
        ({"crop_size": {"height": 300, "width": 336}}, None),
        ({"crop_size": 300}, None),
        ({"resample": 2}, None),
        ({"do_center_crop": False}, None),
        ({"rescale_factor": 1.0}, None),
    ],
)
@pytest.mark.parametrize("nested", [True, False])
def test_only_clips_own_view_is_taken_over(
    tmp_path: Path, changes: dict[str, Any], side: int | None, nested: bool
) -> None:
    told = {**PLAIN, **changes}
    name = "processor_config.json" if nested else "preprocessor_config.json"
    (tmp_path / name).write_text(json.dumps({"image_processor": told} if nested else told))
    crop = crop_of(tmp_path)
    assert (crop.side if crop else None) == side
    if crop is not None:
        assert (crop.mean, crop.deviation) == ((0.5,) * 3, (0.25,) * 3)


def test_a_model_of_texts_has_no_view(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "processor_config.json").write_text("no JSON")
    assert crop_of(tmp_path) is None
