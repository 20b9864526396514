"""Evidence: how much a cosine says for a label, comparable from label to label.

In: a label's cosines with a picture and with pictures drawn at random. Out: the log of how much
likelier such a cosine is where the label is shown than on any picture of the archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridsearch.analysis.background import Background
from hybridsearch.ports import Matrix

Floats = npt.NDArray[np.float64]

TAGS_A_PICTURE = 2.0
"""How many labels of a list are taken to be shown on a picture, where nothing better is known."""

MOST_SHARE = 0.05
"""A label's share is never taken for more than that without being told so."""


FLAT = 1e-4
"""Cosines that spread less are all alike, but for rounding: they tell nothing of a label."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """``log likelihood ratio = slope x z + offset``, z the cosine in the label's own spreads.

    Where cosines with pictures that show the label and with those that do not are normal, of one
    spread and ``d'`` spreads apart, slope and offset are ``d'`` and ``-d'²/2`` (Green and Swets
    1966, chapter 3). Both are measured on ``words`` of the archive's own captions, standing on
    ``pictures``; a measure of 0 words is taken for granted.
    """

    slope: float
    offset: float
    words: int = 0
    pictures: int = 0

    @property
    def is_measured(self) -> bool:
        """Whether the archive told it."""
        return self.words > 0

    def log_ratio(self, z: Floats) -> Floats:
        """The evidence for labels whose cosines stand ``z`` spreads above the background."""
        return self.slope * z + self.offset

    def told(self) -> str:
        """A sentence on what the probabilities rest on."""
        if not self.is_measured:
            return (
                "The archive has too few captions to measure what its encoder's scores are worth: "
                f"a weak encoder is taken for granted (slope {self.slope:g})."
            )
        return (
            f"Measured on {self.words:,} words in the captions of {self.pictures:,} pictures: "
            f"the odds of a label grow {np.exp(self.slope):.1f} times with each spread (slope "
            f"{self.slope:.2f})."
        )


GRANTED = Evidence(slope=1.0, offset=-0.5)
"""What is taken for granted where nothing was measured: ``d' = 1``, a weak encoder."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Mean and spread of each label's cosines with pictures drawn at random: (labels,) each.

    A spread is infinite where the cosines are all alike: such a label has no evidence, z is 0.
    """

    means: Floats
    spreads: Floats

    @classmethod
    def of(cls, labels: Matrix, background: Background) -> Yardstick:
        """For labels (n, d); each as ``Background.scale`` tells it, all at once."""
        cosines = labels @ background.vectors.T
        spreads = np.maximum(cosines.std(axis=1), background.spread).astype(np.float64)
        flat = spreads < FLAT
        return cls(cosines.mean(axis=1).astype(np.float64), np.where(flat, np.inf, spreads))

    def z(self, cosines: Matrix) -> Floats:
        """Cosines (pictures, labels) in spreads above the label's background."""
        return (cosines.astype(np.float64) - self.means) / self.spreads


def usual_share(labels: int) -> float:
    """The share of pictures that a label is taken to be shown on, by how many labels there are.

    A list of thousands has rarer labels than a list of ten: ``TAGS_A_PICTURE`` of them on a
    picture, however long the list is, and no label on more than ``MOST_SHARE``.
    """
    return min(MOST_SHARE, TAGS_A_PICTURE / labels)


def log_odds(shares: Sequence[float]) -> Floats:
    """``ln(p / (1 - p))`` of shares between 0 and 1, both excluded."""
    share = np.asarray(shares, dtype=np.float64)
    return np.log(share) - np.log1p(-share)


def probabilities(log_odds: Floats) -> Floats:
    """``1 / (1 + exp(-x))``, for odds of any size."""
    shrunk = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, shrunk) / (1.0 + shrunk)


def shares_of(scores: Floats) -> Floats:
    """Softmax along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares
