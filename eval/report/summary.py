"""The evaluation in a few sentences, written from its figures and no kinder than they are.

In: an evaluation and its means. Out: a headline and sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.evaluation import ALL, Comparison, Evaluation, Regret
from eval.report.means import Mean
from eval.report.regret_chart import verdict
from eval.report.systems import main_pair, overall
from eval.report.tables import SURE
from eval.report.wording import class_title, counted, listing, number, probability, signed

FEW = 30
"""Below so many queries a class says little; the reader is told."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the page says first."""

    headline: str
    sentences: Sequence[str]


def summary(evaluation: Evaluation, means: list[Mean], measure: str) -> Summary:
    """Who leads, by how much and how surely; whether fusing cost something; what is thin."""
    order = overall(means, measure)
    if not order:
        return Summary("Nothing was measured.", [])
    pair = main_pair(evaluation, means, measure)
    told = [each for each in evaluation.regrets if each.measure == measure]
    main = [each for each in told if pair and each.system == pair[0]]
    sentences = [
        _leader(order, measure, evaluation.comparisons),
        _leaders_by_class(means, measure),
        *_regret_sentences(main),
        _other_regrets([each for each in told if each not in main]),
        _thin_classes(means),
    ]
    headline = _headline(main) if main else f"On {evaluation.collection}, {order[0].system} leads"
    return Summary(headline, [sentence for sentence in sentences if sentence])


def _headline(regrets: Sequence[Regret]) -> str:
    name = regrets[0].system
    classes = _own_classes(regrets)
    lost = _with(classes, "regret")
    gained = _with(classes, "gain")
    if lost:
        return f"Regret on {listing(lost)}: {name} falls below the better leg"
    if gained:
        return f"No regret shown; {name} gains on {listing(gained)}"
    if any(verdict(each) == "gain" for each in regrets):
        return f"No regret shown; {name} gains over all queries together"
    return f"No regret shown for {name}, but no sure gain either"


def _leader(order: Sequence[Mean], measure: str, comparisons: Sequence[Comparison]) -> str:
    first = order[0]
    interval = first.interval
    over = f"Over {'all ' if first.query_class == ALL else ''}{counted(first.queries, 'query')}"
    value = (
        f"{number(interval.mean)} (95 % interval {number(interval.low)} to {number(interval.high)})"
    )
    if len(order) == 1:
        return f"{over} {first.system} has a mean {measure} of {value}."
    second = order[1]
    if round(second.interval.mean, 3) == round(interval.mean, 3):
        return f"{over} {first.system} and {second.system} share the highest {measure}, {value}."
    return (
        f"{over} {first.system} has the highest mean {measure}, {value}; next is "
        f"{second.system} with {number(second.interval.mean)}. "
        + _lead_test(first, second, measure, comparisons)
    )


def _lead_test(first: Mean, second: Mean, measure: str, comparisons: Sequence[Comparison]) -> str:
    names = {first.system, second.system}
    for each in comparisons:
        same = (each.measure, each.query_class) == (measure, first.query_class)
        if same and {each.system, each.baseline} == names:
            p = f"corrected p {probability(each.p_holm)}"
            if each.p_holm < SURE:
                return f"That lead is more than chance would give ({p})."
            return f"That lead may be chance ({p})."
    for each in comparisons:
        same = (each.measure, each.query_class) == (measure, first.query_class)
        if same and each.system == first.system:
            return _lead_over(each)
    return "Whether that lead is more than chance was not tested."


def _lead_over(tested: Comparison) -> str:
    """Where the best two were not compared: what was."""
    sure = "more than chance would give" if tested.p_holm < SURE else "which may be chance"
    return (
        f"Its difference from {tested.baseline} is {signed(tested.difference.mean)}, {sure} "
        f"(corrected p {probability(tested.p_holm)}); from the next it was not tested."
    )


def _leaders_by_class(means: Sequence[Mean], measure: str) -> str:
    classes = dict.fromkeys(mean.query_class for mean in means if mean.query_class != ALL)
    if len(classes) < 2:
        return ""
    parts = []
    all_leaders = set()
    for name in classes:
        group = [mean for mean in means if (mean.query_class, mean.measure) == (name, measure)]
        best = max(round(mean.interval.mean, 3) for mean in group)
        leaders = [mean.system for mean in group if round(mean.interval.mean, 3) == best]
        all_leaders.add(listing(leaders))
        parts.append(f"{listing(leaders)} on {name} ({number(best)})")
    if len(all_leaders) == 1:
        return f"On every class the highest mean is that of {all_leaders.pop()}."
    return f"The highest means by class: {', '.join(parts)}."


def _regret_sentences(regrets: Sequence[Regret]) -> list[str]:
    """On the system that the page is about: losses first, then gains, then what is open."""
    classes = _own_classes(regrets)
    sentences = [
        f"On {class_title(each.query_class)} {each.system} is worse than {each.better_leg} alone "
        f"by {number(-each.difference.mean)}, and the whole interval lies below zero: that is "
        "regret."
        for each in classes
        if verdict(each) == "regret"
    ]
    gains = [each for each in classes if verdict(each) == "gain"]
    if gains:
        parts = [
            f"{class_title(each.query_class)} ({signed(each.difference.mean)} over "
            f"{each.better_leg})"
            for each in gains
        ]
        sentences.append(f"Fusing is a sure gain on {listing(parts)}.")
    equal = [class_title(each.query_class) for each in classes if verdict(each) == "equal"]
    if equal:
        sentences.append(f"On {listing(equal)} it answers as well as the better leg, always.")
    unsure = [each for each in classes if verdict(each) == "open"]
    if unsure:
        sentences.append(_open_sentence(unsure))
    return sentences


def _open_sentence(unsure: Sequence[Regret]) -> str:
    worst = min(unsure, key=lambda each: each.difference.low)
    names = listing([class_title(each.query_class) for each in unsure])
    sentence = f"On {names} the difference from the better leg may be chance"
    if round(worst.difference.low, 3) >= 0:
        return f"{sentence}."
    where = f" on {class_title(worst.query_class)}" if len(unsure) > 1 else ""
    return f"{sentence}; a loss of up to {number(-worst.difference.low)}{where} is not ruled out."


def _other_regrets(regrets: Sequence[Regret]) -> str:
    lost: dict[str, list[str]] = {}
    for each in _own_classes(regrets):
        if each.is_regret:
            lost.setdefault(each.system, []).append(class_title(each.query_class))
    if not lost:
        return ""
    parts = [f"{name} on {listing(classes)}" for name, classes in lost.items()]
    return f"Other fusions show regret: {'; '.join(parts)}."


def _thin_classes(means: Sequence[Mean]) -> str:
    sizes = {mean.query_class: mean.queries for mean in means}
    thin = [f"{class_title(name)} ({size})" for name, size in sizes.items() if size < FEW]
    if not thin:
        return ""
    return f"Fewer than {FEW} queries stand behind {listing(thin)}: read its figures with care."


def _own_classes(regrets: Sequence[Regret]) -> list[Regret]:
    """Without the row over all queries, which would hide a class behind another."""
    own = [each for each in regrets if each.query_class != ALL]
    return own or list(regrets)


def _with(regrets: Sequence[Regret], wanted: str) -> list[str]:
    return [class_title(each.query_class) for each in regrets if verdict(each) == wanted]
