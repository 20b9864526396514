"""Facets: how many pictures of a filter's matches have each person, place, year and so on.

In: a store and a filter. Out: for each facet its most frequent values with exact counts, as the
archive spells them. Counts are of the filter's matches, not of the ranked list: a ranking by
looks has every picture in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hybridsearch.analysis.payload import ORIENTATION_KEY, YEAR_KEY
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.errors import QueryError
from hybridsearch.ports import Store

Display = Callable[[str, str], str]
"""(field, folded value) to the archive's own spelling."""

FACETS: dict[str, str] = {
    "people": "match.people",
    "organisations": "match.organisations",
    "event": "match.event",
    "city": "match.city",
    "region": "match.region",
    "country": "match.country",
    "creator": "match.creator",
    "credit": "match.credit",
    "collection": "match.collection",
    "keywords": "match.keywords",
    "usage_terms": "match.usage_terms",
    "orientation": ORIENTATION_KEY,
    "year": YEAR_KEY,
}
"""Each facet's key in the payload."""

MOST_YEARS = 40
"""Bars of a histogram that can still be read; more years than that are told by decades."""

_ALL_YEARS = 10_000


@dataclass(frozen=True, slots=True)
class FacetValue:
    """``value`` is what ``field=value`` filters by; ``display`` how a person reads it."""

    value: str
    display: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values first; equal counts by value."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Pictures dated from the year ``first`` to ``last``, both included."""

    first: int
    last: int
    count: int


def facets(
    store: Store,
    filter: Filter = EVERYTHING,
    names: Sequence[str] = tuple(FACETS),
    limit: int = 10,
    display: Display = lambda _, value: value,
) -> tuple[Facet, ...]:
    """The facets by name, each with its ``limit`` most frequent values; empty ones are left out.

    Raises:
        QueryError: there is no facet of a name.
    """
    unknown = [name for name in names if name not in FACETS]
    if unknown:
        raise QueryError(f"There is no facet {unknown[0]!r}.", f"Choose from {', '.join(FACETS)}.")
    found = (Facet(name, _values(store, filter, name, limit, display)) for name in names)
    return tuple(facet for facet in found if facet.values)


def histogram(store: Store, filter: Filter = EVERYTHING) -> tuple[Bar, ...]:
    """Pictures by year, or by decade where the years are many; from the first to the last bar.

    Every bar between them is there, those without a picture too. A picture whose date spans
    two years is in none.
    """
    by_year = Counter(
        {int(each.value): each.count for each in store.facet(YEAR_KEY, _ALL_YEARS, filter)}
    )
    if not by_year:
        return ()
    width = 1 if max(by_year) - min(by_year) < MOST_YEARS else 10
    bars: Counter[int] = Counter()
    for year, count in by_year.items():
        bars[year // width * width] += count
    starts = range(min(bars), max(bars) + 1, width)
    return tuple(Bar(start, start + width - 1, bars[start]) for start in starts)


def _values(
    store: Store, filter: Filter, name: str, limit: int, display: Display
) -> tuple[FacetValue, ...]:
    counts = store.facet(FACETS[name], limit, filter)
    return tuple(FacetValue(each.value, display(name, each.value), each.count) for each in counts)
