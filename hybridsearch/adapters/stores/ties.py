"""Ties: equal scores are ordered by point id, also where the limit cuts through them.

In: a way to ask an engine for its best n. Out: the best ``limit`` as if all had been ordered.
Engines order equal scores by where the points happen to lie, so a page cut there would differ
from one build of the index to the next.
"""

from __future__ import annotations

from collections.abc import Callable

from hybridsearch.domain.fusion import Ranked, in_rank_order

MARGIN = 8
"""Entries asked beyond the limit, to see whether its last score goes on."""

WIDEST = 5_000
"""Entries asked at most for the sake of ties; among more equals the engine's choice stands."""

Ask = Callable[[int], list[Ranked]]


def asked_for(limit: int) -> int:
    """How many entries to ask for at first."""
    return limit + MARGIN


def settle(limit: int, entries: list[Ranked], ask: Ask) -> tuple[Ranked, ...]:
    """The best ``limit``, asking for more while a tie goes on beyond what was answered.

    ``entries`` is the answer to ``asked_for(limit)``; both may come in any order of ties.
    """
    asked = asked_for(limit)
    ordered = in_rank_order(entries)
    while len(ordered) >= asked and ordered[-1].score == ordered[limit - 1].score:
        if asked >= WIDEST:
            break
        asked = min(asked * 4, WIDEST)
        ordered = in_rank_order(ask(asked))
    return ordered[:limit]
