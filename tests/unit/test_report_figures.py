"""What the report computes: means, curves, scales, the words it says, the words it marks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.collections import JudgedQuery
from eval.evaluation import ALL, Evaluation, Interval, Regret
from eval.report.curve_chart import precision_chart, recall_chart
from eval.report.curves import curves
from eval.report.means import means, primary_measure
from eval.report.regret_chart import regret_charts, verdict
from eval.report.scale import round_scale
from eval.report.summary import summary
from eval.report.systems import main_pair, overall, shown_systems
from eval.report.tables import comparison_tables, means_tables
from eval.report.wording import counted, listing, probability, signed
from eval.report.words import marked, shortened
from eval.runs import Run, in_order
from tests.evaluations import MEASURES, made_evaluation


@pytest.fixture(scope="module")
def made() -> Evaluation:
    return made_evaluation()


def test_means_are_those_of_the_queries_and_lie_in_their_intervals(made: Evaluation) -> None:
    found = means(made)
    assert len(found) == 4 * 5 * len(MEASURES)  # Three classes and all, five systems.
    planner = next(each for each in made.scores if each.system == "planner")
    names = [query.id for query in made.queries if query.kind == "name"]
    expected = sum(planner.per_query[each]["AP"] for each in names) / len(names)
    [mean] = [
        each
        for each in found
        if (each.system, each.query_class, each.measure) == ("planner", "name", "AP")
    ]
    assert mean.interval.mean == pytest.approx(expected)
    assert mean.queries == 12
    assert all(each.interval.low <= each.interval.mean <= each.interval.high for each in found)


def test_the_page_opens_with_the_measure_of_the_regrets(made: Evaluation) -> None:
    assert primary_measure(made) == "nDCG@10"
    bare = replace(made, regrets=[], comparisons=[])
    assert primary_measure(bare) == "nDCG@10"
    scores = [
        replace(each, per_query={query: {"AP": 1.0} for query in each.per_query})
        for each in made.scores
    ]
    assert primary_measure(replace(bare, scores=scores)) == "AP"


def test_curves_by_hand() -> None:
    # Relevant a, b, c; found at ranks 1 and 3; c is never found.
    query = JudgedQuery("q", "x", "k", {"a": 2, "b": 1, "c": 1, "n": 0})
    missed = JudgedQuery("r", "x", "k", {"z": 1})
    run = Run("s", {"q": in_order([("a", 4.0), ("n", 3.0), ("b", 2.0), ("y", 1.0)])})
    one = curves([run], [query])
    # Recall 1/3 at precision 1, recall 2/3 at precision 2/3, no more after that.
    third = 2 / 3
    assert one.precision["s"] == pytest.approx([1] * 4 + [third] * 3 + [0] * 4)
    assert one.depths == (1, 2, 3)
    assert one.recall["s"] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    both = curves([run], [query, missed])
    assert both.precision["s"][0] == pytest.approx(0.5)


def test_curves_never_rise_and_never_fall_where_they_must_not(made: Evaluation) -> None:
    found = curves(made.runs, made.queries)
    for line in found.precision.values():
        assert list(line) == sorted(line, reverse=True)
    for line in found.recall.values():
        assert list(line) == sorted(line)


def test_charts_lie_within_their_plot(made: Evaluation) -> None:
    systems = shown_systems(made)
    found = curves(made.runs, made.queries)
    for chart in (precision_chart(found, systems), recall_chart(found, systems)):
        points = [point for line in chart.lines for point in line.points]
        assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in points)
        assert len(chart.lines) == 5


def test_a_run_that_found_nothing_has_curves_at_zero() -> None:
    found = curves([Run("s", {})], [JudgedQuery("q", "x", "k", {"a": 1})])
    assert set(found.precision["s"]) == {0.0}
    recall_chart(found, [])


@given(st.lists(st.floats(-1, 1), max_size=8))
def test_a_scale_holds_its_values_and_zero(values: list[float]) -> None:
    scale = round_scale(values)
    assert all(scale.low - 1e-9 <= each <= scale.high + 1e-9 for each in [*values, 0.0])
    assert 2 <= len(scale.ticks) <= 13
    assert all(0 <= scale.at(each) <= 100 for each in values)
    assert any(value == 0 and not minor for _, value, minor in scale.labels)


def a_regret(low: float, mean: float, high: float, kind: str = "name") -> Regret:
    legs = {"lexical": 0.8, "dense": 0.2}
    return Regret("planner", "nDCG@10", kind, 40, "lexical", legs, Interval(mean, low, high))


def test_verdicts() -> None:
    assert verdict(a_regret(-0.2, -0.1, -0.01)) == "regret"
    assert verdict(a_regret(0.01, 0.1, 0.2)) == "gain"
    assert verdict(a_regret(-0.1, 0.1, 0.2)) == "open"
    assert verdict(a_regret(0.0, 0.1, 0.2)) == "open"
    assert verdict(a_regret(0.0, 0.0, 0.0)) == "equal"


def test_the_regret_chart_holds_every_class_with_its_legs(made: Evaluation) -> None:
    [chart] = regret_charts(made, shown_systems(made))
    assert [group.query_class for group in chart.groups] == ["name", "description", "mixture", ALL]
    assert chart.groups[0].legs[0][::2] == ("lexical", True)
    for group in chart.groups:
        assert [row.system.name for row in group.rows] == ["rrf", "planner"]
        assert all(row.low <= row.mean <= row.high for row in group.rows)


def test_the_planner_has_the_first_mark_and_the_legs_follow(made: Evaluation) -> None:
    marks = {system.name: (system.mark, system.role) for system in shown_systems(made)}
    assert marks["planner"] == (0, "fused")
    assert marks["rrf"] == (1, "fused")
    assert {marks["lexical"][0], marks["dense"][0]} == {2, 3}
    assert marks["rank-bm25"] == (4, "other")


def test_the_pair_is_the_best_fusion_and_its_better_leg(made: Evaluation) -> None:
    pair = main_pair(made, means(made), "nDCG@10")
    assert pair is not None
    assert pair[0] == "planner"
    assert pair[1] in ("lexical", "dense")
    order = [mean.system for mean in overall(means(made), "nDCG@10")]
    assert main_pair(replace(made, regrets=[]), means(made), "nDCG@10") == (order[0], order[1])


def test_the_best_of_each_class_is_marked(made: Evaluation) -> None:
    for table in means_tables(means(made), shown_systems(made), MEASURES):
        for column in range(len(table.classes)):
            cells = [cells[column] for _, cells in table.rows]
            best = max(round(cell.mean.interval.mean, 3) for cell in cells)
            marks = [cell.best for cell in cells]
            assert marks == [round(cell.mean.interval.mean, 3) == best for cell in cells]


def test_comparisons_are_grouped_and_their_shares_are_whole(made: Evaluation) -> None:
    [table] = comparison_tables(made)
    rows = [row for _, rows in table.groups for row in rows]
    assert len(rows) == len(made.comparisons)
    assert all(sum(row.shares) == pytest.approx(100, abs=0.05) for row in rows)
    assert all(row.sure == (row.comparison.p_holm < 0.05) for row in rows)


def said(made: Evaluation, *regrets: Regret) -> tuple[str, str]:
    found = summary(replace(made, regrets=regrets), means(made), "nDCG@10")
    return found.headline, " ".join(found.sentences)


def test_regret_is_said_first(made: Evaluation) -> None:
    headline, text = said(made, a_regret(-0.2, -0.1, -0.01), a_regret(0.1, 0.2, 0.3, "mixture"))
    assert headline == "Regret on name: planner falls below the better leg"
    assert "worse than lexical alone by 0.100" in text
    assert "a sure gain on mixture (+0.200 over lexical)" in text


def test_a_gain_is_said_and_what_is_not_ruled_out_as_well(made: Evaluation) -> None:
    headline, text = said(made, a_regret(-0.04, 0.0, 0.05), a_regret(0.1, 0.2, 0.3, "mixture"))
    assert headline == "No regret shown; planner gains on mixture"
    assert "On name the difference from the better leg may be chance" in text
    assert "a loss of up to 0.040 is not ruled out" in text


def test_without_gain_or_regret_neither_is_claimed(made: Evaluation) -> None:
    headline, _ = said(made, a_regret(-0.04, 0.0, 0.05))
    assert headline == "No regret shown for planner, but no sure gain either"


def test_a_gain_over_all_queries_alone_is_said_so(made: Evaluation) -> None:
    headline, text = said(made, a_regret(0, 0, 0), a_regret(0.01, 0.1, 0.2, ALL))
    assert headline == "No regret shown; planner gains over all queries together"
    assert "On name it answers as well as the better leg, always." in text


def test_without_fusion_the_leader_is_named_and_thin_classes_too(made: Evaluation) -> None:
    headline, text = said(made)
    assert headline == "On a made-up archive, planner leads"
    assert "Fewer than 30 queries stand behind name (12)" in text


def test_a_lead_is_only_called_sure_when_it_was_tested(made: Evaluation) -> None:
    order = overall(means(made), "nDCG@10")
    first, second = order[0].system, order[1].system
    like = next(each for each in made.comparisons if each.query_class == ALL)
    for p, words in ((0.01, "more than chance would give"), (0.4, "may be chance")):
        tested = replace(like, system=second, baseline=first, p_holm=p)
        assert words in said(replace(made, comparisons=[tested]))[1]
    other = replace(like, system=first, baseline="rank-bm25", p_holm=0.01)
    text = said(replace(made, comparisons=[other]))[1]
    assert "difference from rank-bm25" in text
    assert "from the next it was not tested" in text
    assert "was not tested" in said(replace(made, comparisons=[]))[1]


def test_wording() -> None:
    assert [signed(each) for each in (0.0412, -0.0004, -0.5)] == ["+0.041", "0.000", "−0.500"]
    assert [listing(list(each)) for each in ("", "a", "ab", "abc")] == ["", "a", "a and b",
                                                                      "a, b and c"]  # fmt: skip
    assert (counted(1, "query"), counted(2000, "query")) == ("1 query", "2,000 queries")
    assert (probability(0.00005), probability(0.25)) == ("< 0.001", "0.250")


@pytest.mark.parametrize(
    ("text", "words", "found", "elsewhere"),
    [
        ("Fire in the factories", ["factory"], ["factories"], []),
        ("Požar v Melaminu", ["melamin", "pozar"], ["Melaminu", "Požar"], []),
        ("New York, 1943", ["new york", "1943"], ["New", "York", "1943"], []),
        ("A cat", ["category", "car"], [], ["category", "car"]),
        ("", ["x"], [], ["x"]),
    ],
)
def test_words_are_found_again_as_written(
    text: str, words: list[str], found: list[str], elsewhere: list[str]
) -> None:
    assert marked(text, words) == (found, elsewhere)


@given(st.text(), st.integers(1, 50))
def test_shortening(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert short == text or (len(short) <= limit + 2 and short.endswith("…"))
