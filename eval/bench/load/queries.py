"""Queries as links: some asked again and again, others never before.

In: captions. Out: paths of the search route, all different.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from hybridsearch.analysis.words import words_of
from hybridsearch.domain.asset import Asset

WORDS = 4
"""Of a query: a description and a name, as editors type."""


def paths(assets: Sequence[Asset], count: int, seed: int, limit: int) -> list[str]:
    """Paths of different searches; the words of each come from one caption."""
    found = dict.fromkeys(_texts(assets, random.Random(seed), 20 * count))
    texts = list(found)[:count]
    return [f"/v1/search?{urlencode({'q': text, 'limit': limit})}" for text in texts]


def _texts(assets: Sequence[Asset], chance: random.Random, tries: int) -> Iterator[str]:
    for _ in range(tries):
        words = [each for each in words_of(chance.choice(assets).caption or "") if each.isalpha()]
        if len(words) >= WORDS:
            at = sorted(chance.sample(range(len(words)), WORDS))
            yield " ".join(words[each] for each in at)
