"""An evaluation told in a terminal: notes, tables, regret, time and memory."""

from __future__ import annotations

from eval.evaluation import Evaluation
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
