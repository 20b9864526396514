"""Did you mean: for words that no document has, the archive's own words that come close.

In: the words of a query, and which of them are missing. Out: suggestions, the best for each.
Closeness is the Damerau-Levenshtein distance of the forms without accents; among equally close
words the one that stands in more assets is likelier meant, and a first letter is seldom wrong.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from hybridsearch.analysis.words import bare_word
from hybridsearch.domain.names import ArchiveWord, Suggestion
from hybridsearch.ports import Lexicon

SHORTEST = 4
"""Letters: a shorter word is one edit away from too many others."""

TWO_EDITS_FROM = 7
"""Letters from which two edits are forgiven."""

LETTERS_OF_A_PART = 3
"""Letters that each part of a word written together must have."""

OTHER_FIRST_LETTER = 10.0
"""How many times as frequent a word must be to outdo one with the right first letter."""

CLEARLY = 10.0
"""How many times as frequent as the next one a word must be to be the one that was meant."""


def suggest(
    words: Sequence[str], missing: Container[str], lexicon: Lexicon | None
) -> tuple[Suggestion, ...]:
    """At most one suggestion for each missing word, in the order of the query.

    Args:
        words: the query's words in their order, as typed.
        missing: those of them that no document has in any form.
        lexicon: the archive's; without one there is nothing to suggest.
    """
    if lexicon is None:
        return ()
    return tuple(_suggestions(words, missing, lexicon))


def _suggestions(
    words: Sequence[str], missing: Container[str], lexicon: Lexicon
) -> Iterator[Suggestion]:
    done = set[str]()
    for at, word in enumerate(words):
        if word not in missing or word in done:
            continue
        done.add(word)
        following = words[at + 1] if at + 1 < len(words) else None
        joined = _joined(word, following, lexicon) if following else None
        if joined is not None and following is not None:
            done.add(following)
        found = joined or _closest(word, lexicon) or _divided(word, lexicon)
        if found is not None:
            yield found


@dataclass(frozen=True, slots=True)
class _Close:
    word: ArchiveWord
    distance: int
    likely: float
    """Assets that have the word, fewer where the first letter differs."""


def _closest(typed: str, lexicon: Lexicon) -> Suggestion | None:
    bare = bare_word(typed)
    if len(bare) < SHORTEST or not bare.isalpha():
        return None
    most = 2 if len(bare) >= TWO_EDITS_FROM else 1
    close = sorted(
        _close(bare, most, lexicon), key=lambda c: (c.distance, -c.likely, c.word.folded)
    )
    if not close:
        return None
    best, *others = close
    rivals = [other for other in others if other.distance == best.distance]
    sure = best.distance == 1 and all(best.likely >= CLEARLY * other.likely for other in rivals[:1])
    word = best.word
    return Suggestion(typed, (word.display,), best.distance, word.documents, sure)


def _close(bare: str, most: int, lexicon: Lexicon) -> Iterator[_Close]:
    for word in lexicon.alike(bare):
        distance = DamerauLevenshtein.distance(bare, word.folded, score_cutoff=most)
        if 0 < distance <= most:
            same_start = word.folded[0] == bare[0]
            likely = word.documents / (1.0 if same_start else OTHER_FIRST_LETTER)
            yield _Close(word, distance, likely)


def _joined(typed: str, following: str, lexicon: Lexicon) -> Suggestion | None:
    """Two words that the archive writes as one."""
    whole = bare_word(typed) + bare_word(following)
    word = lexicon.words([whole]).get(whole)
    if word is None or len(whole) < SHORTEST:
        return None
    return Suggestion(f"{typed} {following}", (word.display,), 1, word.documents, sure=True)


def _divided(typed: str, lexicon: Lexicon) -> Suggestion | None:
    """One word that the archive writes as two: where it divides best."""
    bare = bare_word(typed)
    places = range(LETTERS_OF_A_PART, len(bare) - LETTERS_OF_A_PART + 1)
    parts = {part for at in places for part in (bare[:at], bare[at:])}
    known = lexicon.words(list(parts)) if parts else {}
    pairs = [
        (known[bare[:at]], known[bare[at:]])
        for at in places
        if bare[:at] in known and bare[at:] in known
    ]
    if not pairs:
        return None
    left, right = max(pairs, key=lambda pair: (_rarer(pair), pair[0].folded))
    documents = _rarer((left, right))
    return Suggestion(typed, (left.display, right.display), 1, documents, sure=False)


def _rarer(pair: tuple[ArchiveWord, ArchiveWord]) -> int:
    return min(each.documents for each in pair)
