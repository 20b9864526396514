"""The square that a CLIP model looks at, cut out where the picture was decoded.

In: an upright RGB picture of any size, and the model's own preprocessing settings. Out: the
square as bytes, 150 KB instead of megabytes: what CLIP's preprocessing (shorter side to 224
pixels, bicubic; the middle) makes of the whole picture, but for rounding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hybridsearch.adapters.encoders.clip_pictures import for_clip
from hybridsearch.ports import Pixels

SPARE = (4, 3)
"""The share of the square's side that a decoder must leave. Cosines to a full decode, for 19 noisy
photographs of 2 megapixels and a network that was trained on pictures: median 0.9990, twentieth
0.9969; at twice the side 0.9998 and 0.9989, for a fifth more of the reader's time."""

_FILES = ("processor_config.json", "preprocessor_config.json")
_KINDS = ("CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPFeatureExtractor", "CLIPProcessor")
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures that CLIP was trained with (Radford et al. 2021, their code's transform)."""


@dataclass(frozen=True, slots=True)
class CentreCrop:
    """CLIP's view: the shorter side brought to ``side`` pixels, the square in the middle.

    ``mean`` and ``deviation`` are of red, green and blue, each 0 to 1; the model subtracts and
    divides, so that bytes travel to it. Applying the view twice changes nothing.
    """

    side: int = 224
    mean: tuple[float, ...] = _MEAN
    deviation: tuple[float, ...] = _DEVIATION

    @property
    def min_side(self) -> int:
        """Decoding may reduce a picture until its shorter side has this many pixels."""
        return -(-SPARE[0] * self.side // SPARE[1])

    def __call__(self, pixels: Pixels) -> Pixels:
        """The square, (side, side, 3)."""
        if pixels.shape[:2] == (self.side, self.side):
            return pixels
        image = for_clip(pixels)
        (width, height), side = image.size, self.side
        # The sizes and offsets of transformers' CLIPImageProcessor, which rounds down. Pillow
        # weighs pixels outside the box as well, so resizing the square alone gives its pixels.
        # Rows first, as Pillow does for all but tall pictures: what overshoots white is cut off
        # between the two steps, so their order shows in noise.
        wide = side if width <= height else int(side * width / height)
        high = side if height <= width else int(side * height / width)
        left, top = (wide - side) // 2 * width / wide, (high - side) // 2 * height / high
        across = (left, 0, left + side * width / wide, height)
        rows = image.resize((side, height), Image.Resampling.BICUBIC, across)
        down = (0, top, side, top + side * height / high)
        return np.asarray(rows.resize((side, side), Image.Resampling.BICUBIC, down))


def crop_of(model_folder: Path) -> CentreCrop | None:
    """The view of the model in a folder; None where its settings describe another one.

    Models that squeeze pictures, or resize by another filter, are left to their own
    preprocessing.
    """
    settings = _settings(model_folder)
    if settings is None:
        return None
    side, crop = settings.get("size", 224), settings.get("crop_size", 224)
    side = side.get("shortest_edge") if isinstance(side, Mapping) else side
    if isinstance(crop, Mapping):
        crop = crop.get("height") if crop.get("height") == crop.get("width") else None
    steps = ("do_resize", "do_center_crop", "do_normalize", "do_rescale")
    usual = (
        isinstance(side, int)
        and side == crop
        and settings.get("resample", 3) == Image.Resampling.BICUBIC
        and abs(settings.get("rescale_factor", 1 / 255) - 1 / 255) < 1e-9
        and all(settings.get(step, True) for step in steps)
    )
    if not usual or not isinstance(side, int):
        return None
    mean, deviation = settings.get("image_mean", _MEAN), settings.get("image_std", _DEVIATION)
    return CentreCrop(side, tuple(map(float, mean)), tuple(map(float, deviation)))


def _settings(model_folder: Path) -> Mapping[str, Any] | None:
    """The picture part of the first preprocessing file, beside or below ``modules.json``."""
    folders = [model_folder, *sorted(each.parent for each in model_folder.glob("*/config.json"))]
    for folder in folders:
        for name in _FILES:
            try:
                read = json.loads((folder / name).read_text("utf-8"))
            except (OSError, ValueError):
                continue
            settings: Mapping[str, Any] = read.get("image_processor", read)
            kind = settings.get("image_processor_type") or settings.get("feature_extractor_type")
            return settings if kind in _KINDS else None
    return None
