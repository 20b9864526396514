"""Picture files as archives have them: real photographs enlarged, with the noise of a sensor.

In: a folder, a size, a count. Out: JPEG files, each with a content hash of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from hybridsearch.ports import Pixels

QUALITY = 90
_GRAIN = 6.0
"""Standard deviation of the noise: files are then as large as a camera's, 0.3 bytes a pixel."""

_DISTINCT = 6
"""Pictures that are made; further files are copies with other bytes behind their end."""


def write_photographs(folder: Path, width: int, height: int, count: int) -> Path:
    """``count`` files of ``width`` x ``height`` pixels."""
    folder.mkdir(parents=True)
    made: list[bytes] = []
    for number, photograph in zip(range(min(count, _DISTINCT)), _photographs(), strict=False):
        path = folder / "one.jpg"
        _enlarged(photograph, width, height, number).save(path, quality=QUALITY)
        made.append(path.read_bytes())
        path.unlink()
    for number in range(count):
        data = made[number % len(made)] + number.to_bytes(8, "big")
        (folder / f"{number:06}.jpg").write_bytes(data)
    return folder


def _photographs() -> Iterator[Pixels]:
    """Those that come with scikit-image and scikit-learn; some large, some not."""
    import skimage.data
    from sklearn.datasets import load_sample_images

    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        yield getattr(skimage.data, name)()
    yield from load_sample_images().images


def _enlarged(photograph: Pixels, width: int, height: int, seed: int) -> Image.Image:
    image = Image.fromarray(photograph)
    factor = max(width / image.width, height / image.height)
    whole = (round(image.width * factor), round(image.height * factor))
    middle = image.resize(whole, Image.Resampling.BICUBIC).crop((0, 0, width, height))
    grain = np.random.default_rng(seed).normal(0, _GRAIN, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(np.asarray(middle) + grain, 0, 255).astype(np.uint8))
