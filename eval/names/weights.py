"""What the kin form does to the ranking of real queries, by its weight and by the rule.

In: a collection with queries. Out: nDCG@10 of the words leg, for an archive of English alone and
for one of English and Slovene, where every word has a kin form too. ``mixed in`` gives the kin
form its weight whatever else is known, ``by the rule`` is ``search.forms``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from eval.bench.report import Cell, Report, Table
from eval.collections import Collection, JudgedQuery
from eval.measures import mean, measure
from eval.rescoring import Asked, LexicalSetting, Rescoring
from hybridsearch.analysis.analyzer import Analyzer, AnalyzerSettings
from hybridsearch.analysis.terms import Form

WEIGHTS = (0.1, 0.25, 0.5, 1.0)
DEPTH = 100
MEASURES = ("nDCG@10", "RR", "R@100")


def measure_weights(collection: Collection) -> Report:
    """One row for each way of weighing."""
    queries = collection.queries()
    rows = [*_rows(collection, queries, ("en",)), *_rows(collection, queries, ("en", "sl"))]
    return Report(
        f"The kin form in the words leg: {collection.name}",
        {"queries": len(queries)},
        [Table("Means over the queries", rows)],
    )


def _rows(
    collection: Collection, queries: Sequence[JudgedQuery], languages: tuple[str, ...]
) -> list[dict[str, Cell]]:
    analyzer = Analyzer(AnalyzerSettings(languages=languages, kin_weight=1.0))
    rescoring = Rescoring(collection.assets(), analyzer, queries)
    ways: dict[str, Callable[[Asked], Asked]] = {"without": with_kin(0.0)}
    if len(languages) > 1:
        ways.update({f"mixed in at {weight:g}": with_kin(weight) for weight in WEIGHTS})
    for weight in WEIGHTS if len(languages) > 1 else (1.0,):
        ways[f"by the rule at {weight:g}"] = by_rule(rescoring, weight)
    settings = analyzer.settings
    rows: list[dict[str, Cell]] = []
    for name, way in ways.items():
        run = rescoring.run(LexicalSetting(name, settings.k1, settings.fields), DEPTH, way)
        scores = measure(run, queries, MEASURES)
        means = {each: mean(scores, scores.per_query, each) for each in MEASURES}
        rows.append({"languages": " ".join(languages), "kin form": name, **means})
    return rows


def with_kin(weight: float) -> Callable[[Asked], Asked]:
    """Multiply the weight of kin forms; 0 leaves them out."""

    def weighed(asked: Asked) -> Asked:
        return tuple(
            replace(each, weight=each.weight * weight) if each.term.form is Form.KIN else each
            for each in asked
            if weight > 0 or each.term.form is not Form.KIN
        )

    return weighed


def by_rule(rescoring: Rescoring, weight: float) -> Callable[[Asked], Asked]:
    """Weigh as the planner does, after multiplying the weight of kin forms."""

    return lambda asked: rescoring.as_planned(with_kin(weight)(asked))
