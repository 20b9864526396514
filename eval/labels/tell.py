"""A study of labels as Markdown tables in a terminal."""

from __future__ import annotations

import math

from eval.evaluation import Interval
from eval.labels.study import Study
from eval.tables import markdown, spread


def tell_study(found: Study) -> None:
    """Print everything that was measured."""
    print(
        f"# {found.collection}: {found.pictures:,} pictures, {found.labels} labels, "
        f"encoder {found.encoder}\n"
    )
    for note in (*found.notes, found.evidence.told()):
        print(f"{note}\n")
    _tell_tags(found)
    _tell_classes(found)
    _tell_captions(found)


def _tell_tags(found: Study) -> None:
    print("Each label's own ranking of the pictures:\n")
    print(
        markdown(
            ["templates", "labels", "mean AUC", "mAP"],
            (
                [each.templates, str(each.labels), f"{each.auc:.3f}", f"{each.map:.3f}"]
                for each in found.templates
            ),
        )
    )
    print(f"\nProbabilities of tags ({found.rate:.1%} of all pairs are true):\n")
    print(
        markdown(
            ["probabilities", "ECE", "log loss", "at the true share"]
            + ["mean", "AUC, pooled", "AP, pooled"],
            (
                [each.system, _interval(each.believed.ece), f"{each.believed.log_loss:.4f}"]
                + [
                    _number(each.at_rate, 4),
                    f"{each.believed.mean:.3f}",
                    f"{each.auc:.3f}",
                    f"{each.ap:.3f}",
                ]
                for each in found.tags
            ),
        )
    )
    print("\nTags that pass:\n")
    print(
        markdown(
            ["cut-off", "", "precision", "recall", "F1", "ECE"],
            (
                [each.system, each.chosen, f"{each.hits.precision:.3f}"]
                + [f"{each.hits.recall:.3f}", f"{each.hits.f1:.3f}", _number(each.ece)]
                for each in found.cuts
            ),
        )
    )


def _tell_classes(found: Study) -> None:
    told = found.classes
    print(f"\n{told.pictures:,} pictures that show exactly one of {told.labels} labels:\n")
    print(
        markdown(
            ["probabilities", "accuracy", "mean sureness", "ECE of it", "log loss"],
            (
                [each.system, _interval(each.accuracy), f"{each.sureness:.3f}"]
                + [_interval(each.ece), f"{each.log_loss:.3f}"]
                for each in told.rows
            ),
        )
    )
    if told.none_auc is not None:
        print(
            f"\n'None of these' tells the {told.others:,} that show none from them with an AUC of "
            f"{told.none_auc:.3f}."
        )


def _tell_captions(found: Study) -> None:
    told = found.captions
    own = ", ".join(f"R@{cut} {share:.3f}" for cut, share in told.own.items())
    print(f"\nA picture's own caption among {told.captions:,}, by the text tower: {own}.")
    print(
        f"The captions' d' here is {told.distance:.2f}: in a description the product gives their "
        f"text a weight of {told.text_weight:.2f}.\n"
    )
    print(
        markdown(
            ["captions shown", "words true", "gained", "things shared", "gained"],
            (
                [each.system, f"{each.words:.3f}", spread(each.words_gained)]
                + [f"{each.things:.3f}", spread(each.things_gained)]
                for each in told.rows
            ),
        )
    )


def _interval(found: Interval) -> str:
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _number(value: float, digits: int = 3) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"
