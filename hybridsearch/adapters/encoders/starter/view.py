"""What the starter encoder looks at: the whole picture, squeezed into a square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from hybridsearch.ports import Pixels

SIDE = 260
"""Pixels; the input size that EfficientNet-Lite2 was trained for."""


@dataclass(frozen=True, slots=True)
class Squeeze:
    """(260, 260, 3), whatever the picture's shape.

    Cropping as in ImageNet's evaluation loses what stands at the edge, and measured no better.
    """

    side: int = SIDE
    min_side: int = 768
    """About three times the side, as when the head was trained."""

    def __call__(self, pixels: Pixels) -> Pixels:
        """The square; a picture that is one already comes back as it is."""
        if pixels.shape[:2] == (self.side, self.side):
            return pixels
        square = (self.side, self.side)
        return np.asarray(Image.fromarray(pixels).resize(square, Image.Resampling.BICUBIC))
