"""Deletion neighbourhoods: words that are a few edits apart share a word with letters missing.

Source: Bocek, Hunt and Stiller, "Fast Similarity Search in Large Dictionaries" (2007). Taking
letters off both words turns a search for every edit into look-ups of equal keys.
"""

from __future__ import annotations

import zlib
from itertools import combinations

PREFIX = 8
"""Letters that are looked at; what comes after decides nothing here. The keys of a word would
otherwise grow with the square of its length (SymSpell's prefix index, W. Garbe)."""

TWO_EDITS_FROM = 7
"""Letters from which a word is sought two edits away; a short word is like too many others."""


def deletion_keys(word: str, most: int = 2) -> frozenset[int]:
    """32-bit keys of the word and of the word less one letter (two, where it is long).

    ``most`` limits the letters. Words within one edit share a key also where one of them is
    limited to one letter. Different words may share a key by chance: who looks up by keys
    compares the words.
    """
    most = min(most, 2 if len(word) >= TWO_EDITS_FROM else 1)
    head = word[:PREFIX]
    kept = {head}
    for missing in range(1, min(most, len(head) - 1) + 1):
        kept.update("".join(each) for each in combinations(head, len(head) - missing))
    return frozenset(zlib.crc32(each.encode()) for each in kept)
