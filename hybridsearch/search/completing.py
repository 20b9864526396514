"""Completion: what a query that is still being typed may be going to say.

In: the text up to where a person types, the archive's lexicon. Out: its names and words that begin
as typed, most frequent first, each with the query that it would make.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from hybridsearch.analysis.words import bare_word, folded, word_spans
from hybridsearch.domain.names import LONGEST, TEXT
from hybridsearch.ports import Lexicon
from hybridsearch.search.language.fields import Reading, field_named

SHORTEST = 2
"""Letters from which there is something to complete: one is the beginning of everything, unless
whole words before it leave little ("Jack D")."""

_CLAUSE = regex.compile(r"(?:^|[\s(+-])(?P<name>\w[\w-]*):(?P<value>\"[^\"]*|[^\s\"]*)$")
_PLACES = ("city", "region", "country")


@dataclass(frozen=True, slots=True)
class Completion:
    """``text`` as the archive spells it; ``field`` is None for a word of its texts.

    ``query`` is what was typed with the completion in its place.
    """

    text: str
    field: str | None
    count: int
    query: str


def complete(typed: str, lexicon: Lexicon | None, limit: int) -> tuple[Completion, ...]:
    """The likeliest completions of the end of a query, at most ``limit``.

    Names come before words; a name may complete several words at once ("grace ho").
    """
    if lexicon is None or not typed or typed[-1].isspace():
        return ()
    clause = _CLAUSE.search(typed)
    if clause is not None and field_named(clause["name"]) is not None:
        return _of_clause(typed, clause, lexicon, limit)
    found: dict[str, Completion] = {}
    for each in (*_names(typed, lexicon, limit), *_words(typed, lexicon, limit)):
        known = found.setdefault(folded(each.text), each)
        if known.field is None and each.field is not None:
            found[folded(each.text)] = each
    return tuple(found.values())[:limit]


def _of_clause(
    typed: str, clause: regex.Match[str], lexicon: Lexicon, limit: int
) -> tuple[Completion, ...]:
    """``by:Kov`` is completed from the creators alone, and quoted where it needs to be."""
    field = field_named(clause["name"])
    if field is None or field.reading not in (Reading.WORDS, Reading.VALUE):
        return ()
    fields = _PLACES if field.name == "place" else (field.name,)
    value = clause["value"].lstrip('"')
    spans = word_spans(value)
    if not spans or (len(spans) == 1 and len(value[spans[-1][0] :]) < SHORTEST):
        return ()
    whole = [folded(value[start:end]) for start, end in spans[:-1]]
    before = typed[: clause.start("value")]
    names = lexicon.complete(whole, folded(value[spans[-1][0] :]), limit, fields)
    return tuple(
        Completion(each.display, each.field, each.count, before + _quoted(each.display))
        for each in names
    )


def _quoted(value: str) -> str:
    plain = value.replace('"', "")
    return f'"{plain}"' if " " in plain else plain


def _names(typed: str, lexicon: Lexicon, limit: int) -> Iterator[Completion]:
    """Names for the longest end of the text that has any, then for shorter ends."""
    spans = word_spans(typed)[-LONGEST:]
    for start, tail in _tails(typed, spans):
        *whole, beginning = tail
        if not whole and len(beginning) < SHORTEST:
            continue
        # A name said by a field and by the texts comes twice: ask for more than are shown.
        for each in lexicon.complete(whole, beginning, 2 * limit):
            field = None if each.field == TEXT else each.field
            yield Completion(each.display, field, each.count, typed[:start] + each.display)


def _tails(typed: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[str]]]:
    words = [folded(typed[start:end]) for start, end in spans]
    for at, (start, _) in enumerate(spans):
        yield start, words[at:]


def _words(typed: str, lexicon: Lexicon, limit: int) -> Iterator[Completion]:
    spans = word_spans(typed)
    if not spans:
        return
    start, end = spans[-1]
    beginning = bare_word(typed[start:end])
    if len(beginning) < SHORTEST:
        return
    for each in lexicon.words_from(beginning, limit):
        yield Completion(each.display, None, each.documents, typed[:start] + each.display)
