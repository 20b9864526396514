"""The grammar: tokens into the tree of the query.

    query   = either *                  side by side: each ranks or requires for itself
    either  = both ( OR both )*
    both    = operand ( AND operand )*
    operand = ( NOT | "-" )* ( word | phrase | clause | [ field: ] "(" query ")" )

Every operator has its operands (``operators.py`` sees to it) and every parenthesis its partner,
so there is no error: each token finds its place in the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from hybridsearch.domain.notes import NoteKind
from hybridsearch.search.language.clauses import meaning_of
from hybridsearch.search.language.fields import Field
from hybridsearch.search.language.syntax import (
    Clause,
    Exact,
    Join,
    Joint,
    Node,
    Not,
    Scoped,
    Word,
    joined,
)
from hybridsearch.search.language.tokens import Kind, Notes, Token, shortened
from hybridsearch.search.language.unread import Unread
from hybridsearch.search.language.writing import clause_text, written


def tree_of(tokens: list[Token], today: date, notes: Notes) -> list[Node]:
    """The nodes that stand side by side in the query."""
    return _Reader(tokens, today, notes).items(None)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The field that words and phrases inside ``field:( ... )`` are values of."""

    field: Field
    exact: bool


class _Reader:
    def __init__(self, tokens: list[Token], today: date, notes: Notes) -> None:
        self._tokens = tokens
        self._kinds = [*(token.kind for token in tokens), None]
        self._at = 0
        self._today = today
        self._notes = notes

    def items(self, scope: _Scope | None) -> list[Node]:
        """All up to the parenthesis that closes the group, or to the end."""
        nodes = []
        while self._kinds[self._at] not in (None, Kind.CLOSE):
            nodes.append(self._either(scope))
        return nodes

    def _either(self, scope: _Scope | None) -> Node:
        nodes = [self._both(scope)]
        while self._steps_over(Kind.OR):
            nodes.append(self._both(scope))
        return joined(Joint.OR, nodes)

    def _both(self, scope: _Scope | None) -> Node:
        nodes = [self._operand(scope)]
        while self._steps_over(Kind.AND):
            nodes.append(self._operand(scope))
        return joined(Joint.AND, nodes)

    def _operand(self, scope: _Scope | None) -> Node:
        start = self._tokens[self._at].start
        signs = 0
        while self._steps_over(Kind.NOT, Kind.MINUS):
            signs += 1
        node = self._primary(scope)
        if not signs:
            return node
        negated = signs % 2 == 1
        if isinstance(node, Not):
            node, negated = node.node, not negated
        if negated:
            if isinstance(node, Join) and node.loose:
                self._notes.add(NoteKind.EXCLUDES_ALL.of(text=shortened(written(node))))
            return Not(start, node.end, node)
        node = replace(node, start=start)
        return replace(node, loose=False) if isinstance(node, Join) else node

    def _primary(self, scope: _Scope | None) -> Node:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind is Kind.OPEN:
            return self._group(token, scope)
        if token.field is not None:
            if token.kind is Kind.SCOPE:
                return self._scoped(token, _Scope(token.field, token.exact))
            return self._clause(token, _Scope(token.field, token.exact))
        if scope is not None:
            return self._clause(token, scope)
        if token.kind is Kind.PHRASE:
            return Exact(token.start, token.end, token.text, token.words)
        return Word(token.start, token.end, token.text, token.read)

    def _group(self, opened: Token, scope: _Scope | None) -> Node:
        nodes = self.items(scope)
        closed = self._tokens[self._at]
        self._at += 1
        node = replace(joined(Joint.NEXT, nodes), start=opened.start, end=closed.end)
        if isinstance(node, Join) and node.joint is Joint.NEXT and node.ranks_only:
            return replace(node, loose=True)
        return node

    def _scoped(self, token: Token, scope: _Scope) -> Node:
        """``field:( ... )``; a single clause within is that clause."""
        opened = self._tokens[self._at]
        self._at += 1
        node = self._group(opened, scope)
        if not isinstance(node, Join):
            return replace(node, start=token.start)
        return Scoped(token.start, node.end, scope.field, scope.exact, node)

    def _clause(self, token: Token, scope: _Scope) -> Node:
        """``field:value``, or words where the value cannot be read."""
        field, exact = scope.field, scope.exact
        value = token.read or token.text
        meaning = meaning_of(field, value, exact, self._today)
        if isinstance(meaning, Unread):
            text = clause_text(field, value, exact)
            self._notes.add(meaning.note(shortened(text)))
            return Word(token.start, token.end, text, value)
        if meaning.note:
            self._notes.add(meaning.note)
        return Clause(token.start, token.end, field, value, exact, meaning.condition, meaning.shown)

    def _steps_over(self, *kinds: Kind) -> bool:
        if self._kinds[self._at] not in kinds:
            return False
        self._at += 1
        return True
