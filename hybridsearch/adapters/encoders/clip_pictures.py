"""Pictures as CLIP's own preprocessing can take them without harm.

In: upright RGB arrays of any size. Out: Pillow images. CLIP brings the shorter side to 224
pixels and looks at the square in the middle; ordinary pictures are handed over as they are.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from hybridsearch.ports import Pixels

VERSION = 1
"""Part of the encoder's fingerprint: raise it when a picture would be prepared differently."""

MAX_ASPECT = 8
"""A strip of 3,000 x 1 would become one of 672,000 x 224 before CLIP cuts out its middle."""

MIN_SIDE = 16
"""Height 1 or 3 makes transformers take the rows for the colour channels."""


def for_clip(pixels: Pixels) -> Image.Image:
    """The picture, its far ends cut off if it is a strip, its pixels repeated if it is tiny.

    Both leave what CLIP sees as it was, but for rounding.
    """
    height, width = pixels.shape[:2]
    longest = MAX_ASPECT * min(height, width)
    top, left = max(0, height - longest) // 2, max(0, width - longest) // 2
    middle = pixels[top : top + longest, left : left + longest]
    times = -(-MIN_SIDE // min(height, width))
    if times > 1:
        middle = middle.repeat(times, axis=0).repeat(times, axis=1)
    return Image.fromarray(np.ascontiguousarray(middle))
