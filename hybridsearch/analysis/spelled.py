"""Which spelling of a value or of a word an archive shows, where its assets write several.

In: the spellings and how many assets write each. Out: one of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from hybridsearch.analysis.words import without_accents


def shown_value(spellings: Mapping[str, int]) -> str:
    """The most frequent one."""
    return min(spellings, key=lambda each: (-spellings[each], each))


def shown_word(folded: str, spellings: Mapping[str, int]) -> str:
    """The most frequent spelling of the word itself; of its possessive, where there is no other."""
    return min(
        spellings,
        key=lambda each: (
            without_accents(each) != folded,
            -spellings[each],
            not each.islower(),
            each,
        ),
    )
