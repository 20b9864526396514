"""Why a picture is in the answer, in one sentence a person reads.

Built from the values the scorer used, never from a second opinion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from hybridsearch.domain.fusion import Contribution
from hybridsearch.domain.listing import listed
from hybridsearch.domain.plan import Leg, LegKind, Method, Plan
from hybridsearch.domain.results import MatchedTerm

FIELD_NAMES = {
    "headline": "the headline",
    "caption": "the caption",
    "keywords": "the keywords",
    "people": "the people shown",
    "organisations": "the organisations",
    "event": "the event",
    "place": "the place",
    "creator": "the creator",
    "collection": "the collection",
    "ocr_text": "text in the picture",
}


def sentence_of(
    contributions: Sequence[Contribution], terms: Sequence[MatchedTerm], plan: Plan
) -> str:
    """``“Hopper” in the people shown and the caption (1st by words); 3rd by looks …``"""
    by_name = {leg.name: leg for leg in plan.legs}
    parts = []
    told = False
    for each in sorted(contributions, key=lambda part: -part.value):
        leg = by_name[each.leg]
        if leg.kind is LegKind.LOOKS:
            parts.append(f"{_place(each, leg)} ({_cosine(each, plan.method)})")
            continue
        if leg.kind is LegKind.DATE:
            parts.append(_place(each, leg))
            continue
        # Two legs by words share the terms that matched: they are told with the first.
        parts.append(
            _place(each, leg) if told or not terms else f"{_matches(terms)} ({_place(each, leg)})"
        )
        told = True
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _place(part: Contribution, leg: Leg) -> str:
    where = ordinal(part.rank) if part.rank else f"beyond the first {leg.depth:,}"
    return f"{where} by {_by(leg)}"


def _cosine(part: Contribution, method: Method) -> str:
    """Under evidence also what the cosine is worth: its spreads above (or below) the background."""
    told = f"cosine {part.score:.2f}"
    if method is not Method.EVIDENCE or not part.weight:
        return told
    spreads = part.value / part.weight
    return (
        f"{told}, {abs(spreads):.1f} spreads {'above' if spreads >= 0 else 'below'} the background"
    )


def _by(leg: Leg) -> str:
    if leg.picture is not None:
        return _less("likeness to the query picture", leg.minus)
    if leg.like is not None:
        return _less(f"likeness to {leg.like}", leg.minus)
    if leg.scene:
        return f"looks, “{leg.scene}” above all"
    return leg.kind if leg.name == leg.kind else f"{leg.name} {leg.kind}"


def _less(likeness: str, minus: str | None) -> str:
    return f"{likeness} without “{minus}”" if minus else likeness


def _matches(terms: Sequence[MatchedTerm]) -> str:
    """The typed words with the fields they stand in, the strongest word first."""
    by_word: dict[str, list[MatchedTerm]] = {}
    for term in terms:
        by_word.setdefault(term.word, []).append(term)
    scores = {word: sum([term.score for term in its]) for word, its in by_word.items()}
    by_place: dict[tuple[str, ...], list[str]] = {}
    for word in sorted(scores, key=lambda each: (-scores[each], each)):
        by_place.setdefault(_places(by_word[word]), []).append(f"“{word}”")
    return "; ".join([f"{listed(words)} in {_told(places)}" for places, words in by_place.items()])


def _places(terms: Sequence[MatchedTerm]) -> tuple[str, ...]:
    """The fields that one word's terms stand in, that of the greatest weight first."""
    fields: Mapping[str, float] = terms[0].fields
    if len(terms) > 1:
        summed = dict(fields)
        for term in terms[1:]:
            for name, weight in term.fields.items():
                summed[name] = summed.get(name, 0.0) + weight
        fields = summed
    if len(fields) < 2:
        return tuple(fields)
    return tuple(sorted(fields, key=lambda name: (-fields[name], name)))


@lru_cache(1024)
def _told(places: tuple[str, ...]) -> str:
    return listed([FIELD_NAMES.get(name, name) for name in places])


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
