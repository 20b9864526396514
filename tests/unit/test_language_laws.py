"""Boolean queries mean what logic says: the filter against a small evaluator of its own.

The evaluator walks the query that was made, not the one that was read, over small assets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from hybridsearch.adapters.stores.matching import passes
from hybridsearch.analysis.payload import Stamp, payload_of
from hybridsearch.domain.asset import Asset
from hybridsearch.search.language import understand

TODAY = date(2024, 7, 17)
STAMP = Stamp(None, None, None, "")

CAPTIONS = ("", "fire", "Smoke ship", "Fire, smoke!", "smoke fire")
PLACES = (None, "Paris", "Novo mesto")
YEARS = ("1941", "1942-06")
ASSETS = tuple(
    Asset(f"{number}", caption=caption, city=city, date_created=year)
    for number, (caption, city, year) in enumerate(product(CAPTIONS, PLACES, YEARS))
)
PAYLOADS = {asset.id: payload_of(asset, STAMP, {}) for asset in ASSETS}


@dataclass(frozen=True)
class Word:
    word: str

    def typed(self) -> str:
        return self.word

    def holds(self, asset: Asset) -> bool:
        return self.word in words(asset.caption) or self.word in words(asset.city)


@dataclass(frozen=True)
class Phrase:
    phrase: str

    def typed(self) -> str:
        return f'"{self.phrase}"'

    def holds(self, asset: Asset) -> bool:
        texts = (" ".join(words(text)) for text in (asset.caption, asset.city))
        return any(f" {self.phrase} " in f" {text} " for text in texts)


@dataclass(frozen=True)
class City:
    value: str

    def typed(self) -> str:
        return f"in:{self.value}"

    def holds(self, asset: Asset) -> bool:
        return self.value in words(asset.city)


@dataclass(frozen=True)
class Year:
    year: str

    def typed(self) -> str:
        return f"date:{self.year}"

    def holds(self, asset: Asset) -> bool:
        return (asset.date_created or "").startswith(self.year)


@dataclass(frozen=True)
class Not:
    node: Node
    sign: str

    def typed(self) -> str:
        return self.sign + enclosed(self.node, isinstance(self.node, Join))

    def holds(self, asset: Asset) -> bool:
        return not self.node.holds(asset)


@dataclass(frozen=True)
class Join:
    operator: str
    nodes: Sequence[Node]

    def typed(self) -> str:
        binds = ["", "OR", "AND"].index
        return f" {self.operator} ".join(
            enclosed(each, isinstance(each, Join) and binds(each.operator) <= binds(self.operator))
            for each in self.nodes
        )

    def holds(self, asset: Asset) -> bool:
        held = [each.holds(asset) for each in self.nodes]
        return any(held) if self.operator == "OR" else all(held)


Node = Word | Phrase | City | Year | Not | Join


def words(text: str | None) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in (text or "").lower()).split()


def enclosed(node: Node, needed: bool) -> str:
    return f"({node.typed()})" if needed else node.typed()


def requires(node: Node) -> bool:
    """Plain words, alone, side by side or joined by OR, only rank."""
    if isinstance(node, Join) and node.operator != "AND":
        return any(requires(each) for each in node.nodes)
    return not isinstance(node, Word)


def found(text: str) -> set[str]:
    made = understand(text, TODAY)
    return {key for key, payload in PAYLOADS.items() if passes(payload, made.filter)}


def expected(items: Sequence[Node]) -> set[str]:
    strict = [item for item in items if requires(item)]
    return {asset.id for asset in ASSETS if all(item.holds(asset) for item in strict)}


def query(items: Sequence[Node]) -> str:
    return " ".join(
        enclosed(item, isinstance(item, Join) and item.operator == "") for item in items
    )


LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(["fire", "smoke", "ship", "mesto"]).map(Word),
    st.sampled_from(["fire smoke", "smoke", "novo mesto"]).map(Phrase),
    st.sampled_from(["paris", "mesto"]).map(City),
    st.sampled_from(["1941", "1942"]).map(Year),
)


def grown(smaller: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(smaller, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Not, smaller.filter(lambda node: not isinstance(node, Not)), SIGNS),
        st.builds(Join, st.sampled_from(["OR", "AND", ""]), several),
    )


FEW = settings(max_examples=60, deadline=None)
SIGNS = st.sampled_from(["-", "NOT "])
TREES = st.recursive(LEAVES, grown, max_leaves=8)
STRICT = TREES.map(lambda tree: f"({tree.typed()}) AND date:1900..1999")


@settings(max_examples=200, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=4))
def test_the_filter_is_the_query(items: list[Node]) -> None:
    assert found(query(items)) == expected(items)


@FEW
@given(STRICT, STRICT)
def test_and_or_and_side_by_side(a: str, b: str) -> None:
    assert found(f"({a}) AND ({b})") == found(a) & found(b)
    assert found(f"({a}) ({b})") == found(a) & found(b)
    assert found(f"({a}) OR ({b})") == found(a) | found(b)


@FEW
@given(STRICT, SIGNS)
def test_not_is_the_rest(a: str, sign: str) -> None:
    assert found(f"{sign}({a})") == set(PAYLOADS) - found(a)
    assert found(f"{sign}({sign}({a}))") == found(a)


@FEW
@given(STRICT, STRICT)
def test_de_morgan(a: str, b: str) -> None:
    assert found(f"-(({a}) OR ({b}))") == found(f"-({a}) -({b})")
    assert found(f"-(({a}) AND ({b}))") == found(f"(-({a})) OR NOT ({b})")


@FEW
@given(STRICT, STRICT, STRICT)
def test_and_binds_tighter_than_or(a: str, b: str, c: str) -> None:
    joined = found(f"({a}) OR ({b}) AND ({c})")
    assert joined == found(a) | (found(b) & found(c))
    assert found(f"NOT ({a}) AND ({b})") == found(b) - found(a)
    assert found(f"({a}) OR ({b}) ({c})") == (found(a) | found(b)) & found(c)


@FEW
@given(st.lists(LEAVES, min_size=2, max_size=5))
def test_a_field_before_a_group_is_a_field_before_each(leaves: list[Node]) -> None:
    values = [leaf.word for leaf in leaves if isinstance(leaf, Word)] or ["paris"]
    apart = " OR ".join(f"in:{value}" for value in values)
    assert found(f"in:({' OR '.join(values)})") == found(apart)
    assert found(f"-in:({' OR '.join(values)})") == set(PAYLOADS) - found(apart)


def test_the_assets_tell_queries_apart() -> None:
    counts = {text: len(found(text)) for text in ("fire AND smoke", '"fire smoke"', "date:1942")}
    assert counts == {"fire AND smoke": 12, '"fire smoke"': 6, "date:1942": 15}
