"""Words into terms: the written form, the form without accents, the stem.

A term's text carries its form, so that the stem "factori" and a written "factori" are two
terms. The form without accents shares the written form's name space: that is how a query
typed without accents meets a caption written with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hybridsearch.analysis.function_words import content_words
from hybridsearch.analysis.stems import stemmer_of
from hybridsearch.analysis.words import without_accents, words_of, written_form


class Form(StrEnum):
    """How a term relates to the word it was made from."""

    WRITTEN = "written"
    FOLDED = "without accents"
    STEM = "stem"


@dataclass(frozen=True, slots=True)
class Term:
    """One searchable unit; ``id`` is what the sparse vector stores."""

    id: int
    text: str
    form: Form


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term of a query with the word it came from and the weight it carries."""

    term: Term
    word: str
    weight: float


def term_id(text: str) -> int:
    """A 32-bit hash of the term; with a million distinct terms some 100 pairs collide."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")


@lru_cache(maxsize=262144)
def terms_of_word(word: str, languages: tuple[str, ...]) -> tuple[Term, ...]:
    """Every term that a word stands for in any of the languages, each once."""
    written = written_form(word)
    terms = [_term(written, Form.WRITTEN)]
    bare = without_accents(written)
    if bare != written:
        terms.append(_term(bare, Form.FOLDED))
    stems = {stemmer_of(language)(written) for language in languages}
    terms.extend(_term(f"~{stem}", Form.STEM) for stem in sorted(stems))
    return tuple(terms)


def terms_of_text(text: str, languages: tuple[str, ...]) -> list[tuple[Term, ...]]:
    """For each word of the text, in order, its terms."""
    return [terms_of_word(word, languages) for word in words_of(text)]


def query_terms(
    text: str, languages: tuple[str, ...], form_weights: dict[Form, float]
) -> tuple[QueryTerm, ...]:
    """The terms a query asks for, each once, with the highest weight any of its words gives.

    Function words are left out, unless there are no others. A word with accents splits the
    written form's weight between its two spellings, so that it counts no more than one
    without.
    """
    chosen: dict[int, QueryTerm] = {}
    for word in content_words(words_of(text), languages):
        for asked in _weighted(word, terms_of_word(word, languages), form_weights):
            known = chosen.get(asked.term.id)
            if known is None or known.weight < asked.weight:
                chosen[asked.term.id] = asked
    return tuple(each for each in chosen.values() if each.weight > 0)


def _weighted(word: str, terms: Sequence[Term], form_weights: dict[Form, float]) -> list[QueryTerm]:
    spellings = sum(term.form is not Form.STEM for term in terms)
    stems = len(terms) - spellings
    share = {
        Form.WRITTEN: form_weights[Form.WRITTEN] / spellings,
        Form.FOLDED: form_weights[Form.WRITTEN] / spellings,
        Form.STEM: form_weights[Form.STEM] / max(stems, 1),
    }
    return [QueryTerm(term, word, share[term.form]) for term in terms]


def _term(text: str, form: Form) -> Term:
    return Term(term_id(text), text, form)
