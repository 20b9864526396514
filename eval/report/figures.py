"""All figures as plain values, for other programs.

In: an evaluation with its means and curves. Out: what figures.json holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.evaluation import Evaluation, classes_of
from eval.report.curves import LEVELS, Curves
from eval.report.means import Mean, measures_of, primary_measure

FORMAT = 1


def figures(
    evaluation: Evaluation, means: Sequence[Mean], curves: Mapping[str, Curves]
) -> dict[str, Any]:
    """Means, comparisons, regrets, curves, and every measure of every query."""
    classes = classes_of(evaluation.queries)
    return {
        "format": FORMAT,
        "collection": evaluation.collection,
        "classes": {name: len(queries) for name, queries in classes.items()},
        "systems": [scores.system for scores in evaluation.scores],
        "measures": measures_of(evaluation),
        "primary_measure": primary_measure(evaluation),
        "means": [
            {"system": each.system, "class": each.query_class, "measure": each.measure,
             "queries": each.queries, **asdict(each.interval)}
            for each in means
        ],
        "comparisons": [asdict(each) for each in evaluation.comparisons],
        "regrets": [
            {**asdict(each), "is_regret": each.is_regret} for each in evaluation.regrets
        ],
        "curves": {name: _curves(each) for name, each in curves.items()},
        "queries": _queries(evaluation),
        "calibration": asdict(evaluation.calibration) if evaluation.calibration else None,
        "notes": list(evaluation.notes),
    }  # fmt: skip


def plain(value: Any) -> Any:
    """Values as JSON has them: paths and times as text, what is no number as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(each) for each in parts]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return value.as_posix() if isinstance(value, Path) else str(value)


def _curves(curves: Curves) -> dict[str, Any]:
    return {
        "recall_levels": list(LEVELS),
        "precision": dict(curves.precision),
        "depths": list(curves.depths),
        "recall": dict(curves.recall),
    }


def _queries(evaluation: Evaluation) -> dict[str, Any]:
    return {
        query.id: {
            "query": query.text,
            "class": query.kind,
            "scores": {
                scores.system: dict(scores.per_query[query.id]) for scores in evaluation.scores
            },
        }
        for query in evaluation.queries
    }
