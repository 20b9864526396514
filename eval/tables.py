"""Figures as tables: means by class and system, comparisons, regrets, in Markdown.

In: an evaluation's values. Out: rows, and text for a terminal, a note or a README.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.collections import JudgedQuery
from eval.evaluation import Comparison, Interval, Regret, Scores, classes_of
from eval.measures import DEFAULT, mean


@dataclass(frozen=True, slots=True)
class Row:
    """One system's means on one class of queries."""

    query_class: str
    system: str
    queries: int
    means: Mapping[str, float]


def means(
    scores: Sequence[Scores], queries: Sequence[JudgedQuery], measures: Sequence[str] = DEFAULT
) -> list[Row]:
    """A row for each class and system, classes and systems in their own order."""
    rows = []
    for kind, asked in classes_of(queries).items():
        ids = [query.id for query in asked]
        for each in scores:
            figures = {measure: mean(each, ids, measure) for measure in measures}
            rows.append(Row(kind, each.system, len(ids), figures))
    return rows


def means_table(rows: Sequence[Row]) -> str:
    """The means to three decimals."""
    measures = list(rows[0].means) if rows else []
    return markdown(
        ["class", "system", "queries", *measures],
        (
            [row.query_class, row.system, f"{row.queries:,}"]
            + [f"{row.means[measure]:.3f}" for measure in measures]
            for row in rows
        ),
    )


def comparisons_table(comparisons: Iterable[Comparison]) -> str:
    """Differences with their intervals, tests, and wins, ties and losses."""
    return markdown(
        ["class", "system", "against", "measure", "queries"]
        + ["difference", "p", "p (Holm)", "wins/ties/losses"],
        (
            [each.query_class, each.system, each.baseline, each.measure, f"{each.queries:,}"]
            + [spread(each.difference), f"{each.p:.4f}", f"{each.p_holm:.4f}"]
            + [f"{each.wins}/{each.ties}/{each.losses}"]
            for each in comparisons
        ),
    )


def regrets_table(regrets: Iterable[Regret]) -> str:
    """The fused systems against the better leg; ``regret`` where the interval is below zero."""
    return markdown(
        ["class", "system", "measure", "queries", "better leg", "its mean", "difference", ""],
        (
            [each.query_class, each.system, each.measure, f"{each.queries:,}"]
            + [each.better_leg, f"{each.legs[each.better_leg]:.3f}"]
            + [spread(each.difference), "regret" if each.is_regret else ""]
            for each in regrets
        ),
    )


def spread(interval: Interval) -> str:
    """``+0.012 [-0.003, +0.027]``."""
    return f"{interval.mean:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a ``|`` inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )
