"""Near duplicates: pictures of a ranked list that look the same are folded into the first.

In: perceptual hashes in the order of the list. Out: which stay, and into which of them each of the
others was folded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEAR = 6
"""Bits of 64 that two hashes may differ in. Chosen by looking at all close pairs of 1,615
photographs of the Library of Congress: of the 36 pairs within 6 bits all show one scene, of 10
more within 8 nine do, of 21 more within 10 seventeen. Half the size, JPEG of quality 30, and
brightness, contrast or colour changed by 15 % stay within 6 for 99.7 % of the pictures; a crop
of 3 % on each side does for a quarter of them."""


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
