"""Zero-shot classification: which one of a few labels a picture shows.

In: a picture's cosines with labels. Out: probabilities that add up to one, "none of these"
among them where it was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.errors import QueryError
from hybridsearch.labels.evidence import Evidence, Floats, Yardstick, shares_of
from hybridsearch.labels.label import Label
from hybridsearch.ports import Vector

CLIP_SCALE = 100.0
"""CLIP multiplies cosines by this before its softmax: its training ended at the ceiling that it
was given (Radford et al. 2021, section 2.5)."""


@dataclass(frozen=True, slots=True)
class ClassSettings:
    """``none`` is the share of pictures taken to show none of the labels (None: one of them is
    shown). ``scale`` takes the softmax of ``scale x cosine``, as the encoder was trained,
    instead of what was measured on the archive; ``CLIP_SCALE`` is CLIP's.
    """

    none: float | None = None
    scale: float | None = None

    def __post_init__(self) -> None:
        if self.none is not None and not 0 < self.none < 1:
            raise QueryError(
                f"A share of {self.none:g} pictures that show none of the labels cannot be.",
                "Give a number between 0 and 1.",
            )
        if self.scale is not None and not 0 < self.scale < np.inf:
            raise QueryError(f"A scale of {self.scale:g} ranks nothing.", "Give it above 0.")
        if self.none is not None and self.scale is not None:
            raise QueryError(
                "A softmax of cosines knows no 'none of these': it compares labels only.",
                "Leave out the scale, or none.",
            )


@dataclass(frozen=True, slots=True)
class LabelShare:
    """A label with its probability; ``z`` as a tag's."""

    label: str
    probability: float
    cosine: float
    z: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The labels, likeliest first; with ``none`` their probabilities add up to 1.

    ``evidence`` is None where a softmax of cosines was asked for.
    """

    labels: tuple[LabelShare, ...]
    none: float | None
    evidence: Evidence | None
    encoder: EncoderCard
    notes: tuple[str, ...] = ()


def class_shares(
    labels: Sequence[Label], z: Floats, evidence: Evidence, none: float | None = None
) -> Floats:
    """Probabilities (labels,) or, with ``none``, (labels + 1,), the last that of none.

    Bayes: each label's share of the pictures times how much likelier its cosine is where it is
    shown; none of them has a likelihood ratio of 1. Labels without a share of their own have
    equal ones.
    """
    usual = _usual_shares(labels)
    scores = np.log(usual) + evidence.log_ratio(z)
    if none is None:
        return shares_of(scores)
    return shares_of(np.append(scores + np.log1p(-none), np.log(none)))


def classified(
    labels: Sequence[Label],
    cosines: Vector,
    yardstick: Yardstick,
    evidence: Evidence,
    settings: ClassSettings,
    encoder: EncoderCard,
    notes: tuple[str, ...] = (),
) -> Classification:
    """The picture's classification from its cosines (labels,) with the labels."""
    z = yardstick.z(cosines)
    if settings.scale is not None:
        shares = shares_of(settings.scale * cosines.astype(np.float64))
    else:
        shares = class_shares(labels, z, evidence, settings.none)
    order = np.argsort(-shares[: len(labels)], kind="stable")
    return Classification(
        tuple(
            LabelShare(labels[at].name, float(shares[at]), float(cosines[at]), float(z[at]))
            for at in order
        ),
        float(shares[-1]) if settings.none is not None else None,
        evidence if settings.scale is None else None,
        encoder,
        notes,
    )


def _usual_shares(labels: Sequence[Label]) -> Floats:
    """The labels' shares among themselves; where only some are known, the others split evenly
    what these leave."""
    known = [label.share for label in labels]
    told = [share for share in known if share is not None]
    left = max(1.0 - sum(told), 0.0) / max(1, len(known) - len(told))
    shares = np.array([left if share is None else share for share in known])
    shares = np.maximum(shares, 1e-6)
    usual: Floats = shares / shares.sum()
    return usual
