"""What one leg answers: points in rank order with their scores.

In: ids and scores. Out: a ranking, kept as two columns. A search reads hundreds of entries and
shows ten, so an entry is made an object when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, overload


class Ranked(NamedTuple):
    """One entry of a ranking; a higher score is better."""

    point_id: str
    score: float


class Entries(Sequence[Ranked]):
    """Entries as two columns of one length: their ids, and their scores."""

    __slots__ = ("ids", "scores")

    def __init__(self, ids: Sequence[str] = (), scores: Sequence[float] = ()) -> None:
        self.ids = ids
        self.scores = scores

    @classmethod
    def of(cls, ranked: Iterable[tuple[str, float]]) -> Entries:
        """The same entries in columns."""
        pairs = list(ranked)
        return cls([point_id for point_id, _ in pairs], [score for _, score in pairs])

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Ranked]:
        return map(Ranked, self.ids, self.scores)

    @overload
    def __getitem__(self, at: int) -> Ranked: ...
    @overload
    def __getitem__(self, at: slice) -> Entries: ...
    def __getitem__(self, at: int | slice) -> Ranked | Entries:
        if isinstance(at, slice):
            return Entries(self.ids[at], self.scores[at])
        return Ranked(self.ids[at], self.scores[at])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Entries | tuple | list):
            return len(self) == len(other) and all(map(tuple.__eq__, self, other))
        return NotImplemented

    def __repr__(self) -> str:
        return f"Entries.of({list(self)!r})"


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one leg answered, at most one entry a point, in rank order: see ``in_rank_order``.

    ``scored`` are points that the leg did not list but was asked to score, because another leg
    listed them: their scores are the leg's own, their ranks are not known.
    """

    leg: str
    entries: Entries = field(default_factory=Entries)
    scored: Entries = field(default_factory=Entries)

    @classmethod
    def of(
        cls,
        leg: str,
        entries: Iterable[tuple[str, float]],
        scored: Iterable[tuple[str, float]] = (),
    ) -> Ranking:
        """A ranking of entries that stand in rank order."""
        return cls(leg, Entries.of(entries), Entries.of(scored))

    @property
    def ids(self) -> list[str]:
        """Of all that the leg listed, and then of what it only scored."""
        return [*self.entries.ids, *self.scored.ids]

    @property
    def scores(self) -> list[float]:
        """Along ``ids``."""
        return [*self.entries.scores, *self.scored.scores]


def in_rank_order(entries: Iterable[tuple[str, float]]) -> tuple[Ranked, ...]:
    """Order by score, best first; equal scores by point id, so that every run is alike."""
    return tuple(Ranked(*each) for each in sorted(entries, key=lambda each: (-each[1], each[0])))
