"""What an archive's own pictures and captions tell of its encoder, without a judged query.

In: vectors of pictures drawn at random, vectors of captions with those of their own pictures.
Out: for any query the mean and spread of its cosines with pictures that have nothing to do with
it, and how far above them the right picture stands on average: the encoder's ``d'`` here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridsearch.domain.fusion import Scale
from hybridsearch.ports import Matrix, Vector

PRIOR_DISTANCE = 1.5
"""What is taken for ``d'`` where nothing is known: a weak encoder, neither blind nor good."""

PRIOR_PAIRS = 10
"""How many captions the prior counts for: a handful of captions proves little."""


@dataclass(frozen=True, slots=True)
class Background:
    """A sample of an archive's pictures, and what its captions say about the encoder.

    ``vectors`` (n, d) are unit vectors of pictures drawn at random. ``distance`` is the mean
    z-score of a caption's own picture among them (``d'`` of signal detection), ``spread`` the
    mean standard deviation of a caption's cosines with them, ``pairs`` the number of captions
    that both were measured on. ``sample`` tells these pictures and captions from any others.
    """

    vectors: Matrix
    distance: float = PRIOR_DISTANCE
    spread: float = 0.0
    pairs: int = 0
    sample: str = ""

    def scale(self, query: Vector) -> Scale:
        """Where the query's cosines lie with pictures that have nothing to do with it.

        The spread is never taken for less than captions usually have here: the best of flat
        scores is no evidence, however far it stands above the others in their own terms.
        """
        return self._scale(self.vectors @ query)

    def scales(self, queries: Sequence[Vector]) -> list[Scale]:
        """The same for several queries, in one product."""
        cosines = np.stack(queries) @ self.vectors.T
        return [self._scale(row) for row in cosines]

    def _scale(self, cosines: Vector) -> Scale:
        count = len(cosines)
        # As numpy.mean and numpy.std have it, in a quarter of their time at this size.
        mean = float(cosines.sum()) / count
        variance = float(cosines @ cosines) / count - mean * mean
        return Scale(mean, max(math.sqrt(max(variance, 0.0)), self.spread))


def measured_background(
    vectors: Matrix, captions: Sequence[Vector], own: Sequence[Vector]
) -> Background:
    """The background of a sample of pictures, with captions (m, d) and their pictures (m, d).

    ``d'`` is shrunk towards the prior by ``PRIOR_PAIRS`` and is never negative.
    """
    if not len(captions):
        return Background(vectors)
    asked = np.stack(captions)
    cosines = asked @ vectors.T
    spread = float(cosines.std(axis=1).mean())
    reach = np.maximum(cosines.std(axis=1), spread)
    right = np.einsum("ij,ij->i", asked, np.stack(own))
    known = (right - cosines.mean(axis=1)) / np.where(reach > 0, reach, 1.0)
    total = float(known.sum()) + PRIOR_PAIRS * PRIOR_DISTANCE
    distance = max(total / (len(known) + PRIOR_PAIRS), 0.0)
    return Background(vectors, distance, spread, len(known))
