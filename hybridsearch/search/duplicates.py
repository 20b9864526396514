"""Near duplicates: pictures of a ranked list that look the same are folded into the first.

In: point ids in order, and their perceptual hashes. Out: the ids that stay, in the same order,
each with those that were folded into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hybridsearch.analysis.payload import LOOKS_KEY
from hybridsearch.ports import Store

NEAR = 6
"""Bits of 64 that two hashes may differ in. Chosen by looking at all close pairs of 1,615
photographs of the Library of Congress: of the 36 pairs within 6 bits all show one scene, of 10
more within 8 nine do, of 21 more within 10 seventeen. Half the size, JPEG of quality 30, and
brightness, contrast or colour changed by 15 % stay within 6 for 99.7 % of the pictures; a crop
of 3 % on each side does for a quarter of them."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A point that stays, and the near duplicates further down that were folded into it."""

    point_id: str
    folded: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many pictures the fold stands for."""
        return 1 + len(self.folded)


def looks_of(store: Store, ids: Sequence[str]) -> dict[str, str]:
    """The perceptual hashes of the points that have one."""
    found = store.retrieve(ids, keys=(LOOKS_KEY,))
    return {each.id: looks for each in found if (looks := each.payload.get(LOOKS_KEY))}


def near_duplicates(hashes: Sequence[str | None], near: int = NEAR) -> list[int | None]:
    """The place of the first picture that each looks like; None for those that stay.

    What is folded folds nothing itself: a fold does not wander from picture to picture. A
    thousand hashes take some 10 ms.

    Args:
        hashes: 16 hexadecimal digits each, best hit first; a picture without one stays.
        near: bits that two hashes may differ in.
    """
    into: list[int | None] = [None] * len(hashes)
    places = [at for at, each in enumerate(hashes) if each is not None]
    bits = np.array([int(each, 16) for each in hashes if each is not None], dtype=np.uint64)
    stays = np.ones(len(bits), dtype=bool)
    for first in range(len(bits)):
        if stays[first]:
            alike = np.bitwise_count(bits[first + 1 :] ^ bits[first]) <= near
            members = first + 1 + np.flatnonzero(alike & stays[first + 1 :])
            stays[members] = False
            for member in members.tolist():
                into[places[member]] = places[first]
    return into


def fold(ids: Sequence[str], looks: Mapping[str, str], near: int = NEAR) -> tuple[Fold, ...]:
    """The ids that stay, best first, each with those folded into it (see ``near_duplicates``).

    Args:
        ids: points, best first, each once.
        looks: perceptual hashes by id; without one a point stays.
        near: bits that two hashes may differ in.
    """
    into = near_duplicates([looks.get(each) for each in ids], near)
    folded: dict[int, list[str]] = {}
    for at, first in enumerate(into):
        if first is not None:
            folded.setdefault(first, []).append(ids[at])
    return tuple(
        Fold(each, tuple(folded.get(at, ()))) for at, each in enumerate(ids) if into[at] is None
    )
