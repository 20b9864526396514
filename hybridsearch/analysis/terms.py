"""Words into terms: the written form, the form without accents, the stem, the kin form.

A term's text carries its form, so that the stem "factori" and a written "factori" are two
terms. The form without accents shares the written form's name space: that is how a query
typed without accents meets a caption written with them.

The kin form (``analysis.kin``) is the archive's, not the asset's: a name that stands in an
English caption of a Slovene archive is asked for in the cases of Slovene. An archive of languages
that need none has none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hybridsearch.analysis.function_words import content_words, is_function_word
from hybridsearch.analysis.kin import Kin
from hybridsearch.analysis.stems import stemmer_of
from hybridsearch.analysis.words import without_accents, words_of, written_form


class Form(StrEnum):
    """How a term relates to the word it was made from."""

    WRITTEN = "written"
    FOLDED = "without accents"
    STEM = "stem"
    KIN = "inflected"
    SPELLING = "spelling"


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
def terms_of_word(
    word: str, languages: tuple[str, ...], kin: Kin | None = None
) -> tuple[Term, ...]:
    """Every term that a word stands for in any of the languages, each once.

    ``kin`` is the archive's rule (``kin_rule``), where it has one.
    """
    written = written_form(word)
    terms = [_term(written, Form.WRITTEN)]
    bare = without_accents(written)
    if bare != written:
        terms.append(_term(bare, Form.FOLDED))
    # Also from the form without accents: there is no telling what a word typed without them
    # would be with them, so the caption's stem must be found from it.
    stems = {stemmer_of(language)(form) for language in languages for form in {written, bare}}
    terms.extend(_term(f"~{stem}", Form.STEM) for stem in sorted(filter(None, stems)))
    if kin is not None and not is_function_word(written):
        terms.append(_term(f"^{kin(written)}", Form.KIN))
    return tuple(terms)


@lru_cache(maxsize=4096)
def terms_of_text(
    text: str, languages: tuple[str, ...], kin: Kin | None = None
) -> tuple[tuple[Term, ...], ...]:
    """For each word of the text, in order, its terms.

    Kept for the texts met last: places, creators and collections come again and again, and so
    do the captions of pictures that many searches show.
    """
    return tuple([terms_of_word(word, languages, kin) for word in words_of(text)])


def query_terms(
    text: str,
    languages: tuple[str, ...],
    form_weights: Mapping[Form, float],
    kin: Kin | None = None,
) -> tuple[QueryTerm, ...]:
    """The terms a query asks for, each once, with the highest weight any of its words gives.

    Function words are left out, unless there are no others. A word with accents splits the
    written form's weight between its two spellings, so that it counts no more than one
    without.
    """
    chosen: dict[int, QueryTerm] = {}
    for word in content_words(words_of(text), languages):
        for asked in _weighted(word, terms_of_word(word, languages, kin), form_weights):
            known = chosen.get(asked.term.id)
            if known is None or known.weight < asked.weight:
                chosen[asked.term.id] = asked
    return tuple(each for each in chosen.values() if each.weight > 0)


def _weighted(
    word: str, terms: Sequence[Term], form_weights: Mapping[Form, float]
) -> list[QueryTerm]:
    """The two spellings share their weight, and so do the stems of several languages."""
    shared = Counter(_SAME.get(term.form, term.form) for term in terms)
    return [
        QueryTerm(term, word, form_weights[term.form] / shared[_SAME.get(term.form, term.form)])
        for term in terms
    ]


_SAME = {Form.FOLDED: Form.WRITTEN}


def _term(text: str, form: Form) -> Term:
    return Term(term_id(text), text, form)
