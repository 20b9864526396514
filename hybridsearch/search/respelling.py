"""Words that the archive does not have are searched for as what they were probably meant to be.

In: the query's planned terms. Out: suggestions for the person, and further terms for the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.stems import is_dictionary_word
from hybridsearch.analysis.terms import Form, QueryTerm
from hybridsearch.analysis.words import words_of
from hybridsearch.domain.names import Suggestion
from hybridsearch.domain.plan import PlannedTerm
from hybridsearch.ports import Lexicon
from hybridsearch.search.spelling import suggest

SPELLING_WEIGHT = 0.4
"""What the word that was meant counts, where a word that stands as typed counts 1."""


def missing_words(terms: Iterable[PlannedTerm]) -> frozenset[str]:
    """The query's words of which no document has any form."""
    known = {term.word for term in terms if term.idf is not None}
    return frozenset(term.word for term in terms) - known


def respelled(
    text: str, terms: Sequence[PlannedTerm], lexicon: Lexicon | None
) -> tuple[Suggestion, ...]:
    """What the words that no document has were probably meant to be."""
    missing = missing_words(terms)
    return suggest(words_of(text), missing, lexicon) if missing else ()


def meant_terms(suggestions: Iterable[Suggestion], analyzer: Analyzer) -> tuple[QueryTerm, ...]:
    """The terms of the suggested words, under the word that was typed.

    A word of the language is no misspelling because the archive has no picture of it: "night"
    is not searched for as "light". It is only asked back.
    """
    languages = analyzer.settings.languages
    found: dict[int, QueryTerm] = {}
    for each in suggestions:
        if not each.sure or is_dictionary_word(each.typed, languages):
            continue
        for meant in analyzer.query(each.text):
            term = replace(meant.term, form=Form.SPELLING)
            asked = QueryTerm(term, each.typed, meant.weight * SPELLING_WEIGHT)
            found.setdefault(term.id, asked)
    return tuple(found.values())
