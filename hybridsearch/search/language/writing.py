"""The regular writing of a query's parts: text that is read as the same tree."""

from __future__ import annotations

import re

from hybridsearch.domain.understood import negation
from hybridsearch.search.language.fields import Field
from hybridsearch.search.language.syntax import Clause, Exact, Join, Joint, Node, Not, Scoped, Word

_CURVED = re.compile('["\u201c\u201d\u201e\u201f\uff02]')
_GUILLEMETS = re.compile("[«»]")
_BARE = re.compile(r"\w[^\s()]*|[<>]=?\w[^\s()]*|\[[\w*-]+ TO [\w*-]+\]")
_BARE_IN_SCOPE = re.compile(r"\w[^\s():]*")
_OPERATORS = ("AND", "OR", "NOT")


def written(node: Node, scope: Scoped | None = None) -> str:
    """The node as a person would type it; inside the ``field:( ... )`` that is given."""
    match node:
        case Word():
            return f"({node.text})" if node.text in _OPERATORS else node.text
        case Exact():
            return _quoted(node.text)
        case Clause():
            if scope and (node.field, node.exact) == (scope.field, scope.exact):
                return _value(node.value, _BARE_IN_SCOPE)
            return clause_text(node.field, node.value, node.exact)
        case Scoped():
            return _name(node.field, node.exact) + _enclosed(_joined(node.node, node))
        case Not():
            text = _operand(node.node, scope)
            return negation(text) + text
    text = _joined(node, scope)
    return _enclosed(text) if node.joint is Joint.NEXT else text


def clause_text(field: Field, value: str, exact: bool) -> str:
    """``field:value``, with quotes where the value needs them."""
    return _name(field, exact) + _value(value, _BARE)


def _name(field: Field, exact: bool) -> str:
    return f"{field.name}:{'=' if exact else ''}"


def _value(value: str, bare: re.Pattern[str]) -> str:
    """Bare where that is read as one value; so is, unquoted, what holds quotes of both kinds."""
    value = " ".join(value.split())
    if bare.fullmatch(value) and value not in _OPERATORS:
        return value
    both = _CURVED.search(value) and _GUILLEMETS.search(value)
    return value if both and " " not in value else _quoted(value)


def _joined(node: Node, scope: Scoped | None) -> str:
    """The nodes of a Join with what joins them, without parentheses around."""
    if not isinstance(node, Join):
        return written(node, scope)
    between = " " if node.joint is Joint.NEXT else f" {node.joint.name} "
    return between.join(
        _enclosed(_joined(each, scope))
        if isinstance(each, Join) and each.joint.value <= node.joint.value
        else written(each, scope)
        for each in node.nodes
    )


def _operand(node: Node, scope: Scoped | None) -> str:
    text = _joined(node, scope)
    return _enclosed(text) if isinstance(node, Join) else text


def _enclosed(text: str) -> str:
    """In parentheses, set off where the last word has an open one of its own: ``f(x``."""
    last = text.rsplit(" ", 1)[-1]
    return f"({text} )" if last.count("(") > last.count(")") else f"({text})"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    if not _CURVED.search(text):
        return f'"{text}"'
    if _GUILLEMETS.search(text):
        return f'"{_CURVED.sub(" ", text)}"'
    return f"«{text}»"
