"""What identifies an encoder: its name, its dimension and its fingerprint."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """The identity of a vector space.

    ``fingerprint`` changes whenever the vector of the same picture or text would change, so
    two vectors may be compared exactly when their fingerprints are equal. ``trial`` marks an
    encoder that is there for trying out and for tests; every place that shows its results
    says so.
    """

    name: str
    dimension: int
    fingerprint: str
    trial: bool = False
