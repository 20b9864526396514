"""What an engine answered, before it becomes a ranking; equal scores settled by point id.

In: ids and scores as an engine gave them, and a way to ask it for more. Out: the best
``limit`` as if all had been ordered. Engines order equal scores by where the points happen to
lie, so a page cut there would differ from one build of the index to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from hybridsearch.adapters.stores.points import as_ids, as_numbers
from hybridsearch.domain.ranking import Entries, Ranking
from hybridsearch.ports import FacetCount

Entry = tuple[float, int]
"""(minus the score, the number an engine knows the point by): its natural order is the order of a
ranking. A search reads hundreds; they become the port's ids all at once."""

MARGIN = 8
"""Entries asked beyond the limit, to see whether its last score goes on."""

WIDEST = 1_000
"""Entries asked at most for the sake of ties; among more equals the engine's choice stands. An
archive of a thousand like captions would otherwise make a search five times as long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One leg's entries, best first. Cheap to make and to send, where a Ranking is not."""

    leg: str
    entries: list[Entry]
    scored: list[Entry] = field(default_factory=list)
    """What other legs listed and this one was asked to score."""

    def ranking(self) -> Ranking:
        """The same as the port wants it."""
        return Ranking(self.leg, ranked(self.entries), ranked(self.scored))

    @staticmethod
    def of(ranking: Ranking) -> Answer:
        """The inverse of ``ranking``."""
        return Answer(ranking.leg, _entries(ranking.entries), _entries(ranking.scored))


def ranked(entries: Sequence[Entry]) -> Entries:
    """Entries as the port wants them."""
    return Entries(as_ids([number for _, number in entries]), [-minus for minus, _ in entries])


def _entries(found: Entries) -> list[Entry]:
    minus = [-score for score in found.scores]
    return list(zip(minus, as_numbers(found.ids), strict=True))


def most_frequent(counts: Iterable[tuple[str, int]], limit: int) -> tuple[FacetCount, ...]:
    """The values with the highest counts, equal counts by value."""
    ordered = sorted(counts, key=lambda each: (-each[1], each[0]))
    return tuple([FacetCount(value, count) for value, count in ordered[: max(limit, 0)]])


def asked_for(limit: int) -> int:
    """How many entries to ask for at first."""
    return limit + MARGIN


def settle(limit: int, entries: list[Entry], ask: Callable[[int], list[Entry]]) -> list[Entry]:
    """The best ``limit`` in order, asking for more while a tie goes on beyond what came.

    ``entries`` is the answer to ``asked_for(limit)``; ties in it may come in any order.
    """
    asked = asked_for(limit)
    ordered = sorted(entries)
    while len(ordered) >= asked and ordered[-1][0] == ordered[limit - 1][0] and asked < WIDEST:
        asked = min(asked * 4, WIDEST)
        ordered = sorted(ask(asked))
    return ordered[:limit]
