"""An evaluation told in a terminal: notes, tables, regret, time and memory."""

from __future__ import annotations

from eval.calibration.cuts import Cut
from eval.calibration.report import CalibrationReport
from eval.evaluation import Evaluation, Interval
from eval.sweeps import Sweep
from eval.tables import comparisons_table, markdown, means, means_table, regrets_table


def tell(evaluation: Evaluation) -> None:
    """Print what was measured, as Markdown."""
    print(f"# {evaluation.collection}: {len(evaluation.queries):,} queries\n")
    for note in evaluation.notes:
        print(f"{note}\n")
    print(means_table(means(evaluation.scores, evaluation.queries)))
    if evaluation.regrets:
        print("\nFused minus the better leg (regret where the interval is below zero):\n")
        print(regrets_table(evaluation.regrets))
    if evaluation.comparisons:
        print("\nAgainst the lexical leg:\n")
        print(comparisons_table(evaluation.comparisons))
    seconds = evaluation.provenance.get("seconds", {})
    told = ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())
    memory = evaluation.provenance.get("peak_rss_mib", 0.0)
    print(f"\n{told}; peak memory {memory:,.0f} MiB\n")


def tell_calibration(report: CalibrationReport) -> None:
    """Print how far the fitted probabilities can be believed, and what a cut-off does."""
    print(f"# {report.collection}: relevance fitted on {report.judgements:,} judgements\n")
    for note in report.notes:
        print(f"{note}\n")
    print(
        markdown(
            ["leg", "candidates", "ECE", "Brier skill", "base rate"],
            (
                [leg, name, _error(each.ece), f"{each.brier_skill:.3f}", f"{each.base_rate:.4f}"]
                for name, by_leg in (("ten best", report.top_10), ("all", report.all_candidates))
                for leg, each in by_leg.items()
            ),
        )
    )
    print()
    print(
        markdown(
            ["least relevance", "precision", "recall", "answered", "rightly silent"],
            (
                [f"{cut.min_relevance:g}", *map(_share, _figures(cut))]
                for cut in report.cut_offs.cuts
            ),
        )
    )
    print(f"\ntelling answered from unanswered queries, AUC: {_share(report.cut_offs.detection)}\n")


def _error(ece: Interval) -> str:
    return f"{ece.mean:.3f} [{ece.low:.3f}, {ece.high:.3f}]"


def _figures(cut: Cut) -> tuple[float | None, ...]:
    return cut.precision, cut.recall, cut.answered, cut.silent


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def tell_sweep(found: Sweep, collection: str) -> None:
    """Print every setting's mean and what cross-validation chose."""
    print(f"# {collection}: {len(found.means)} settings by {found.measure}\n")
    ranked = sorted(found.means.items(), key=lambda each: -each[1])
    print(
        markdown(
            ["setting", f"mean {found.measure}", "chosen in folds"],
            ([name, f"{mean:.4f}", str(found.chosen.get(name, ""))] for name, mean in ranked),
        )
    )
    print(f"\nheld-out mean of what cross-validation chose: {found.held_out_mean:.4f}\n")
