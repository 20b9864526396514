"""Which written words of a text a query's words stand for, so that they can be marked.

In: a text and the query's words that the search matched. Out: the words as the text writes
them, and those of the query that stand in another field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")


def marked(text: str, words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Words of ``text`` to mark, and those of ``words`` that none of them stands for.

    The search has decided what matched; this only finds it again, by the beginning of the
    word: "Melamin" stands in "Melamina", "factory" in "factories".
    """
    tokens = dict.fromkeys(_WORD.findall(text))
    seen: dict[str, None] = {}
    elsewhere = []
    for word in words:
        parts = [_folded(part) for part in _WORD.findall(word)]
        found = [token for token in tokens if any(_same(_folded(token), part) for part in parts)]
        seen.update(dict.fromkeys(found))
        if not found:
            elsewhere.append(word)
    return list(seen), elsewhere


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut between words where there are several."""
    if len(text) <= limit:
        return text
    kept = text[:limit].rsplit(maxsplit=1)[:1]
    return " ".join([*kept, "…"])


def _folded(word: str) -> str:
    """Case and accents aside."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    shared = _shared_beginning(one, other)
    shorter, longer = sorted((len(one), len(other)))
    return shared >= 4 and longer - shared <= 3 and shorter - shared <= 2


def _shared_beginning(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        length += 1
    return length
