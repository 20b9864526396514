"""The query: what a person asked for, before anything was planned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.domain.plan import Method
from hybridsearch.domain.upload import Upload


class Order(StrEnum):
    """What the hits are ordered by; the dated orders keep the undated for the end."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """Words, a picture, an asset of the archive, or several of them; at least one is given.

    ``text`` may hold the query language (docs/query-language.md). ``picture`` is a file to look
    like, or the bytes of one; ``like`` is the id of an asset to look like, which is itself left
    out of the answer.
    ``filter`` is required beside what the text requires. ``limit`` is the number of hits.
    ``min_relevance`` cuts the hits whose calibrated probability of relevance is lower, from 0
    to 1. ``paged`` asks for a list that can be read on page by page, and ``cursor`` for the page
    after an answer's. ``fold`` shows near duplicates as one hit. ``method`` overrides how the
    rankings are fused.
    """

    text: str = ""
    picture: Path | Upload | None = None
    like: str | None = None
    filter: Filter = EVERYTHING
    limit: int = 10
    min_relevance: float | None = None
    paged: bool = False
    cursor: str | None = None
    order: Order = Order.RELEVANCE
    fold: bool = False
    method: Method | None = None
