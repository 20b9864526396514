"""Separation: which score tells relevant from not relevant best when queries are pooled.

A ranking is judged within a query; a cut-off compares scores across queries. The area under the
ROC curve over the candidates of all queries says how well a score bears that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.calibration.background import draw_background
from eval.calibration.observations import Flags, Floats, Observations
from eval.collections import JudgedQuery
from eval.evaluation import ALL, Interval
from hybridsearch.analysis.vectors import embed_texts
from hybridsearch.bootstrap import Archive
from hybridsearch.domain.comparable import words_ceiling
from hybridsearch.domain.plan import LegKind
from hybridsearch.domain.query import Query

RESAMPLES = 200
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Separation:
    """A score's area under the ROC curve over one class of queries, pooled."""

    score: str
    query_class: str
    auc: Interval
    candidates: int
    relevant: int
    queries: int


def separations(
    columns: Mapping[str, Floats], observations: Observations, seed: int = 0
) -> list[Separation]:
    """Every score on every class with enough queries, on the candidates that all scores know.

    Queries whose answers were withheld are left out: they have nothing to separate.
    """
    known = ~observations.withheld & np.all(
        [np.isfinite(column) for column in columns.values()], axis=0
    )
    groups = {name: known & rows for name, rows in observations.by_class().items()}
    groups[ALL] = known
    return [
        _separation(score, name, column[rows], observations.rows(rows), seed)
        for name, rows in groups.items()
        for score, column in columns.items()
        if 0 < observations.relevant[rows].sum() < rows.sum()
    ]


def raw_scores(
    archive: Archive, queries: Sequence[JudgedQuery], observations: Observations
) -> dict[str, dict[str, Floats]]:
    """By leg: BM25 as it comes and over its ceiling; the cosine, and its z-score."""
    asked = {each.id: each for each in queries}
    ordered = [asked[each] for each in observations.query_ids]
    columns: dict[str, dict[str, Floats]] = {}
    if "words" in observations.scores:
        share = observations.scores["words"]
        bm25 = share * _ceilings(archive, ordered)[observations.query]
        columns["words"] = {"BM25": bm25, "BM25 / ceiling": share}
    if "looks" in observations.scores and archive.encoder is not None:
        cosine = observations.scores["looks"]
        background = draw_background(archive.store)
        vectors = embed_texts(archive.encoder, [each.text for each in ordered])
        nulls = [background.null(vector) for vector in vectors]
        mean = np.array([each.mean for each in nulls])[observations.query]
        spread = np.array([each.spread for each in nulls])[observations.query]
        z = (cosine - mean) / np.where(spread > 0, spread, 1.0)
        columns["looks"] = {"cosine": cosine, "cosine, z": z}
    return columns


def _ceilings(archive: Archive, queries: Sequence[JudgedQuery]) -> Floats:
    engine = archive.search()
    k1, points = archive.analyzer.settings.k1, archive.store.info().points
    found = []
    for query in queries:
        plan = engine.plan(Query(query.text, query.picture, filter=query.filter))
        words = [leg for leg in plan.legs if leg.kind is LegKind.WORDS]
        found.append(words_ceiling(words[0], k1, points) if words else 1.0)
    return np.array(found)


def area_under_roc(column: Floats, relevant: Flags, weight: Floats) -> float:
    """The chance that a relevant candidate outscores one that is not; a tie counts half."""
    return float(_areas(column, relevant, weight[None, :])[0])


def _areas(column: Floats, relevant: Flags, weights: Floats) -> Floats:
    """The area under each row of weights; NaN where a row lacks either kind of candidate.

    The scores are sorted once: a resample then costs two sums over the distinct scores.
    """
    values, place = np.unique(column, return_inverse=True)
    found = []
    for weight in weights:
        good = np.bincount(place, weight * relevant, len(values))
        bad = np.bincount(place, weight * ~relevant, len(values))
        pairs = good.sum() * bad.sum()
        won = float(good @ (np.cumsum(bad) - bad / 2))
        found.append(won / pairs if pairs > 0 else np.nan)
    return np.array(found)


def _separation(
    score: str, query_class: str, column: Floats, rows: Observations, seed: int
) -> Separation:
    names, row = np.unique(rows.query, return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    resampled = _areas(column, rows.relevant, counts[:, row] * rows.weight)
    low, high = np.nanquantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Separation(
        score,
        query_class,
        Interval(
            area_under_roc(column, rows.relevant, rows.weight),
            float(low),
            float(high),
        ),
        len(rows),
        int(rows.relevant.sum()),
        len(names),
    )
