"""Tagging: which of many labels a picture shows, each with a probability of its own.

In: cosines of pictures with labels, the labels' yardstick, evidence. Out: tags, likeliest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import QueryError
from hybridsearch.labels.evidence import (
    Evidence,
    Floats,
    Yardstick,
    log_odds,
    probabilities,
    usual_share,
)
from hybridsearch.labels.label import Label
from hybridsearch.ports import Matrix

LEAST = 0.2
"""A tag is told from this probability on: a list to review may be wrong more often than not,
as long as it says how often."""


@dataclass(frozen=True, slots=True)
class TagSettings:
    """``share`` of the archive's pictures that an ordinary label is shown on, between 0 and 1
    (None: by the number of labels); tags of a probability below ``least`` are left out."""

    share: float | None = None
    least: float = LEAST

    def __post_init__(self) -> None:
        if self.share is not None and not 0 < self.share < 1:
            raise QueryError(
                f"A label cannot be shown on a share of {self.share:g} of the pictures.",
                "Give a number between 0 and 1.",
            )
        if not 0 <= self.least <= 1:
            raise QueryError(f"{self.least:g} is no probability.", "Give a number from 0 to 1.")


@dataclass(frozen=True, slots=True)
class Tag:
    """A label that a picture shows with this probability.

    ``cosine`` is that of picture and label; ``z`` tells how many spreads it stands above the
    label's cosines with pictures drawn at random.
    """

    label: str
    probability: float
    cosine: float
    z: float


@dataclass(frozen=True, slots=True)
class Tags:
    """A picture's tags, the likeliest first; ``notes`` say what the probabilities rest on."""

    tags: tuple[Tag, ...]
    labels: int
    share: float
    evidence: Evidence
    encoder: EncoderCard
    notes: tuple[str, ...] = ()


class Tagger:
    """Tags pictures with one list of labels."""

    def __init__(
        self,
        labels: Sequence[Label],
        vectors: Matrix,
        yardstick: Yardstick,
        evidence: Evidence,
        settings: TagSettings,
    ) -> None:
        self.share = settings.share or usual_share(len(labels))
        self._names = [label.name for label in labels]
        self._vectors = vectors
        self._yardstick = yardstick
        self._evidence = evidence
        self._least = settings.least
        self._usual = log_odds([label.share or self.share for label in labels])

    def tags(self, pictures: Matrix) -> list[tuple[Tag, ...]]:
        """The tags of each picture (n, d); equal probabilities stand in the labels' order.

        ``log odds = log odds of the label's share + slope x z + offset``.
        """
        cosines: Matrix = pictures @ self._vectors.T
        z = self._yardstick.z(cosines)
        odds = probabilities(self._usual + self._evidence.log_ratio(z))
        return [self._row(*row) for row in zip(odds, cosines, z, strict=True)]

    def _row(self, odds: Floats, cosines: Matrix, z: Floats) -> tuple[Tag, ...]:
        likely = np.flatnonzero(odds >= self._least)
        return tuple(
            Tag(self._names[at], float(odds[at]), float(cosines[at]), float(z[at]))
            for at in likely[np.argsort(-odds[likely], kind="stable")]
        )
