"""Why a picture is in the answer, in one sentence a person reads.

Built from the values the scorer used, never from a second opinion.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.domain.fusion import Contribution
from hybridsearch.domain.plan import Leg, LegKind
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
    contributions: Sequence[Contribution], terms: Sequence[MatchedTerm], legs: Sequence[Leg]
) -> str:
    """``“Hopper” in the people shown and the caption (1st by words); 3rd by looks …``"""
    by_name = {leg.name: leg for leg in legs}
    parts = []
    for each in sorted(contributions, key=lambda part: -part.value):
        leg = by_name[each.leg]
        place = f"{ordinal(each.rank)} by {_by(leg)}"
        if leg.kind is LegKind.WORDS:
            parts.append(f"{_matches(terms)} ({place})" if terms else place)
        else:
            parts.append(f"{place} (cosine {each.score:.2f})")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _by(leg: Leg) -> str:
    if leg.picture is not None:
        return "likeness to the query picture"
    if leg.like is not None:
        return f"likeness to {leg.like}"
    return leg.kind


def _matches(terms: Sequence[MatchedTerm]) -> str:
    """The typed words with the fields they stand in, the strongest word first."""
    scores: dict[str, float] = {}
    fields: dict[str, dict[str, float]] = {}
    for term in terms:
        scores[term.word] = scores.get(term.word, 0.0) + term.score
        for name, weight in term.fields.items():
            known = fields.setdefault(term.word, {})
            known[name] = known.get(name, 0.0) + weight
    by_place: dict[tuple[str, ...], list[str]] = {}
    for word in sorted(scores, key=lambda each: (-scores[each], each)):
        places = tuple(sorted(fields[word], key=lambda name: (-fields[word][name], name)))
        by_place.setdefault(places, []).append(f"“{word}”")
    return "; ".join(
        f"{listed(words)} in {listed([FIELD_NAMES.get(name, name) for name in places])}"
        for places, words in by_place.items()
    )


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
