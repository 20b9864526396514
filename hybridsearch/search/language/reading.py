"""A typed query, read: ``understand`` calls the steps in order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date

from hybridsearch.analysis.texts import compared_words
from hybridsearch.domain.filters import Condition
from hybridsearch.domain.notes import NoteKind
from hybridsearch.domain.understood import Part, PartKind, Phrase, Understood
from hybridsearch.search.language.fields import Reading
from hybridsearch.search.language.grammar import tree_of
from hybridsearch.search.language.operators import settled
from hybridsearch.search.language.requirements import (
    all_of,
    condition_of,
    excluded,
    leaves,
    ranking,
)
from hybridsearch.search.language.scan import tokens_of
from hybridsearch.search.language.syntax import (
    Clause,
    Exact,
    Join,
    Node,
    Not,
    Scoped,
    Word,
    ranks_only,
)
from hybridsearch.search.language.tokens import Kind, Notes, Token, shortened
from hybridsearch.search.language.writing import written

MAX_CONDITIONS = 100
"""Conditions on single keys in one query's filter; a store tests each of them."""

_SHOUTED = 4
"""Words; a longer query all in capitals is likely a pasted headline."""

_KINDS = {
    Reading.WORDS: PartKind.FIELD,
    Reading.VALUE: PartKind.FIELD,
    Reading.DATE: PartKind.DATE,
    Reading.HAS: PartKind.HAS,
    Reading.IS: PartKind.IS,
    Reading.NEAR: PartKind.PLACE,
    Reading.BOX: PartKind.PLACE,
}


def understand(text: str, today: date) -> Understood:
    """What a typed query asks for; ``today`` is what relative dates count from.

    Never fails: what cannot be read as syntax is read as words, and the notes say so.
    """
    notes = Notes()
    tokens = settled(tokens_of(text, notes), notes)
    nodes = list(_loosened(tree_of(tokens, today, notes)))
    if _shouted(tokens):
        notes.add(NoteKind.CAPITALS.of())
    conditions = _conditions(nodes, notes)
    ranked = [each for node in nodes for each in ranking(node)]
    return Understood(
        text=_composed(each.read if isinstance(each, Word) else each.text for each in ranked),
        phrases=tuple(
            Phrase(each.words, _spaced(each.text)) for each in ranked if isinstance(each, Exact)
        ),
        excluded=tuple(_excluded(nodes)),
        filter=all_of(conditions),
        parts=tuple(_parts(text, nodes)),
        notes=notes.told(),
    )


def _shouted(tokens: list[Token]) -> bool:
    """Whether AND or NOT stand in a query whose words are all in capitals."""
    words = [token.text for token in tokens if token.kind is Kind.WORD]
    operators = any(token.kind in (Kind.AND, Kind.NOT) for token in tokens)
    return operators and len(words) > _SHOUTED and " ".join(words).isupper()


def _loosened(nodes: Iterable[Node]) -> Iterator[Node]:
    """Words in parentheses that change nothing stand without them."""
    for node in nodes:
        if isinstance(node, Join) and node.loose:
            yield from _loosened(node.nodes)
        else:
            yield node


def _conditions(nodes: list[Node], notes: Notes) -> list[Condition]:
    """What each node requires; those beyond the bound on conditions require nothing."""
    room = MAX_CONDITIONS
    kept = []
    for node in nodes:
        condition = None if ranks_only(node) else condition_of(node)
        if condition is None:
            continue
        size = leaves(condition)
        if size <= room:
            room -= size
            kept.append(condition)
        else:
            told = shortened(written(node))
            notes.add(NoteKind.TOO_MANY_CONDITIONS.of(most=MAX_CONDITIONS, text=told))
    return kept


def _excluded(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        for each in excluded(node):
            text = each.read if isinstance(each, Word) else each.text
            if compared_words(text):
                yield _spaced(text)


def _parts(text: str, nodes: list[Node]) -> Iterator[Part]:
    """One part for each node; words with nothing but space between them are one part."""
    run: list[Word] = []
    for node in nodes:
        if run and not (isinstance(node, Word) and text[run[-1].end : node.start].isspace()):
            yield _run(run)
            run = []
        if isinstance(node, Word):
            run.append(node)
        else:
            yield _part(node)
    if run:
        yield _run(run)


def _run(words: list[Word]) -> Part:
    text = " ".join(written(each) for each in words)
    return Part(PartKind.WORDS, words[0].start, words[-1].end, text)


def _part(node: Node) -> Part:
    negated = isinstance(node, Not)
    inside = node.node if isinstance(node, Not) else node
    kind, field, value = PartKind.GROUP, None, None
    match inside:
        case Word():
            kind = PartKind.WORDS
        case Exact():
            kind, value = PartKind.PHRASE, _spaced(inside.text)
        case Clause():
            kind, field, value = _KINDS[inside.field.reading], inside.field.name, inside.shown
        case Scoped():
            kind, field = _KINDS[inside.field.reading], inside.field.name
            value = written(inside).partition(":")[2]
    text = written(inside)
    if isinstance(inside, Join) and negated and not text.startswith("("):
        text = f"({text})"
    return Part(kind, node.start, node.end, text, field, value, negated)


def _composed(texts: Iterable[str]) -> str:
    """One text with single spaces, composed (NFKC) as documents are."""
    text = _spaced(" ".join(texts))
    return text if text.isascii() else _spaced(unicodedata.normalize("NFKC", text))


def _spaced(text: str) -> str:
    return " ".join(text.split())
