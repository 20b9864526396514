"""The tree of a query: words, phrases, clauses, and how they are joined.

Every node knows the characters ``[start, end)`` of the typed text it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hybridsearch.domain.filters import Condition
from hybridsearch.search.language.fields import Field


class Joint(Enum):
    """What joins the nodes of a Join; the value binds the tighter the higher it is."""

    NEXT = 1
    OR = 2
    AND = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A free word; ``text`` as typed, ``read`` as it ranks."""

    start: int
    end: int
    text: str
    read: str


@dataclass(frozen=True, slots=True)
class Exact:
    """An exact phrase; ``text`` is the inside of its quotes, ``words`` are compared."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """``field:value`` with what it requires; ``shown`` is the value as it was understood."""

    start: int
    end: int
    field: Field
    value: str
    exact: bool
    condition: Condition
    shown: str


@dataclass(frozen=True, slots=True)
class Scoped:
    """``field:( ... )``."""

    start: int
    end: int
    field: Field
    exact: bool
    node: Node


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    start: int
    end: int
    node: Node


@dataclass(frozen=True, slots=True)
class Join:
    """Two nodes or more.

    ``ranks_only`` holds for words joined by OR or standing side by side, which require nothing.
    ``loose`` are such words in parentheses that could as well stand without them.
    """

    start: int
    end: int
    joint: Joint
    nodes: tuple[Node, ...]
    ranks_only: bool
    loose: bool = False


Node = Word | Exact | Clause | Scoped | Not | Join


def ranks_only(node: Node) -> bool:
    """Whether the node requires nothing of a picture."""
    return isinstance(node, Word) or (isinstance(node, Join) and node.ranks_only)


def joined(joint: Joint, nodes: list[Node]) -> Node:
    """The nodes as one; a single node is itself."""
    if len(nodes) == 1:
        return nodes[0]
    free = joint is not Joint.AND and all(ranks_only(node) for node in nodes)
    return Join(nodes[0].start, nodes[-1].end, joint, tuple(nodes), free)
