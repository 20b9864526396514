"""The engine's values as the API's: what a client may see of them, and where it finds more.

In: answers, plans, assets. Out: schemas; of what an answer has dozens of, plain dicts with the
names and values of the schemas, for models cost a search half a millisecond (tests compare the
two). Files of the server are told by name, never by path.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from hybridsearch.domain import asset as domain_asset
from hybridsearch.domain import plan as domain_plan
from hybridsearch.domain import results
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.fusion import Contribution
from hybridsearch.domain.notes import Note
from hybridsearch.domain.understood import Part, canonical, without
from hybridsearch.search.facets import Bar, Facet
from services.api.schemas import answers

Told = dict[str, Any]
"""What a schema holds, by its names; a part may be a schema."""


def _by_names(*names: str) -> Callable[[object], Told]:
    """Tells a value whose attributes have the names that the schema has."""
    values_of = attrgetter(*names)
    return lambda value: dict(zip(names, values_of(value), strict=True))


class Teller:
    """Tells the values of one archive; ``default`` archives are left out of links."""

    def __init__(self, archive: str, *, default: bool) -> None:
        self._archive = archive
        self._query = "" if default else urlencode({"archive": archive})

    def answer(
        self,
        answer: results.Answer,
        generation: int,
        typed: str,
        counts: answers.Counts | None,
    ) -> Told:
        """A whole answer (``SearchAnswer``); ``typed`` is the query's text."""
        return {
            "archive": self._archive,
            "generation": generation,
            "hits": [self.hit(each) for each in answer.hits],
            "totals": {
                "listed": answer.candidates,
                "about": answer.about,
                "eligible": answer.eligible,
            },
            "next": answer.next,
            "near_duplicates": [],
            "nothing_relevant": answer.nothing_relevant,
            "plan": told_plan(answer.plan, typed),
            "encoder": told_encoder(answer.encoder),
            "counts": counts,
            "milliseconds": dict(answer.milliseconds),
        }

    def hit(self, hit: results.Hit) -> Told:
        """One hit with its reasons (``Hit``)."""
        why = hit.explanation
        return {
            "rank": hit.rank,
            "score": hit.score,
            "relevance": hit.relevance,
            "leg_relevance": dict(hit.leg_relevance),
            "twins": hit.twins,
            "why": {
                "sentence": why.sentence,
                "contributions": [_contribution(each) for each in why.contributions],
                "terms": [_matched(each) for each in why.terms],
                "words": [],
            },
            "asset": self.asset(hit.asset),
        }

    def asset(self, asset: domain_asset.Asset) -> Told:
        """An asset with its links (``Asset``); written out, which takes half of ``_by_names``."""
        place = asset.location
        uri, file_name = _public(asset.uri)
        return {
            "id": asset.id,
            "headline": asset.headline,
            "caption": asset.caption,
            "keywords": asset.keywords,
            "people": asset.people,
            "organisations": asset.organisations,
            "event": asset.event,
            "city": asset.city,
            "region": asset.region,
            "country": asset.country,
            "creator": asset.creator,
            "credit": asset.credit,
            "source": asset.source,
            "copyright": asset.copyright,
            "usage_terms": asset.usage_terms,
            "date_created": asset.date_created,
            "collection": asset.collection,
            "language": asset.language,
            "ocr_text": asset.ocr_text,
            "width": asset.width,
            "height": asset.height,
            "media_type": asset.media_type,
            "content_hash": asset.content_hash,
            "perceptual_hash": asset.perceptual_hash,
            "uri": uri,
            "file_name": file_name,
            "location": place and {"latitude": place.latitude, "longitude": place.longitude},
            "extra": dict(asset.extra),
            "provenance": dict(asset.provenance),
            "links": self._links(asset),
        }

    def _links(self, asset: domain_asset.Asset) -> Told:
        """Written for speed: a page of hits has eighty."""
        plain = f"{quote(asset.id)}?{self._query}".rstrip("?")
        itself = f"/v1/assets/{plain}"
        if asset.content_hash is None:
            return {"self": itself, "thumbnail": None, "preview": None, "similar": None}
        joint = "&" if self._query else "?"
        kept = f"{plain}{joint}v={quote(asset.content_hash)}"
        return {
            "self": itself,
            "thumbnail": f"/v1/thumbnails/{kept}",
            "preview": f"/v1/previews/{kept}",
            "similar": f"/v1/similar/{plain}",
        }


def _contribution(given: Contribution) -> Told:
    return {
        "leg": given.leg,
        "rank": given.rank,
        "score": given.score,
        "weight": given.weight,
        "value": given.value,
    }


def _matched(term: results.MatchedTerm) -> Told:
    return {
        "word": term.word,
        "term": term.term,
        "form": term.form,
        "weight": term.weight,
        "idf": term.idf,
        "fields": dict(term.fields),
        "score": term.score,
    }


def _public(uri: str | None) -> tuple[str | None, str | None]:
    """The URI where it is an address for others, and the name of the file."""
    if uri is None:
        return None, None
    try:
        parts = urlsplit(uri)
    except ValueError:  # an address such as "http://[": the archive's word is shown as it is
        return uri, None
    name = unquote(parts.path).rstrip("/").rpartition("/")[2] or None
    return (None if parts.scheme == "file" or uri.startswith("/") else uri), name


def typed_text(text: str) -> str:
    """A query's text as its plan counts characters in it."""
    return unicodedata.normalize("NFKC", text)


def told_plan(plan: domain_plan.Plan, typed: str) -> Told:
    """A plan (``Plan``) without what only the engine needs; ``typed`` is what it was made for."""
    understood = plan.understood
    return {
        "sentence": plan.sentence,
        "notes": [_note(each) for each in plan.notes],
        "method": plan.method,
        "k": plan.k,
        "understood": {
            "typed": typed,
            "canonical": canonical(understood),
            "text": understood.text,
            "parts": [_part(each, typed) for each in understood.parts],
        },
        "names": [_name(each) for each in plan.names],
        "scene": plan.scene,
        "suggestions": [told_suggestion(each) for each in plan.suggestions],
        "legs": [_leg(each) for each in plan.legs],
    }


def _note(note: Note) -> Told:
    return {"kind": note.kind.key, "text": str(note), "values": dict(note.values)}


def _part(part: Part, typed: str) -> Told:
    return {
        "kind": part.kind,
        "start": part.start,
        "end": part.end,
        "text": part.text,
        "field": part.field,
        "value": part.value,
        "negated": part.negated,
        "without": " ".join(without(typed, part).split()),
    }


_name = _by_names("typed", "display", "evidence", "confidence", "fields", "count")

told_suggestion = _by_names("typed", "text", "documents", "sure")
"""Did you mean (``Suggestion``)."""

told_completion = _by_names("text", "field", "count", "query")
"""What a query may be going to say (``Completion``)."""


def _leg(leg: domain_plan.Leg) -> Told:
    return {
        "name": leg.name,
        "kind": leg.kind,
        "weight": leg.weight,
        "depth": leg.depth,
        "text": leg.text,
        "picture": leg.picture is not None,
        "like": leg.like,
        "minus": leg.minus,
        "terms": [
            {
                "word": each.word,
                "term": each.text,
                "form": each.form,
                "weight": each.weight,
                "idf": each.idf,
            }
            for each in leg.terms
        ],
    }


def told_encoder(card: EncoderCard | None) -> answers.Encoder | None:
    """The encoder's card; an archive of words only has none."""
    return None if card is None else told_card(card)


def told_card(card: EncoderCard) -> answers.Encoder:
    """The card of an encoder that there is."""
    return answers.Encoder(name=card.name, dimension=card.dimension, trial=card.trial)


def told_counts(facets: Sequence[Facet], years: Sequence[Bar]) -> answers.Counts:
    """The counts of a filter's pictures."""
    return answers.Counts(
        facets=[
            answers.Facet(
                name=facet.name,
                values=[
                    answers.FacetValue(value=each.value, display=each.display, count=each.count)
                    for each in facet.values
                ],
            )
            for facet in facets
        ],
        years=[answers.Bar(first=each.first, last=each.last, count=each.count) for each in years],
    )
