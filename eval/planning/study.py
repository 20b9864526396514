"""The study: every setting's runs on every collection, and the choice among them.

In: collections with the settings of their indexes. Out: scores by collection and system. The
setting is chosen on all collections together, each class of queries counting the same, and is
reported on the queries that had no part in choosing it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.collections import Collection, JudgedQuery
from eval.evaluate import answerable
from eval.evaluation import ALL, Regret, Scores, classes_of
from eval.indexing import Indexed, open_index
from eval.legs import LegSearch
from eval.measures import measure
from eval.planner import planner_run
from eval.planning.settings import fixed_weights, planner_grid
from eval.planning.within import within_names
from eval.regret import regrets
from eval.remembering import Remembering
from eval.runs import Run
from eval.sweeps import FOLDS, fold_of
from eval.systems import Rrf, fused_run
from hybridsearch.config import Settings

MEASURE, OF_CAPTIONS = "nDCG@10", "RR"
"""A caption has one right picture: where it stands is the reciprocal rank."""

PLANNER, HELD_OUT, BASE = "planner", "planner, held out", "rrf"
LEGS = ("lexical", "dense")


@dataclass(frozen=True, slots=True)
class Studied:
    """One collection: its queries, and the scores of legs, fixed weights and settings."""

    name: str
    encoder: str
    distance: float
    queries: Sequence[JudgedQuery]
    systems: Mapping[str, Scores]
    settings: Mapping[str, Scores]
    within: Mapping[str, float]
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The collection under its encoder: one may be studied under several."""
        return f"{self.name}, {self.encoder}"

    @property
    def measure(self) -> str:
        """What its queries are measured by."""
        kinds = set(classes_of(self.queries)) - {ALL}
        return OF_CAPTIONS if kinds == {"caption"} else MEASURE

    def mean(self, scores: Scores, kind: str) -> float:
        """A system's mean over one class."""
        asked = classes_of(self.queries)[kind]
        return sum(scores.per_query[each.id][self.measure] for each in asked) / len(asked)


@dataclass(frozen=True, slots=True)
class Study:
    """All collections, and which setting the folds chose (folds by setting)."""

    studied: Sequence[Studied]
    means: Mapping[str, float]
    chosen: Mapping[str, int]
    held_out: Mapping[str, Scores]
    """By collection: each query's scores under the setting that was chosen without it."""

    def regrets(self, each: Studied) -> list[Regret]:
        """The planner, as configured and held out, against the better leg."""
        scores = [*each.systems.values(), replace(self.held_out[each.key], system=HELD_OUT)]
        legs = [leg for leg in LEGS if leg in each.systems]
        return regrets(scores, [PLANNER, HELD_OUT], legs, each.measure, each.queries)


def study(asked: Sequence[tuple[Collection, Settings, Path]]) -> Study:
    """Search every collection under every setting, choose, and report what was held out.

    Raises:
        SourceError: a collection cannot be read or indexed.
    """
    studied = [_studied(*each) for each in asked]
    names = [setting.name for setting in planner_grid()]
    held_out: dict[str, dict[str, Mapping[str, float]]] = {each.key: {} for each in studied}
    chosen: Counter[str] = Counter()
    for fold in range(FOLDS):
        best = max(names, key=lambda name: _macro_mean(studied, name, but=fold))
        chosen[best] += 1
        for each in studied:
            scores = _of(each, best)
            for query in each.queries:
                if fold_of(query.id) == fold:
                    held_out[each.key][query.id] = scores.per_query[query.id]
    return Study(
        studied,
        {name: _macro_mean(studied, name) for name in names},
        dict(chosen),
        {name: Scores(HELD_OUT, found) for name, found in held_out.items()},
    )


def _of(each: Studied, setting: str) -> Scores:
    """Text alone has no looks to weigh: every setting answers it alike."""
    return each.settings.get(setting) or each.systems[PLANNER]


def _macro_mean(studied: Sequence[Studied], setting: str, but: int | None = None) -> float:
    """The mean over classes of the class means, without the queries of one fold."""
    means = []
    for each in studied:
        scores = _of(each, setting)
        for kind, asked in classes_of(each.queries).items():
            values = [
                scores.per_query[query.id][each.measure]
                for query in asked
                if but is None or fold_of(query.id) != but
            ]
            if kind != ALL and values:
                means.append(sum(values) / len(values))
    return sum(means) / len(means)


def _studied(collection: Collection, settings: Settings, work: Path) -> Studied:
    indexed = _remembering(open_index(collection, settings))
    try:
        queries, notes = answerable(collection.name, collection.queries(), indexed)
        legs = LegSearch(indexed, work / "runs").legs(queries)
        runs = [legs.lexical]
        tried: list[Run] = []
        if legs.dense is not None:
            runs.append(legs.dense)
            runs.append(fused_run(legs, Rrf(BASE)))
            runs.extend(fused_run(legs, each) for each in fixed_weights())
            tried = [
                planner_run(indexed, queries, each.name, each.numbers) for each in planner_grid()
            ]
        runs.append(planner_run(indexed, queries, PLANNER))
        background = indexed.archive.backgrounds.load(indexed.archive.generation)
    finally:
        indexed.archive.close()
    return Studied(
        collection.name,
        _encoder_of(indexed),
        background.distance if background else 0.0,
        queries,
        {run.system: measure(run, queries, (MEASURE, OF_CAPTIONS)) for run in runs},
        {run.system: measure(run, queries, (MEASURE, OF_CAPTIONS)) for run in tried},
        {run.system: within_names(run, queries) for run in runs if run.system in _SHOWN_WITHIN},
        tuple(notes),
    )


def _remembering(indexed: Indexed) -> Indexed:
    """The same queries are asked under every setting: they are embedded once."""
    encoder = indexed.archive.encoder
    if encoder is None:
        return indexed
    return replace(indexed, archive=replace(indexed.archive, encoder=Remembering(encoder)))


_SHOWN_WITHIN = (*LEGS, BASE, PLANNER)


def _encoder_of(indexed: Indexed) -> str:
    encoder = indexed.archive.encoder
    return encoder.card.name if encoder else "words only"
