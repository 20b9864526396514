"""The gate: has a class of queries become worse than it was?

In: a record of what systems scored, and the one of before. Out: the classes that fell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from eval.collections import JudgedQuery
from eval.comparison import LEVEL, intervals, without_noise
from eval.evaluation import ALL, Interval, Scores
from eval.qrels import counted, examples
from hybridsearch.errors import SourceError

GATED: tuple[str, ...] = ("nDCG@10",)
"""The measures that are kept, unless told otherwise."""

REMEDY = "Write the baseline anew, and say in the change why."


class RecordedQuery(BaseModel):
    """A query's class, and a hash of what was asked and judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query_class: str
    judged: str


class Record(BaseModel):
    """What systems scored on a collection: ``scores[system][measure][query id]``.

    Single queries are kept, so that the difference to a later record is paired.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    queries: Mapping[str, RecordedQuery]
    scores: Mapping[str, Mapping[str, Mapping[str, float]]]


class Baseline(BaseModel):
    """Records by the name of their collection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    collections: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Fall:
    """A class on which a system scores less than before, its whole interval below zero."""

    query_class: str
    system: str
    measure: str
    queries: int
    before: float
    now: float
    difference: Interval

    def __str__(self) -> str:
        return (
            f"{self.system} on {self.query_class} ({self.queries:,} queries): {self.measure} fell "
            f"from {self.before:.3f} to {self.now:.3f} "
            f"({self.difference.low:+.3f} to {self.difference.high:+.3f})"
        )


def record(
    queries: Sequence[JudgedQuery], scores: Sequence[Scores], measures: Sequence[str] = GATED
) -> Record:
    """What there is to keep of an evaluation.

    Raises:
        KeyError: a query or a measure is not among the scores.
    """
    return Record(
        queries={
            query.id: RecordedQuery(query_class=query.kind, judged=_hash(query))
            for query in queries
        },
        scores={
            each.system: {
                measure: {query.id: each.per_query[query.id][measure] for query in queries}
                for measure in measures
            }
            for each in scores
        },
    )


def write_baseline(records: Mapping[str, Record], path: Path) -> None:
    """The records by collection, as JSON with sorted keys: a change of one figure is one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = Baseline(collections=records).model_dump()
    path.write_text(
        json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def read_baseline(path: Path) -> Mapping[str, Record]:
    """The records by collection.

    Raises:
        SourceError: the file is not there or is no baseline.
    """
    if not path.is_file():
        raise SourceError(f"There is no baseline {path}.", "Write one first.")
    try:
        return Baseline.model_validate_json(path.read_bytes()).collections
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"]) or "file"
        raise SourceError(
            f"{path} is no baseline: {field}: {wrong['msg']}.", "Write it anew."
        ) from error


def gate(now: Record, before: Record, level: float = LEVEL) -> list[Fall]:
    """The classes on which a system of the baseline fell, in a fixed order.

    A class falls where the paired bootstrap interval of now minus before lies wholly below
    zero. That is a one-sided test of each class on its own, uncorrected: a false alarm costs a
    look, a missed fall costs users. The resampling is seeded: the same records give the same
    answer. A fall on one or two queries of a large class is within chance and passes.

    Raises:
        SourceError: queries or judgements changed, or a system or measure of the baseline was
            not scored: then there is nothing to compare.
    """
    _same_queries(now, before)
    falls = []
    for system, measures in sorted(before.scores.items()):
        for measure, kept in sorted(measures.items()):
            scored = now.scores.get(system, {}).get(measure)
            if scored is None:
                raise SourceError(
                    f"{measure} of {system!r} is in the baseline and was not scored now.",
                    f"Run that system too. {REMEDY}",
                )
            for kind, ids in _classes(before).items():
                fall = _fall(kind, ids, scored, kept, level)
                if fall is not None:
                    falls.append(Fall(kind, system, measure, len(ids), *fall))
    return falls


def unguarded(now: Record, before: Record) -> list[str]:
    """Sentences on what was scored now and is not in the baseline, so that no fall is seen."""
    new = [
        f"{measure} of {system}"
        for system, measures in sorted(now.scores.items())
        for measure in sorted(measures)
        if measure not in before.scores.get(system, {})
    ]
    return [f"Not in the baseline: {', '.join(new)}."] if new else []


def _fall(
    kind: str,
    ids: Sequence[str],
    now: Mapping[str, float],
    before: Mapping[str, float],
    level: float,
) -> tuple[float, float, Interval] | None:
    was, is_now = np.array([before[each] for each in ids]), np.array([now[each] for each in ids])
    difference = intervals(without_noise(is_now - was)[:, None], level)[0]
    if difference.high < 0:
        return float(was.mean()), float(is_now.mean()), difference
    return None


def _classes(kept: Record) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for query_id, query in kept.queries.items():
        groups.setdefault(query.query_class, []).append(query_id)
    if len(groups) > 1:
        groups[ALL] = list(kept.queries)
    # Resampling goes by position, and JSON keeps no order worth trusting.
    return {kind: sorted(groups[kind]) for kind in sorted(groups)}


def _same_queries(now: Record, before: Record) -> None:
    both = sorted({*now.queries, *before.queries})
    changed = [each for each in both if now.queries.get(each) != before.queries.get(each)]
    if changed:
        raise SourceError(
            f"{counted(len(changed), 'query is', 'queries are')} not what the baseline was written "
            f"for, in words or judgements: {examples(changed)}.",
            REMEDY,
        )
    for system, measures in before.scores.items():
        for measure, kept in measures.items():
            if kept.keys() != before.queries.keys():
                raise SourceError(
                    f"The baseline lacks queries of {system!r}, {measure}.", "Write it anew."
                )


def _hash(query: JudgedQuery) -> str:
    told: Iterable[object] = (
        query.text,
        sorted(query.relevant.items()),
        repr(query.filter),
        query.picture.name if query.picture else None,
    )
    return hashlib.sha256(json.dumps(list(told)).encode()).hexdigest()[:16]
