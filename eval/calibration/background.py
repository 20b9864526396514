"""The null model: what a query scores with pictures that have nothing to do with it.

In: a sample of the archive's own vectors. Out: for each query the mean and spread of its cosines
with them, and so a z-score that needs no judgements.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np

from hybridsearch.ports import Matrix, Store, Vector

SAMPLE = 2000
BATCH = 500


@dataclass(frozen=True, slots=True)
class Null:
    """A query's background: cosines with pictures drawn without regard to it."""

    mean: float
    spread: float

    def z(self, cosine: float) -> float:
        """How many spreads the cosine lies above the background; 0 where there is no spread."""
        return (cosine - self.mean) / self.spread if self.spread > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Background:
    """Vectors of pictures of the archive, drawn at random. A few may answer the query: that
    shifts its mean by their share."""

    vectors: Matrix

    def null(self, query: Vector) -> Null:
        """The query's own background."""
        cosines = self.vectors @ query
        return Null(float(cosines.mean()), float(cosines.std()))


def draw_background(store: Store, count: int = SAMPLE) -> Background:
    """The archive's first pictures by point id: a random sample, since ids are hashes.

    Raises:
        ValueError: the archive has no picture.
    """
    batches = islice(store.scroll(batch=BATCH, keys=()), -(-2 * count // BATCH))
    found: list[Vector] = []
    for batch in batches:
        read = store.retrieve([each.id for each in batch], keys=(), vectors=True)
        found += [each.dense for each in read if each.dense is not None]
        if len(found) >= count:
            break
    if not found:
        raise ValueError("the archive has no picture to draw a background from")
    return Background(np.stack(found[:count]))
