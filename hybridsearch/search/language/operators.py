"""Operators that have what they join; the others are words.

In: the tokens as scanned. Out: the same, where AND and OR stand between two operands and NOT
before one. Operators in a row between two operands (``a OR OR b``) are read as the first; at
the beginning and at the end of a query or group there is nothing to join, so they are words.
"""

from __future__ import annotations

from dataclasses import replace

from hybridsearch.domain.notes import NoteKind
from hybridsearch.search.language.tokens import Kind, Notes, Token

_OPERATORS = (Kind.AND, Kind.OR, Kind.NOT)
_ENDS = (Kind.WORD, Kind.PHRASE, Kind.CLAUSE, Kind.CLOSE)
"""What an operand ends with."""


def settled(tokens: list[Token], notes: Notes) -> list[Token]:
    """The tokens with each operator in its place."""
    if not any(token.kind in _OPERATORS for token in tokens):
        return tokens
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and tokens[end].kind in _OPERATORS:
            end += 1
        if end == at:
            kept.append(tokens[at])
            at += 1
            continue
        run = tokens[at:end]
        follows = end < len(tokens) and tokens[end].kind is not Kind.CLOSE
        kept.extend(_run(run, kept[-1].kind if kept else None, follows, notes))
        at = end
    return kept


def _run(run: list[Token], previous: Kind | None, follows: bool, notes: Notes) -> list[Token]:
    """A row of operators after a token of the kind ``previous``."""
    if previous is Kind.MINUS:
        word = _word(run[0], notes)
        return [word, *_run(run[1:], Kind.WORD, follows, notes)]
    nots = 0
    while follows and nots < len(run) and run[-1 - nots].kind is Kind.NOT:
        nots += 1
    before, negations = run[: len(run) - nots], run[len(run) - nots :]
    if not before:
        return negations
    if previous not in _ENDS or not follows:
        return [*(_word(each, notes) for each in before), *negations]
    if len(before) > 1:
        notes.add(NoteKind.OPERATORS_IN_A_ROW.of())
    first = next(each for each in before if each.kind is not Kind.NOT)
    return [first, *negations]


def _word(token: Token, notes: Notes) -> Token:
    notes.add(NoteKind.JOINS_NOTHING.of(text=token.text))
    return replace(token, kind=Kind.WORD)
