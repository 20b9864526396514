"""The planner: what was understood becomes legs, weights and a way to fuse them.

A leg that has nothing to say is not asked: words that no caption has make no words leg, an
archive without an encoder has no looks leg.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.background import PRIOR_DISTANCE, Background
from hybridsearch.domain.filters import AnyOf, Filter
from hybridsearch.domain.fusion import RRF_K
from hybridsearch.domain.names import Name
from hybridsearch.domain.plan import Leg, Method, Plan, PlannedTerm
from hybridsearch.domain.query import Query
from hybridsearch.domain.understood import Understood
from hybridsearch.ports import Lexicon
from hybridsearch.search.forms import weighed_forms
from hybridsearch.search.legs import (
    IdfOf,
    Looks,
    date_leg,
    looks_legs,
    planned_terms,
    word_legs,
)
from hybridsearch.search.names import lexicon_note, recognise
from hybridsearch.search.notes import notes_on, sentence_on
from hybridsearch.search.respelling import meant_terms, respelled
from hybridsearch.search.scene import scene_of
from hybridsearch.search.weights import (
    PlannerNumbers,
    fitted_numbers,
    weight_of_looks,
    weight_of_words,
)


@dataclass(frozen=True, slots=True)
class PlannerSettings:
    """``depth`` is how far each leg is read; ``paged_depth`` how far for a list of pages.

    ``looks_weight`` and ``words_weight`` multiply what the planner gives: 1 leaves it as it is.
    """

    depth: int = 200
    paged_depth: int = 1000
    method: Method = Method.EVIDENCE
    k: int = RRF_K
    looks_weight: float = 1.0
    words_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a planner knows of an archive.

    ``background`` is None where none was measured or there are no pictures; ``sees`` tells
    whether the archive has picture vectors, ``points`` how many assets it has.
    """

    analyzer: Analyzer
    idf_of: IdfOf
    sees: bool
    points: Callable[[], int]
    lexicon: Lexicon | None = None
    background: Background | None = None

    @property
    def distance(self) -> float:
        """The encoder's ``d'`` on this archive, or the prior's."""
        return self.background.distance if self.background else PRIOR_DISTANCE


class Planner:
    """Decides the legs for parsed queries of one archive."""

    def __init__(
        self,
        knows: Knowledge,
        settings: PlannerSettings | None = None,
        numbers: PlannerNumbers | None = None,
    ) -> None:
        self._knows = knows
        self._settings = settings or PlannerSettings()
        self._numbers = numbers or fitted_numbers()

    def plan(self, query: Query, understood: Understood) -> Plan:
        """The plan of a query."""
        knows, settings = self._knows, self._settings
        text = understood.text
        languages = knows.analyzer.settings.languages
        method = query.method or settings.method
        if method is Method.EVIDENCE and knows.sees and knows.background is None:
            method = Method.RRF
        depth = settings.paged_depth if query.paged else settings.depth
        depth = max(depth, query.limit)
        names = self._names(understood)
        scene = scene_of(text, names, languages) if names else text
        asked = knows.analyzer.query(text) if text else ()
        terms = weighed_forms(planned_terms(asked, knows.idf_of))
        suggestions = respelled(text, terms, knows.lexicon)
        terms = (*terms, *planned_terms(meant_terms(suggestions, knows.analyzer), knows.idf_of))
        legs: tuple[Leg, ...] = (
            *self._by_looks(query, understood, scene, method, depth),
            *self._by_words(text, terms, method, depth),
        )
        if not text and query.picture is None and query.like is None:
            legs, method = (date_leg(query, depth),), Method.RRF
        made = Plan(
            legs,
            _every_condition(query, understood),
            query.limit,
            method,
            settings.k,
            understood,
            names,
            scene,
            suggestions,
        )
        unmeasured = knows.sees and knows.background is None
        notes = notes_on(made, terms, sees=knows.sees, unmeasured=unmeasured)
        stale = lexicon_note(knows.lexicon, knows.analyzer.version, knows.points())
        notes = (*notes, stale) if stale else notes
        return replace(made, sentence=sentence_on(made), notes=notes)

    def _names(self, understood: Understood) -> tuple[Name, ...]:
        if not understood.text:
            return ()
        languages = self._knows.analyzer.settings.languages
        phrases = [phrase.words for phrase in understood.phrases]
        return recognise(understood.text, phrases, self._knows.lexicon, languages)

    def _by_looks(
        self, query: Query, understood: Understood, scene: str, method: Method, depth: int
    ) -> tuple[Leg, ...]:
        if not self._knows.sees:
            return ()
        text = understood.text
        # Equal votes for one text asked twice would be two votes: RRF keeps to the whole text.
        looks = Looks(text, scene if method is Method.EVIDENCE else "")
        minus = ", ".join(understood.excluded) or None
        legs = looks_legs(query, looks, minus, depth)
        only_names = bool(text) and not scene
        total = weight_of_looks(method, self._numbers, self._knows.distance, only_names)
        total *= self._settings.looks_weight
        return tuple(replace(leg, weight=leg.weight * total) for leg in legs)

    def _by_words(
        self, text: str, terms: Sequence[PlannedTerm], method: Method, depth: int
    ) -> tuple[Leg, ...]:
        weight = weight_of_words(method, self._numbers) * self._settings.words_weight
        apart = method is Method.EVIDENCE
        return word_legs(text, terms, weight, depth, apart=apart)


def _every_condition(query: Query, understood: Understood) -> Filter:
    """What was clicked and what was typed; more like this never answers with this."""
    must = tuple(each for each in (query.filter, understood.filter) if each)
    if query.like is not None:
        return Filter(must=must, must_not=(AnyOf("match.id", (query.like,)),))
    return must[0] if len(must) == 1 else Filter(must=must)
