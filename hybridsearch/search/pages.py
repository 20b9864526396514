"""Pages: one fused list of fixed depth, cut where the reader is.

In: a query, its cursor. Out: which part of the list to show, and the cursor of the next. A
cursor names its query and its generation, so it cannot be used on another list by mistake; it
holds no list, so a service keeps nothing between two pages.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass

from hybridsearch.domain.generation import Generation
from hybridsearch.domain.query import Query
from hybridsearch.errors import QueryError

DEEPEST = 1000
"""Hits that can be paged through; what lies deeper is found by a narrower query."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the fused list: ``[start, end)``, counted from 0."""

    start: int
    end: int

    def next_cursor(self, query: Query, generation: Generation, listed: int) -> str | None:
        """Where the next page begins; None after the last, and for a list that is not paged."""
        if not query.paged or self.end >= min(listed, DEEPEST):
            return None
        told = json.dumps({"from": self.end, "of": _list_of(query, generation)})
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def page_of(query: Query, generation: Generation) -> Page:
    """The part that the query asks for.

    Raises:
        QueryError: the cursor is none, or is another list's.
    """
    start = _start_of(query, generation) if query.cursor else 0
    return Page(start, min(start + query.limit, DEEPEST))


def _start_of(query: Query, generation: Generation) -> int:
    remedy = "Take the cursor from the last page's answer, with the same query and filters."
    try:
        padded = (query.cursor or "") + "=" * (-len(query.cursor or "") % 4)
        told = json.loads(base64.urlsafe_b64decode(padded.encode()))
        start, of = int(told["from"]), str(told["of"])
    except (ValueError, TypeError, KeyError) as error:
        raise QueryError("The cursor cannot be read.", remedy) from error
    if of != _list_of(query, generation):
        raise QueryError("The cursor belongs to another query or an older index.", remedy)
    if not 0 <= start < DEEPEST:
        raise QueryError(f"The cursor lies outside the first {DEEPEST:,} hits.", remedy)
    return start


def _list_of(query: Query, generation: Generation) -> str:
    """What makes the list: all of the query but where and how long the page is."""
    picture = query.picture.read_bytes() if query.picture else b""
    told = (
        query.text,
        query.like,
        repr(query.filter),
        query.min_relevance,
        query.order,
        query.fold,
        query.method,
        hashlib.sha256(picture).hexdigest(),
        generation.number,
        generation.created,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
