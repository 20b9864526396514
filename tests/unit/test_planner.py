from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.background import Background
from hybridsearch.analysis.terms import term_id
from hybridsearch.domain.filters import AnyOf, Filter
from hybridsearch.domain.names import ArchiveWord, KnownName, LexiconInfo
from hybridsearch.domain.plan import LegKind, Method, Plan
from hybridsearch.domain.query import Query
from hybridsearch.search.parse import parse
from hybridsearch.search.plan import Knowledge, Planner, PlannerSettings
from hybridsearch.search.respelling import SPELLING_WEIGHT
from hybridsearch.search.weights import PlannerNumbers, fitted_numbers

TODAY = date(2026, 11, 22)
NUMBERS = PlannerNumbers(looks=0.5, looks_of_names=0.25, minus=0.5, convex_looks=0.3)
BACKGROUND = Background(np.eye(4, dtype=np.float32), distance=2.0, spread=0.1, pairs=100)


class SmallLexicon:
    """The names and words of a small archive, in dicts."""

    def __init__(self, cities: Sequence[str] = (), words: Mapping[str, int] | None = None) -> None:
        self.info = LexiconInfo("v", 100, len(cities), 10, "2026-11-22")
        self._names = {
            city.casefold(): (KnownName("city", city.casefold(), city, 5),) for city in cities
        }
        self._words = {
            word.casefold(): ArchiveWord(word.casefold(), word, count, 0, count, 0)
            for word, count in {**dict.fromkeys(cities, 5), **(words or {})}.items()
        }

    def starts(self, keys: Sequence[str]) -> Mapping[str, int]:
        return {key: 1 for key in keys if key in self._names}

    def names(self, keys: Sequence[str]) -> Mapping[str, tuple[KnownName, ...]]:
        return {key: self._names[key] for key in keys if key in self._names}

    def words(self, folded: Sequence[str]) -> Mapping[str, ArchiveWord]:
        return {each: self._words[each] for each in folded if each in self._words}

    def alike(self, folded: str) -> tuple[ArchiveWord, ...]:
        return tuple(self._words.values())

    def complete(
        self, whole: Sequence[str], beginning: str, limit: int, fields: Sequence[str] = ()
    ) -> tuple[KnownName, ...]:
        return ()

    def words_from(self, beginning: str, limit: int) -> tuple[ArchiveWord, ...]:
        return ()

    def display(self, field: str, folded: str) -> str:
        return folded

    def close(self) -> None: ...


def planned(
    query: Query,
    *,
    known: Sequence[str] = (),
    lexicon: SmallLexicon | None = None,
    background: Background | None = BACKGROUND,
    sees: bool = True,
    **settings: Any,
) -> Plan:
    """The plan in an archive whose documents have the known words, each with an idf of 3."""
    ids = {term_id(word) for word in known}

    def idf_of(terms: Sequence[int]) -> dict[int, float]:
        return {term: 3.0 for term in terms if term in ids}

    knows = Knowledge(Analyzer(), idf_of, sees, lambda: 100, lexicon, background)
    chosen = replace(PlannerSettings(), **settings)
    return Planner(knows, chosen, NUMBERS).plan(*parse(query, TODAY))


def weights(plan: Plan) -> dict[str, float]:
    return {leg.name: leg.weight for leg in plan.legs}


def test_looks_weigh_by_how_well_the_encoder_sees_this_archive() -> None:
    plan = planned(Query("red car"), known=["red", "car"])
    assert weights(plan) == {"looks": 0.5 * 2.0, "words": 1.0}
    blind = replace(BACKGROUND, distance=0.0)
    assert weights(planned(Query("red car"), known=["red"], background=blind))["looks"] == 0.0


def test_a_name_and_a_scene_ask_looks_for_both_and_for_the_scene() -> None:
    plan = planned(Query("car Geneva"), known=["car", "geneva"], lexicon=SmallLexicon(["Geneva"]))
    assert [name.display for name in plan.names] == ["Geneva"]
    assert plan.scene == "car"
    [looks] = [leg for leg in plan.legs if leg.is_dense]
    assert (looks.text, looks.scene) == ("car Geneva", "car")
    assert weights(plan) == {"looks": 1.0, "words": 1.0}
    assert "asked for “car” too" in plan.sentence


def test_a_query_of_names_lets_looks_only_put_in_order() -> None:
    plan = planned(Query("Geneva"), known=["geneva"], lexicon=SmallLexicon(["Geneva"]))
    assert plan.scene == ""
    assert weights(plan) == {"looks": 0.5 * 2.0 * 0.25, "words": 1.0}


def test_rank_fusion_keeps_two_equal_legs() -> None:
    lexicon = SmallLexicon(["Geneva"])
    query = Query("car Geneva", method=Method.RRF)
    plan = planned(query, known=["car", "geneva"], lexicon=lexicon)
    assert plan.method is Method.RRF
    assert weights(plan) == {"looks": 1.0, "words": 1.0}


def test_the_convex_combination_shares_one() -> None:
    plan = planned(Query("red car"), known=["red"], method=Method.CONVEX)
    assert weights(plan) == {"looks": 0.3, "words": 0.7}


def test_a_query_overrides_the_configured_fusion() -> None:
    query = Query("red", method=Method.EVIDENCE)
    assert planned(query, known=["red"], method=Method.RRF).method is Method.EVIDENCE


def test_settings_multiply_the_planners_weights() -> None:
    plan = planned(Query("red"), known=["red"], looks_weight=2.0, words_weight=0.5)
    assert weights(plan) == {"looks": 2.0, "words": 0.5}


def test_without_a_background_ranks_are_fused_and_the_plan_says_so() -> None:
    plan = planned(Query("red"), known=["red"], background=None)
    assert plan.method is Method.RRF
    assert any("background was not measured" in str(note) for note in plan.notes)


def test_an_archive_without_pictures_is_asked_by_words_alone() -> None:
    plan = planned(Query("red"), known=["red"], sees=False, background=None)
    assert [leg.kind for leg in plan.legs] == [LegKind.WORDS]
    assert plan.method is Method.EVIDENCE
    assert any("without an encoder" in str(note) for note in plan.notes)


def test_words_that_no_document_has_make_no_leg() -> None:
    plan = planned(Query("zeppelin"))
    assert list(weights(plan)) == ["looks"]
    assert any("In no caption or field: “zeppelin”" in str(note) for note in plan.notes)
    assert any("looks alone decide" in str(note) for note in plan.notes)


def test_nothing_to_rank_by_is_no_error() -> None:
    plan = planned(Query("zeppelin"), sees=False)
    assert plan.legs == ()
    assert plan.sentence == "There is nothing to rank by."


def test_a_misspelled_word_is_searched_for_as_what_was_meant() -> None:
    lexicon = SmallLexicon(words={"Melamin": 7})
    plan = planned(Query("Melamim fire"), known=["melamin", "fire"], lexicon=lexicon)
    [suggestion] = plan.suggestions
    assert (suggestion.typed, suggestion.text) == ("Melamim", "Melamin")
    [leg] = [leg for leg in plan.legs if leg.name == "inflected"]
    [term] = [term for term in leg.terms if term.idf is not None]
    assert (term.text, term.word, term.weight) == ("melamin", "Melamim", SPELLING_WEIGHT)
    assert any("Did you mean “Melamin”" in str(note) for note in plan.notes)


def test_a_word_of_the_language_is_only_asked_back() -> None:
    plan = planned(Query("night fire"), known=["fire"], lexicon=SmallLexicon(words={"light": 7}))
    assert [each.text for each in plan.suggestions] == ["light"]
    assert "inflected" not in weights(plan)
    assert "Did you mean “light” for “night”?" in map(str, plan.notes)


def test_what_is_typed_and_what_is_clicked_both_filter() -> None:
    clicked = Filter(must=(AnyOf("match.city", ("butte",)),))
    plan = planned(Query("mine -smoke", filter=clicked), known=["mine"])
    assert clicked in plan.filter.must
    assert len(plan.filter.must) == 2
    assert plan.understood.excluded == ("smoke",)
    assert all("smoke" not in (leg.text or "") for leg in plan.legs)


def test_more_like_this_never_answers_with_this() -> None:
    plan = planned(Query(like="a7"))
    assert AnyOf("match.id", ("a7",)) in plan.filter.must_not
    assert list(weights(plan)) == ["like"]


def test_a_picture_less_a_word_is_one_leg() -> None:
    plan = planned(Query("-person", picture=Path("x.jpg")))
    [leg] = plan.legs
    assert (leg.name, leg.minus, leg.text) == ("picture", "person", None)


def test_a_picture_and_words_share_what_looks_count() -> None:
    plan = planned(Query("red car", picture=Path("x.jpg")), known=["red"])
    assert weights(plan) == {"looks": 0.5, "picture": 0.5, "words": 1.0}


def test_a_paged_list_is_read_deeper() -> None:
    settings: dict[str, Any] = {"depth": 20, "paged_depth": 500}
    assert {leg.depth for leg in planned(Query("red"), known=["red"], **settings).legs} == {20}
    paged = planned(Query("red", paged=True), known=["red"], **settings)
    assert {leg.depth for leg in paged.legs} == {500}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (Query("car Geneva"), "“Geneva” is a name: words lead"),
        (Query("car"), "“car” is a description: words lead"),
        (Query("zeppelin"), "“zeppelin” is a description, searched by looks"),
        (Query("car", method=Method.RRF), "fused by rank (RRF, k = 60)"),
    ],
)
def test_the_plan_is_told_in_a_sentence(query: Query, told: str) -> None:
    plan = planned(query, known=["car", "geneva"], lexicon=SmallLexicon(["Geneva"]))
    assert told in plan.sentence
    assert plan.sentence.endswith(".")


def test_looks_lead_where_words_say_little() -> None:
    plan = planned(Query("car"), known=["car"], background=replace(BACKGROUND, distance=9.0))
    assert "looks lead" in plan.sentence


def test_the_fitted_numbers_are_read_from_their_file() -> None:
    numbers = fitted_numbers()
    assert 0 < numbers.looks <= 1
    assert 0 < numbers.looks_of_names <= 1
    assert 0 < numbers.convex_looks < 1
    assert numbers.minus > 0
