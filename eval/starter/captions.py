"""Archive captions to plain descriptions.

In: "Chopping cotton on rented land near White Plains, Greene County, Ga.". Out: "Chopping
cotton on rented land". A name says nothing of how a picture looks, and would be learnt as if
it did; what a few pictures could teach of names is not worth knowing.
"""

from __future__ import annotations

import re

_ASIDE = re.compile(r"\(.*?\)|\[.*?\]")
_SENTENCE_END = re.compile(r"(?<=[a-z]{3})\.\s+|;\s*|:\s+")  # not after "Tex." or "St."
_NUMBER = re.compile(r"[\d\-?./]+")
_DANGLING = frozenset(
    ("in", "at", "near", "of", "from", "on", "around", "outside", "for", "to", "between", "with")
    + ("the", "a", "an", "and", "or", "by", "possibly", "vicinity", "about", "part")
)
_LEADING = frozenset(("and", "or", "of"))


def without_names(caption: str) -> str:
    """The caption without capitalised words (but a sentence's first), numbers and asides.

    Empty where fewer than two words are left.
    """
    sentences = (_sentence(part) for part in _SENTENCE_END.split(_ASIDE.sub("", caption)))
    plain = ". ".join(sentence for sentence in sentences if sentence)
    return plain if len(plain.split()) > 1 else ""


def _sentence(text: str) -> str:
    clauses = (_clause(clause, first=number == 0) for number, clause in enumerate(text.split(",")))
    return ", ".join(clause for clause in clauses if clause)


def _clause(text: str, *, first: bool) -> str:
    words = [
        word.strip('."?')
        for number, word in enumerate(text.split())
        if not _NUMBER.fullmatch(word) and ((first and number == 0) or not word[:1].isupper())
    ]
    while words and words[-1].lower() in _DANGLING:
        words.pop()
    while words and words[0].lower() in _LEADING:
        words.pop(0)
    return " ".join(words)
