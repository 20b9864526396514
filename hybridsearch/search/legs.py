"""The legs of a plan: what is ranked by words, and what by looks.

In: the query as understood. Out: legs without weights that depend on each other, so that the
planner can say how much each counts. A leg that has nothing to say is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hybridsearch.analysis.terms import Form, QueryTerm
from hybridsearch.domain.plan import Leg, LegKind, PlannedTerm
from hybridsearch.domain.query import Order, Query

IdfOf = Callable[[Sequence[int]], Mapping[int, float]]

WORDS, INFLECTED, LOOKS = "words", "inflected", "looks"
PICTURE, LIKE, DATE = "picture", "like", "date"

FURTHER_FORMS = frozenset({Form.KIN, Form.SPELLING})
"""The forms of the inflected leg: further away from what was typed than its stem is."""


def planned_terms(asked: Sequence[QueryTerm], idf_of: IdfOf) -> tuple[PlannedTerm, ...]:
    """The terms with the weight the store will multiply them by; None where no document has it."""
    idf = idf_of([each.term.id for each in asked])
    return tuple(
        PlannedTerm(
            each.term.id,
            each.term.text,
            each.term.form,
            each.word,
            each.weight,
            idf.get(each.term.id),
        )
        for each in asked
    )


def word_legs(
    text: str, terms: Sequence[PlannedTerm], weight: float, depth: int, *, apart: bool
) -> tuple[Leg, ...]:
    """One leg for what was typed and its stems, one for further forms that reach further.

    Only where they are fused by evidence may they be ``apart``: by rank, the first of the
    inflected would count as much as the first of the words.
    """
    near = tuple(each for each in terms if not apart or each.form not in FURTHER_FORMS)
    further = tuple(each for each in terms if apart and each.form in FURTHER_FORMS)
    legs = []
    for name, those in ((WORDS, near), (INFLECTED, further)):
        if any(term.idf is not None for term in those):
            legs.append(Leg(name, LegKind.WORDS, weight, depth, text, terms=those))
    return tuple(legs)


def date_leg(query: Query, depth: int) -> Leg:
    """What passes the filter by date, where nothing was asked for to rank by."""
    return Leg(DATE, LegKind.DATE, 1.0, depth, newest=query.order is not Order.OLDEST)


@dataclass(frozen=True, slots=True)
class Looks:
    """What pictures are to look like. ``scene`` is empty where it is the whole text."""

    text: str = ""
    scene: str = ""


def looks_legs(query: Query, looks: Looks, minus: str | None, depth: int) -> tuple[Leg, ...]:
    """One leg for each thing to look like, each with its share of the weight 1.

    The whole text keeps the names, of which a good encoder knows the famous; the scene alone
    is not distracted by those that it does not know. One leg asks for both.
    """
    made = Leg(LOOKS, LegKind.LOOKS, 1.0, depth)
    legs = []
    if looks.text:
        scene = looks.scene if looks.scene != looks.text else ""
        legs.append(replace(made, text=looks.text, scene=scene or None))
    if query.picture is not None:
        legs.append(replace(made, name=PICTURE, picture=query.picture, minus=minus))
    if query.like is not None:
        legs.append(replace(made, name=LIKE, like=query.like, minus=minus))
    return tuple(replace(leg, weight=1 / len(legs)) for leg in legs)
