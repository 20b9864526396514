"""What the planner tells a person: one sentence on what leads, and notes on the rest.

In: the plan's own values. Out: sentences; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.analysis.terms import Form
from hybridsearch.domain.listing import listed
from hybridsearch.domain.notes import Note, NoteKind
from hybridsearch.domain.plan import Leg, LegKind, Method, Plan, PlannedTerm
from hybridsearch.search.legs import FURTHER_FORMS, INFLECTED, LOOKS, WORDS

STRONG = 4.0
"""Spreads above the background of a strong match: about the best of thirty thousand pictures."""


def sentence_on(plan: Plan) -> str:
    """``“Geneva, Utah” is a name and leads by words (up to 24.1); “car” is the scene: …``"""
    words = [leg for leg in plan.legs if leg.kind is LegKind.WORDS]
    looks = [leg for leg in plan.legs if leg.kind is LegKind.LOOKS]
    if not plan.legs:
        return "There is nothing to rank by."
    if plan.legs[0].kind is LegKind.DATE:
        order = "newest" if plan.legs[0].newest else "oldest"
        return f"Nothing was asked for but the filter: the {order} come first."
    if not words or not looks:
        return f"{_subject(plan)}, {_alone(plan.legs)}."
    if plan.method is not Method.EVIDENCE:
        weights = " and ".join(f"{leg.name} {leg.weight:g}" for leg in plan.legs)
        how = (
            f"by rank (RRF, k = {plan.k})" if plan.method is Method.RRF else "by share of the best"
        )
        return f"{_subject(plan)} asks both words and looks, fused {how}: {weights}."
    most = sum(leg.weight * ceiling(leg) for leg in words)
    spread = sum(leg.weight for leg in looks)
    told_words = f"words give up to {most:.1f}"
    told_looks = f"looks{_scene(plan)} {spread:.2f} for each spread above the background"
    if most >= STRONG * spread:
        return f"{_subject(plan)}: words lead; {told_words}, {told_looks}."
    return f"{_subject(plan)}: looks lead; {told_looks}, {told_words}."


def ceiling(leg: Leg) -> float:
    """The most a caption can score that has each of the leg's known terms often (``k1`` = 1)."""
    return 2 * sum(term.weight * term.idf for term in leg.terms if term.idf is not None)


def notes_on(
    plan: Plan, terms: Sequence[PlannedTerm], *, sees: bool, unmeasured: bool
) -> tuple[Note, ...]:
    """What else was decided or could not be done."""
    notes = list(plan.understood.notes)
    notes.extend(_on_words(terms))
    respelled = {term.word for term in terms if term.form == Form.SPELLING}
    for each in plan.suggestions:
        meant = NoteKind.MEANT_TOO if each.typed in respelled else NoteKind.MEANT
        notes.append(meant.of(text=each.text, typed=each.typed))
    kinds = {leg.kind for leg in plan.legs}
    if plan.understood.text and LegKind.LOOKS in kinds and LegKind.WORDS not in kinds:
        notes.append(NoteKind.LOOKS_ALONE.of())
    if plan.understood.text and not sees:
        notes.append(NoteKind.WORDS_ALONE.of())
    if unmeasured and len(kinds) > 1:
        notes.append(NoteKind.UNMEASURED.of())
    return tuple(notes)


def _subject(plan: Plan) -> str:
    if plan.names:
        names = listed([f"“{name.display}”" for name in plan.names])
        return f"{names} {'is a name' if len(plan.names) == 1 else 'are names'}"
    if plan.scene:
        return f"“{plan.scene}” is a description"
    return "The picture alone"


def _scene(plan: Plan) -> str:
    return f", asked for “{plan.scene}” too," if any(leg.scene for leg in plan.legs) else ""


def _alone(legs: Sequence[Leg]) -> str:
    told = {WORDS: "words", INFLECTED: "further forms of the words", LOOKS: "looks"}
    return f"searched by {listed(list(dict.fromkeys(told.get(x.name, x.name) for x in legs)))}"


def _on_words(terms: Sequence[PlannedTerm]) -> list[Note]:
    by_form: dict[str, set[str]] = {}
    for term in terms:
        if term.idf is not None:
            by_form.setdefault(term.form, set()).add(term.word)
    written = by_form.get(Form.WRITTEN, set()) | by_form.get(Form.FOLDED, set())
    stemmed = by_form.get(Form.STEM, set()) - written
    further = {word for form in FURTHER_FORMS for word in by_form.get(form, set())}
    further -= written | stemmed
    words = list(dict.fromkeys(term.word for term in terms))
    unknown = [word for word in words if word not in written | stemmed | further]
    found = (
        (NoteKind.UNKNOWN_WORDS, unknown),
        (NoteKind.BY_STEM, [word for word in words if word in stemmed]),
        (NoteKind.BY_FURTHER_FORM, [word for word in words if word in further]),
    )
    return [kind.of(words=tuple(those)) for kind, those in found if those]
