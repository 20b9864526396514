"""What identifies an encoder: its name, its dimension and its fingerprint."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """The identity of a vector space.

    ``fingerprint`` changes whenever the vector of the same picture would change, so two
    pictures' vectors may be compared exactly when their fingerprints are equal. Another text
    tower for the same space changes ``name`` and keeps it. ``trial`` marks an
    encoder that is there for trying out and for tests; every place that shows its results
    says so.
    """

    name: str
    dimension: int
    fingerprint: str
    trial: bool = False
