"""Hydration: the page's points become hits with their assets and their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybridsearch.analysis.analyzer import Analyzer
from hybridsearch.analysis.bm25f import TermWeight
from hybridsearch.analysis.payload import asset_of
from hybridsearch.domain.asset import Asset
from hybridsearch.domain.explain import sentence_of
from hybridsearch.domain.fusion import Fusion
from hybridsearch.domain.plan import LegKind, Plan, PlannedTerm
from hybridsearch.domain.ranking import Ranked
from hybridsearch.domain.results import Explanation, Hit, MatchedTerm
from hybridsearch.ports import Store


def hydrate(
    page: Sequence[Ranked],
    fusion: Fusion,
    plan: Plan,
    store: Store,
    analyzer: Analyzer,
    average_lengths: Mapping[str, float],
    first: int = 1,
) -> tuple[Hit, ...]:
    """Read the page's payloads and explain each hit from the scorer's own numbers.

    Terms are told for the hits that a words leg scored: elsewhere they gave nothing to the
    score. ``first`` is the rank of the page's first hit.
    """
    if not page:
        return ()
    found = store.retrieve([each.point_id for each in page], keys=("asset",))
    records = {record.id: record for record in found}
    asked = asked_terms(plan)
    words = {leg.name for leg in plan.legs if leg.kind is LegKind.WORDS}
    hits = []
    for rank, ranked in enumerate(page, start=first):
        record = records.get(ranked.point_id)
        if record is None:  # deleted between ranking and reading
            continue
        asset = asset_of(record.payload)
        contributions = fusion.contributions(ranked.point_id)
        by_words = any(each.leg in words for each in contributions)
        terms = matched_terms(asset, asked, analyzer, average_lengths) if by_words else ()
        sentence = sentence_of(contributions, terms, plan)
        explanation = Explanation(sentence, contributions, terms)
        hits.append(Hit(rank, ranked.score, asset, explanation))
    return tuple(hits)


def asked_terms(plan: Plan) -> dict[int, PlannedTerm]:
    """The terms that the plan's words legs ask for and some document has, by id."""
    return {
        term.id: term
        for leg in plan.legs
        if leg.kind is LegKind.WORDS
        for term in leg.terms
        if term.idf is not None
    }


def matched_terms(
    asset: Asset,
    asked: Mapping[int, PlannedTerm],
    analyzer: Analyzer,
    average_lengths: Mapping[str, float],
) -> tuple[MatchedTerm, ...]:
    """The query's terms that stand in the asset, with what each gave, the strongest first.

    The document's weights are computed again from its text by the analyzer that stored them,
    which also tells the fields apart; the idf is the store's own.
    """
    if not asked:
        return ()
    weights = analyzer.weights(analyzer.document(asset, only=asked.keys()), average_lengths)
    matched = [_matched(asked[term.id], found) for term, found in weights.items()]
    return tuple(sorted(matched, key=lambda each: (-each.score, each.term)))


def _matched(term: PlannedTerm, found: TermWeight) -> MatchedTerm:
    idf = term.idf or 0.0
    score = term.weight * idf * found.weight
    return MatchedTerm(term.word, term.text, term.form, term.weight, idf, found.fields, score)
