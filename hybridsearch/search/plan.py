"""The planner, first version: one leg by looks, one by words, fused by weighted RRF.

A leg that has nothing to say is not asked: words that no caption has make no words leg, an
archive without an encoder has no looks leg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.terms import Form, QueryTerm
from hybridsearch.domain.explain import listed
from hybridsearch.domain.filters import AnyOf, Filter
from hybridsearch.domain.fusion import RRF_K
from hybridsearch.domain.plan import Leg, LegKind, Plan, PlannedTerm
from hybridsearch.domain.query import Query

IdfOf = Callable[[Sequence[int]], Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class PlannerSettings:
    """``depth`` is how far each leg is read; the weights say how much each leg counts."""

    depth: int = 200
    looks_weight: float = 1.0
    words_weight: float = 1.0
    k: int = RRF_K


def plan(
    query: Query, analyzer: Analyzer, idf_of: IdfOf, sees: bool, settings: PlannerSettings
) -> Plan:
    """Decide the legs for a parsed query.

    ``sees`` tells whether the archive has picture vectors; ``idf_of`` gives the weight the
    store will use for a term, and leaves out terms of no document.
    """
    depth = max(settings.depth, query.limit)
    notes: list[str] = []
    legs = list(_looks_legs(query, depth, settings)) if sees else []
    if query.text:
        terms = _planned(analyzer.query(query.text), idf_of)
        notes.extend(_notes_on(terms))
        if any(term.idf is not None for term in terms):
            legs.append(
                Leg("words", LegKind.WORDS, settings.words_weight, depth, query.text, terms=terms)
            )
        elif legs:
            notes.append("No word of the query is in the archive: looks alone decide.")
    if query.text and not sees:
        notes.append("The archive was indexed without an encoder: words alone decide.")
    return Plan(tuple(legs), _without_the_asked(query), query.limit, settings.k, tuple(notes))


def _looks_legs(query: Query, depth: int, settings: PlannerSettings) -> list[Leg]:
    """One leg for each thing to look like; together they share the weight of looks."""
    weight = settings.looks_weight
    legs = []
    if query.text:
        legs.append(Leg("looks", LegKind.LOOKS, weight, depth, text=query.text))
    if query.picture is not None:
        legs.append(Leg("picture", LegKind.LOOKS, weight, depth, picture=query.picture))
    if query.like is not None:
        legs.append(Leg("like", LegKind.LOOKS, weight, depth, like=query.like))
    return [replace(leg, weight=weight / len(legs)) for leg in legs]


def _planned(terms: Sequence[QueryTerm], idf_of: IdfOf) -> tuple[PlannedTerm, ...]:
    idf = idf_of([each.term.id for each in terms])
    return tuple(
        PlannedTerm(
            each.term.id,
            each.term.text,
            each.term.form,
            each.word,
            each.weight,
            idf.get(each.term.id),
        )
        for each in terms
    )


def _notes_on(terms: Sequence[PlannedTerm]) -> list[str]:
    found = {term.word for term in terms if term.idf is not None}
    written = {term.word for term in terms if term.idf is not None and term.form != Form.STEM}
    unknown = list(dict.fromkeys(term.word for term in terms if term.word not in found))
    inflected = list(dict.fromkeys(term.word for term in terms if term.word in found - written))
    notes = []
    if unknown:
        verb = "is" if len(unknown) == 1 else "are"
        notes.append(f"{listed([f'“{word}”' for word in unknown])} {verb} in no caption or field.")
    if inflected:
        words = listed([f"“{word}”" for word in inflected])
        notes.append(f"{words} matched by stem only.")
    return notes


def _without_the_asked(query: Query) -> Filter:
    """More like this never answers with this."""
    if query.like is None:
        return query.filter
    return Filter(
        must=(query.filter,) if query.filter else (),
        must_not=(AnyOf("match.id", (query.like,)),),
    )
