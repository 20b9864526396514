"""What the benchmarks search in: real captions, and vectors that behave like pictures'.

In: the collections' folder, a count, a seed. Out: assets, judged queries, unit vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from eval.bench.timing import counted
from eval.collections import Collection, JudgedQuery, open_collection
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import SourceError
from hybridsearch.ports import Matrix

CAPTIONS = ("fsa_owi_captions", "bain_news_captions")
"""In this order until there are enough."""

SPREAD = 1.0
"""How far a vector lies from the centre of its cluster, in lengths of the centre."""


def caption_assets(data: Path, count: int) -> list[Asset]:
    """The first ``count`` assets with a caption of the caption collections.

    Raises:
        SourceError: the collections are not there or hold fewer captions.
    """
    every = chain.from_iterable(each.assets() for each in _collections(data))
    captioned = (asset for asset in every if asset.caption)
    assets = list(counted(islice(captioned, count), "reading captions", count))
    if len(assets) < count:
        raise SourceError(
            f"The caption collections hold {len(assets):,} captions, not {count:,}.",
            "Ask for fewer with --count.",
        )
    return assets


def caption_queries(data: Path) -> list[JudgedQuery]:
    """The development queries of the caption collections."""
    return [query for each in _collections(data) for query in each.queries()]


def _collections(data: Path) -> list[Collection]:
    return [open_collection(name, data) for name in CAPTIONS]


class Clusters:
    """Unit vectors in clusters of about ``size``, drawn from a seed.

    Pictures of one subject lie together, and around it they vary along a few directions much
    and along many a little: the spread along the n-th axis falls with the root of n. Vectors
    without any structure would make every graph look bad, equal ones would make it look good.
    """

    def __init__(self, count: int, dimension: int, seed: int, size: int = 200) -> None:
        self._random = np.random.default_rng(seed)
        self._dimension = dimension
        axes = 1 / np.sqrt(np.arange(1, dimension + 1))
        self._axes = (SPREAD * axes / np.linalg.norm(axes)).astype(np.float32)
        number = max(count // size, 2)
        self.centres = _unit(self._random.standard_normal((number, dimension), dtype=np.float32))

    def draw(self, count: int) -> tuple[Matrix, npt.NDArray[np.int64]]:
        """Vectors with the cluster of each."""
        cluster = self._random.integers(0, len(self.centres), count)
        noise = self._random.standard_normal((count, self._dimension), dtype=np.float32)
        return _unit(self.centres[cluster] + noise * self._axes), cluster


def in_chunks(count: int, size: int) -> Iterator[range]:
    """0 to ``count`` in ranges of at most ``size``."""
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


def _unit(rows: Matrix) -> Matrix:
    unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
