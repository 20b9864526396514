"""The query: what a person asked for, before anything was planned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hybridsearch.domain.filters import EVERYTHING, Filter


@dataclass(frozen=True, slots=True)
class Query:
    """Words, a picture, an asset of the archive, or several of them; at least one is given.

    ``picture`` is a file to look like; ``like`` is the id of an asset to look like, which is
    itself left out of the answer. ``limit`` is the number of hits. ``min_relevance`` cuts the
    hits whose calibrated probability of relevance is lower, from 0 to 1.
    """

    text: str = ""
    picture: Path | None = None
    like: str | None = None
    filter: Filter = EVERYTHING
    limit: int = 10
    min_relevance: float | None = None
