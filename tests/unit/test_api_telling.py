"""Answers are told as plain dicts: as JSON they must be what the schemas hold, no more, no less."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="the service needs hybridsearch[serve]")

from pydantic import BaseModel

from hybridsearch.domain.asset import Asset, Location, Provenance
from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.filters import EVERYTHING
from hybridsearch.domain.fusion import Contribution
from hybridsearch.domain.plan import Leg, LegKind, Plan, PlannedTerm
from hybridsearch.domain.results import Answer, Explanation, Hit, MatchedTerm
from services.api.routes.told import json_of
from services.api.schemas import answers, assets
from services.api.telling import Teller, Told

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
maybe = st.none() | words
numbers = st.floats(allow_nan=False, allow_infinity=False)
several = st.lists(words, max_size=3).map(tuple)
found_assets = st.builds(
    Asset,
    words,
    uri=st.sampled_from([None, "file:///pictures/a%20b.jpg", "https://here/č.jpg", "http://["]),
    headline=maybe,
    caption=maybe,
    keywords=several,
    people=several,
    organisations=several,
    event=maybe,
    city=maybe,
    location=st.none() | st.builds(Location, numbers, numbers),
    usage_terms=maybe,
    date_created=maybe,
    ocr_text=maybe,
    extra=st.dictionaries(words, words, max_size=2),
    width=st.none() | st.integers(1, 100_000),
    content_hash=st.none() | words,
    perceptual_hash=maybe,
    provenance=st.dictionaries(words, st.sampled_from(Provenance), max_size=3),
)
contributions = st.builds(
    Contribution, words, st.none() | st.integers(1, 10**6), numbers, numbers, numbers
)
fields = st.dictionaries(words, numbers, max_size=2)
matched = st.builds(MatchedTerm, words, words, words, numbers, numbers, fields, numbers)
hits = st.builds(
    Hit,
    st.integers(1, 10**6),
    numbers,
    found_assets,
    st.builds(
        Explanation,
        words,
        st.lists(contributions, max_size=2).map(tuple),
        st.lists(matched, max_size=2).map(tuple),
    ),
    relevance=st.none() | numbers,
    leg_relevance=st.dictionaries(words, numbers, max_size=2),
    twins=several,
)
TERM = PlannedTerm(id=1, word="gori", text="gor", form="stem", weight=0.5, idf=None)
LEG = Leg("words", LegKind.WORDS, 1.0, 200, terms=(TERM,))
COUNTS = answers.Counts(
    facets=[answers.Facet(name="city", values=[])],
    years=[answers.Bar(first=1942, last=1942, count=3)],
)


def as_json(told: BaseModel | Told) -> object:
    return json.loads(bytes(json_of(told).body))


def must_be(schema: type[BaseModel], told: Told) -> None:
    """A name too many is lost in the schema and a missing one refused, so both would show."""
    body = bytes(json_of(told).body)
    assert json.loads(schema.model_validate_json(body).model_dump_json()) == json.loads(body)


@given(st.lists(hits, max_size=2), st.booleans(), st.booleans())
def test_an_answer_is_what_the_schema_holds(found: list[Hit], counted: bool, seeing: bool) -> None:
    card = EncoderCard(name="clip", fingerprint="f", dimension=512) if seeing else None
    answer = Answer(tuple(found), Plan((LEG,), EVERYTHING, 20), 7, 9, card, {"plan": 0.25})
    told = Teller("archive", default=counted).answer(answer, 3, "gori", COUNTS if counted else None)
    must_be(answers.SearchAnswer, told)


@given(found_assets, st.booleans())
def test_an_asset_is_what_the_schema_holds(asset: Asset, default: bool) -> None:
    must_be(assets.Asset, Teller("archive", default=default).asset(asset))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_null_in_both_ways(number: float) -> None:
    location = {"latitude": number, "longitude": 1.0}
    schema = assets.Location(latitude=number, longitude=1.0)
    assert as_json(location) == as_json(schema) == {"latitude": None, "longitude": 1.0}


def test_what_has_no_form_in_json_is_a_defect() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        json_of({"part": object()})
