"""What a tree requires of the payload, what of it ranks, and what no hit may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hybridsearch.analysis.texts import compared_words
from hybridsearch.domain.filters import AnyOf, Condition, Filter
from hybridsearch.search.language.clauses import text_has
from hybridsearch.search.language.syntax import Clause, Exact, Join, Joint, Node, Not, Scoped, Word


def condition_of(node: Node) -> Condition | None:
    """The condition that a node stands for where it is a condition; each word is required.

    None for a word without letters or digits, which requires nothing and excludes nothing.
    """
    match node:
        case Word():
            words = compared_words(node.read)
            return text_has(words) if words else None
        case Exact():
            return text_has(node.words)
        case Clause():
            return node.condition
        case Scoped():
            return condition_of(node.node)
        case Not():
            condition = condition_of(node.node)
            return None if condition is None else _none(condition)
    found = (condition_of(each) for each in node.nodes)
    conditions = [each for each in found if each is not None]
    if not conditions:
        return None
    return _any(conditions) if node.joint is Joint.OR else _only(all_of(conditions))


def all_of(conditions: Iterable[Condition]) -> Filter:
    """The filter that asks for every condition, as flat as it can be."""
    must: list[Condition] = []
    must_not: list[Condition] = []
    for each in conditions:
        if isinstance(each, Filter) and not each.should:
            must.extend(each.must)
            must_not.extend(each.must_not)
        else:
            must.append(each)
    return Filter(must=tuple(must), must_not=tuple(must_not))


def leaves(condition: Condition) -> int:
    """How many conditions on single keys there are in it."""
    if isinstance(condition, Filter):
        return sum(map(leaves, (*condition.must, *condition.should, *condition.must_not)))
    return len(condition.values) if isinstance(condition, AnyOf) else 1


def _any(conditions: list[Condition]) -> Condition:
    """At least one of them; values asked of the same key become one condition."""
    values: dict[str, dict[str, None]] = {}
    others: list[Condition] = []
    for each in conditions:
        if isinstance(each, AnyOf):
            values.setdefault(each.key, {}).update(dict.fromkeys(each.values))
        elif isinstance(each, Filter) and not each.must and not each.must_not:
            others.extend(each.should)
        else:
            others.append(each)
    same = [AnyOf(key, tuple(wanted)) for key, wanted in values.items()]
    return _only(Filter(should=(*same, *others)))


def _none(condition: Condition) -> Condition:
    """The condition does not hold."""
    if isinstance(condition, Filter):
        if not condition.must and not condition.should and len(condition.must_not) == 1:
            return condition.must_not[0]
        if not condition.must and not condition.must_not:
            return Filter(must_not=condition.should)
    return Filter(must_not=(condition,))


def _only(condition: Filter) -> Condition:
    """A filter of one required condition is that condition."""
    if len(condition.must) == 1 and not condition.should and not condition.must_not:
        return condition.must[0]
    if len(condition.should) == 1 and not condition.must and not condition.must_not:
        return condition.should[0]
    return condition


def ranking(node: Node, negated: bool = False) -> Iterator[Word | Exact]:
    """The words and phrases that rank: all that are not excluded, in the order typed."""
    match node:
        case Word() | Exact():
            if not negated:
                yield node
        case Scoped():
            yield from ranking(node.node, negated)
        case Not():
            yield from ranking(node.node, not negated)
        case Join():
            for each in node.nodes:
                yield from ranking(each, negated)


def excluded(node: Node, negated: bool = False) -> Iterator[Word | Exact]:
    """The words and phrases that no hit may have, whatever else it has.

    ``-(a OR b)`` excludes both; ``-(a AND b)`` excludes neither, as either may be there alone.
    """
    match node:
        case Word() | Exact():
            if negated:
                yield node
        case Not():
            yield from excluded(node.node, not negated)
        case Join() if negated == (node.joint is Joint.OR):
            for each in node.nodes:
                yield from excluded(each, negated)
