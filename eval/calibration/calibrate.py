"""Calibrate an index: search the judged queries, fit, judge on queries left out, tell.

``calibrate(archive, queries)`` is what ``hybridsearch eval calibrate`` runs; the model of its
report is what ``archive.calibrations.save`` keeps for searches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.calibration.cuts import cut_offs
from eval.calibration.fit import fit_model
from eval.calibration.observations import (
    UNANSWERED,
    Flags,
    Floats,
    Observations,
    observe,
    thinned,
    with_withheld,
)
from eval.calibration.reliability import Reliability, reliability
from eval.calibration.report import BLENDED, CalibrationReport
from eval.calibration.separation import Separation, raw_scores, separations
from eval.calibration.validate import Predictions, out_of_fold
from eval.collections import JudgedQuery
from hybridsearch.adapters.calibrations import fingerprints
from hybridsearch.bootstrap import Archive
from hybridsearch.errors import SourceError

TOP = 10
FEWEST_QUERIES = 5


def calibrate(
    archive: Archive,
    queries: Sequence[JudgedQuery],
    collection: str = "",
    least_grade: int = 1,
    unanswered: float = UNANSWERED,
    seed: int = 0,
) -> CalibrationReport:
    """Fit the archive's relevance model and judge it.

    Args:
        least_grade: the lowest grade that counts as relevant.
        unanswered: the share of queries that are taken to have no answer in the archive.

    Raises:
        SourceError: there are too few queries with an answer that a search retrieves.
    """
    asked = [each for each in queries if _is_answered(each, least_grade)]
    observed = observe(archive.search(), asked, least_grade)
    answered = len(np.unique(observed.query[observed.relevant]))
    if answered < FEWEST_QUERIES:
        raise SourceError(
            f"Searches found something relevant for {answered} judged queries; to calibrate "
            f"takes {FEWEST_QUERIES}, and {20 * FEWEST_QUERIES} to be of use.",
            "Judge more queries: hybridsearch eval pool.",
        )
    sample = thinned(with_withheld(observed, unanswered), seed=seed)
    made_by = fingerprints(archive.generation)
    model = fit_model(sample, {leg: made_by[kind] for leg, kind in observed.kinds.items()}, seed)
    unseen = out_of_fold(sample, seed=seed)
    own = out_of_fold(sample, by_class=True, seed=seed)
    everything = np.ones(len(sample), dtype=np.bool_)
    card = archive.generation.encoder
    return CalibrationReport(
        collection or archive.generation.archive,
        card.name if card else "none",
        model,
        _reliabilities(unseen, sample, everything),
        _reliabilities(unseen, sample, sample.rank <= TOP),
        _by_class(unseen.blended, sample),
        _by_class(own.blended, sample),
        cut_offs(unseen.blended, sample),
        _separations(archive, asked, sample, unseen, seed),
        len(asked),
        len(observed),
        int(observed.relevant.sum()),
        _notes(len(queries) - len(asked), unanswered, least_grade),
    )


def _separations(
    archive: Archive,
    queries: Sequence[JudgedQuery],
    observations: Observations,
    unseen: Predictions,
    seed: int,
) -> tuple[Separation, ...]:
    """Each leg's scores on the candidates it listed, and the blend on all of them."""
    raw = raw_scores(archive, queries, observations)
    found: list[Separation] = []
    for leg, column in _own(unseen, observations).items():
        if np.isfinite(column).any():
            columns = {**raw.get(leg, {}), f"calibrated, {leg}": column}
            found += separations(columns, observations, seed)
    if len(unseen.by_leg) > 1:
        found += separations({f"calibrated, {BLENDED}": unseen.blended}, observations, seed)
    return tuple(found)


def _own(predictions: Predictions, observations: Observations) -> dict[str, Floats]:
    """Each leg's predictions where they rest on the candidate's own score; NaN elsewhere."""
    return {
        leg: np.where(observations.exact[leg], column, np.nan)
        for leg, column in predictions.by_leg.items()
    }


def _reliabilities(
    predictions: Predictions, observations: Observations, rows: Flags
) -> dict[str, Reliability]:
    columns = {BLENDED: predictions.blended, **_own(predictions, observations)}
    return {
        name: reliability(column[rows], observations.rows(rows))
        for name, column in columns.items()
        if np.isfinite(column[rows]).any()
    }


def _by_class(predicted: Floats, observations: Observations) -> dict[str, Reliability]:
    return {
        name: reliability(predicted[rows], observations.rows(rows))
        for name, rows in observations.by_class().items()
        if np.isfinite(predicted[rows]).any()
    }


def _is_answered(query: JudgedQuery, least_grade: int) -> bool:
    return any(grade >= least_grade for grade in query.relevant.values())


def _notes(left_out: int, unanswered: float, least_grade: int) -> tuple[str, ...]:
    notes = [
        f"Relevant is what was graded {least_grade} or higher; what the judgements do not list "
        "counts as not relevant.",
        f"{unanswered:.0%} of queries are taken to have no answer: every judged query was also "
        "tried with its answers withheld.",
        "All figures are of queries that the maps were not fitted on.",
    ]
    if left_out:
        notes.append(f"{left_out} queries without an answer in this archive were left out.")
    return tuple(notes)
