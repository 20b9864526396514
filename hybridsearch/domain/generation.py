"""A generation: one complete build of an archive's index under one encoder and one analyzer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hybridsearch.domain.encoder import EncoderCard

DRIFT_TOLERANCE = 0.1
"""Average lengths that moved by more than a tenth make BM25 weigh old and new text unequally."""


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """How an encoder is named in the configuration: a model and, optionally, a text tower.

    ``precision`` is that of its arithmetic, "fp32" or "int8"; their vectors never meet.
    """

    name: str
    text_model: str | None = None
    precision: Literal["fp32", "int8"] = "fp32"


@dataclass(frozen=True, slots=True)
class Generation:
    """What a search must know about the index it asks.

    ``average_lengths`` are those the stored weights were computed with;
    ``measured_lengths`` those of the ``measured_documents`` that there are now, of which
    ``measured_having`` have each field. ``encoder`` and ``choice`` are
    None for an archive of words only. ``complete`` tells whether its first ingest has ended,
    ``pending`` whether something was written since weights and indexes were last finished.
    ``analysis`` holds the settings that made its analyzer, as the configuration names them; None
    where they were not kept.
    """

    number: int
    archive: str
    choice: EncoderChoice | None
    encoder: EncoderCard | None
    analyzer_version: str
    average_lengths: Mapping[str, float]
    measured_lengths: Mapping[str, float]
    created: str
    complete: bool = False
    pending: bool = False
    analysis: Mapping[str, Any] | None = None
    measured_documents: int = 0
    measured_having: Mapping[str, int] = field(default_factory=dict)

    @property
    def drift(self) -> float:
        """The largest relative change of a field's average length since the weights were made."""
        return max(self._changes.values(), default=0.0)

    def drifted(self, tolerance: float) -> frozenset[str]:
        """The fields whose average length has changed by more than the tolerance, relatively."""
        return frozenset(name for name, change in self._changes.items() if change > tolerance)

    @property
    def _changes(self) -> dict[str, float]:
        """``|measured - used| / used`` of each measured field; of one not used yet it is 1."""
        used = self.average_lengths
        return {
            name: abs(length - used[name]) / used[name] if used.get(name) else 1.0
            for name, length in self.measured_lengths.items()
        }
