"""The perceptual hash: 64 bits that two copies of a picture share, however they were saved.

In: decoded pixels. Out: 16 hexadecimal digits; their Hamming distance tells how unlike two
pictures look. Source: Zauner, "Implementation and Benchmarking of Perceptual Image Hash
Functions" (2010), section 3.2 (DCT based hash). Twenty lines of numpy stand here because the
library that has it (ImageHash) brings PyWavelets and scipy for hashes that are not used.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hybridsearch.ports import Pixels

CELLS = 32
"""The picture is shrunk to a square of this side; its shape is not part of its look."""

LOW = 8
"""The lowest frequencies in each direction that the bits are made of, constants left out."""

_ENOUGH = 384
"""Pixels of the shorter side that are looked at, twelve for each cell: of 41 photographs all
have the same hash as with every pixel, in an eighth of the time."""

_STRUCTURE = 0.25
"""Grey levels: below it there is nothing to recognise but noise. Blank pages and gradients have
0.00 to 0.02, pure noise 0.15; of 1,892 photographs the plainest has 0.92."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue (ITU-R BT.601), as JPEG has them."""

Floats = npt.NDArray[np.float32]


def perceptual_hash(pixels: Pixels) -> str | None:
    """16 hexadecimal digits; None for a picture without structure, which looks like any other.

    Each bit tells whether one of the 64 lowest frequencies is above their median.
    """
    waves = (_COSINES @ _shrunk(pixels) @ _COSINES.T).ravel()
    # A wave of one grey level gives a coefficient of a quarter of the number of cells.
    if 4 * np.sqrt(np.mean(waves**2)) / CELLS**2 < _STRUCTURE:
        return None
    return np.packbits(waves > np.median(waves)).tobytes().hex()


def _shrunk(pixels: Pixels) -> Floats:
    """The grey picture (CELLS, CELLS): the mean of each part of a grid."""
    step = max(1, min(pixels.shape[:2]) // _ENOUGH)
    seen = pixels[::step, ::step].astype(np.float32, order="C")
    height, width = seen.shape[:2]
    grey: Floats = _shares(height) @ (seen @ _LUMA) @ _shares(width).T
    return grey


@lru_cache(maxsize=64)
def _shares(length: int) -> Floats:
    """(CELLS, length): which share of a cell each pixel of a line is; parts of pixels count.

    Whole pixels would move the borders of the cells from one size of a picture to another: at
    half of 150 pixels a hash then changes by 2.7 bits, with parts by 0.4.
    """
    borders = np.arange(CELLS + 1) * (length / CELLS)
    left = np.arange(length)
    overlap = np.minimum(borders[1:, None], left + 1) - np.maximum(borders[:-1, None], left)
    return np.asarray(np.clip(overlap, 0, None) * (CELLS / length), dtype=np.float32)


_COSINES: Floats = np.cos(
    np.pi * np.outer(np.arange(1, LOW + 1), 2 * np.arange(CELLS) + 1) / (2 * CELLS)
).astype(np.float32)
"""(LOW, CELLS): waves of frequency 1 to LOW over the cells (DCT-II, not normalised)."""
