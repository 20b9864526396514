from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eval.collections import JudgedQuery
from eval.comparison import (
    EXACT,
    Floats,
    compare,
    corrected,
    differences,
    holm,
    interval,
    intervals,
    p_values,
)
from eval.evaluation import ALL, Scores
from eval.regret import regrets
from eval.tables import comparisons_table, means, means_table, regrets_table

MEASURE = "nDCG@10"
PS = st.lists(st.floats(0, 1), max_size=12)
STEPS = st.sampled_from([-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5])


def queries(count: int, kinds: tuple[str, ...] = ("name", "scene")) -> list[JudgedQuery]:
    return [JudgedQuery(f"q{n}", "x", kinds[n % len(kinds)], {"a": 1}) for n in range(count)]


def scores(system: str, values: list[float] | Floats) -> Scores:
    return Scores(system, {f"q{n}": {MEASURE: float(each)} for n, each in enumerate(values)})


def p_value(values: list[float] | Floats, rounds: int = 10_000, seed: int = 1) -> float:
    return p_values(np.asarray(values, dtype=np.float64)[:, None], rounds, seed)[0]


def test_holm_by_hand() -> None:
    # Sorted: .01 * 4, .02 * 3, .03 * 2, .04 * 1; none may be below the one before.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([]) == []


@given(PS)
def test_holm_is_monotone_never_below_p_nor_below_bonferroni_over(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(p <= found <= min(1.0, len(ps) * p) for p, found in zip(ps, adjusted, strict=True))
    pairs = sorted(zip(ps, adjusted, strict=True))
    assert [found for _, found in pairs] == sorted(adjusted)


@given(st.lists(STEPS, min_size=1, max_size=8))
def test_few_queries_are_counted_out_as_brute_force_does(values: list[float]) -> None:
    seen = abs(sum(values))
    sums = [
        abs(sum(sign * value for sign, value in zip(signs, values, strict=True)))
        for signs in product((1, -1), repeat=len(values))
    ]
    brute = sum(each >= seen - 1e-9 for each in sums) / len(sums)
    assert p_value(values) == pytest.approx(brute)


def test_exact_agrees_with_scipy() -> None:
    values = np.random.default_rng(3).normal(0.2, 0.5, 10)
    theirs = stats.permutation_test(
        (values, np.zeros(10)),
        lambda one, other: np.mean(one - other),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    assert p_value(values) == pytest.approx(theirs.pvalue)


def test_sampled_agrees_with_the_exact_answer() -> None:
    values = np.random.default_rng(4).normal(0.12, 0.4, EXACT + 2)
    patterns = np.array(list(product((1, -1), repeat=len(values)))) @ values
    exact = (np.abs(patterns) >= abs(values.sum()) - 1e-9).mean()
    assert p_value(values) == pytest.approx(exact, abs=0.015)
    assert p_value(values) == p_value(values)
    assert p_value(values) == p_value(-values)


def test_ties_and_nothing_to_tell() -> None:
    assert p_value([0.0] * 30) == 1
    assert p_value([0.3]) == 1
    # Of 2**5 patterns two are as extreme; the ties beside them change nothing.
    assert p_value([0.1] * 5 + [0.0] * 40) == pytest.approx(2 / 32)
    # Never 0: (0 + 1) / (m + 1).
    assert p_value([0.1] * 100, rounds=999) == pytest.approx(1 / 1000)


def test_under_a_null_p_is_about_uniform() -> None:
    table = np.random.default_rng(5).normal(0, 0.3, (25, 400))
    ps = np.array(p_values(table, rounds=2000, seed=1))
    assert stats.kstest(ps, "uniform").pvalue > 0.01
    assert 0.02 < (ps <= 0.05).mean() < 0.09


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_the_interval_contains_the_mean_and_lies_within_the_values(values: list[float]) -> None:
    found = intervals(np.array(values)[:, None], rounds=500)[0]
    assert found.low <= found.mean <= found.high
    assert found.mean == pytest.approx(float(np.mean(values)))
    if len(values) > 1:
        assert found.low >= min(values) - 1e-9
        assert found.high <= max(values) + 1e-9


def test_one_query_tells_nothing_of_the_spread() -> None:
    found = interval([-0.4])
    assert (found.low, found.mean, found.high) == (-1, -0.4, 1)
    with pytest.raises(ValueError, match="at least one"):
        interval([])


def test_equal_differences_leave_no_spread() -> None:
    found = interval([-0.1] * 12)
    assert found.low == found.mean == found.high == -0.1


def test_large_classes_have_the_interval_of_theory() -> None:
    values = np.random.default_rng(6).normal(0.02, 0.3, 500)
    found = interval(values)
    half = 1.96 * values.std(ddof=1) / np.sqrt(500)
    assert found.low == pytest.approx(values.mean() - half, abs=0.002)
    assert found.high == pytest.approx(values.mean() + half, abs=0.002)
    assert interval(values) == found
    assert interval(values, seed=2) != found
    narrow = interval(values, level=0.5)
    assert found.low < narrow.low < narrow.high < found.high


def test_small_classes_are_covered_as_often_as_the_level_says() -> None:
    drawn = np.random.default_rng(7).normal(0.1, 0.3, (10, 600))
    found = intervals(drawn, rounds=2000)
    covered = np.mean([each.low <= 0.1 <= each.high for each in found])
    assert 0.93 < covered < 0.98


def test_noise_in_the_last_digits_is_a_tie() -> None:
    one, other = scores("a", [0.3, 0.5]), scores("b", [0.1 + 0.2, 0.4])
    assert differences(one, other, ["q0", "q1"], MEASURE).tolist() == [0.0, pytest.approx(0.1)]


def test_every_system_is_compared_on_every_class() -> None:
    asked = queries(8)
    base = scores("base", [0.5] * 8)
    better = scores("better", [0.9, 0.5, 0.9, 0.5, 0.9, 0.4, 0.9, 0.5])
    found = compare([better, base, scores("same", [0.5] * 8)], "base", MEASURE, asked)
    assert [(each.query_class, each.system) for each in found] == [
        (kind, system) for kind in ("name", "scene", ALL) for system in ("better", "same")
    ]
    name = found[0]
    assert (name.baseline, name.measure, name.queries) == ("base", MEASURE, 4)
    assert (name.wins, name.ties, name.losses) == (4, 0, 0)
    assert name.difference.mean == pytest.approx(0.4)
    assert name.p == pytest.approx(2 / 16)
    assert name.p_holm == pytest.approx(0.75)  # the smallest of six: 0.125 * 6
    assert (found[2].wins, found[2].ties, found[2].losses) == (0, 3, 1)
    assert (found[1].p, found[1].p_holm, found[1].ties) == (1, 1, 4)
    assert corrected(found[:1])[0].p_holm == found[0].p
    assert compare([base], "base", MEASURE, asked) == []


def test_a_missing_system_is_told() -> None:
    with pytest.raises(ValueError, match="'lexical'"):
        compare([scores("a", [1.0])], "lexical", MEASURE, queries(1))
    twice = [scores("a", [1.0]), scores("a", [0.5]), scores("b", [0.5])]
    with pytest.raises(ValueError, match="2 systems"):
        compare(twice, "a", MEASURE, queries(1))


def test_regret_is_against_the_better_leg_of_each_class() -> None:
    asked = queries(40)
    random = np.random.default_rng(8)
    noise = random.uniform(-0.05, 0.05, 40)
    # Words know the names (even queries), looks know the scenes (odd ones).
    lexical = scores("lexical", [0.9 if n % 2 == 0 else 0.1 for n in range(40)])
    dense = scores("dense", [0.1 if n % 2 == 0 else 0.6 for n in range(40)])
    plain = scores("rrf", [0.6 if n % 2 == 0 else 0.55 for n in range(40)] + noise)
    planned = scores("planner", [0.9 if n % 2 == 0 else 0.7 for n in range(40)] + noise)
    every = [lexical, dense, plain, planned]
    found = regrets(every, ["rrf", "planner"], ["lexical", "dense"], MEASURE, asked)
    told = {(each.query_class, each.system): each for each in found}
    assert list(told) == [
        (kind, system) for kind in ("name", "scene", ALL) for system in ("rrf", "planner")
    ]
    assert told["name", "rrf"].better_leg == "lexical"
    assert told["scene", "rrf"].better_leg == "dense"
    assert told[ALL, "rrf"].better_leg == "lexical"
    assert told["name", "rrf"].legs == pytest.approx({"lexical": 0.9, "dense": 0.1})
    assert told["name", "rrf"].is_regret
    assert not told["name", "planner"].is_regret
    assert told["scene", "planner"].difference.low > 0
    assert told["scene", "planner"].queries == 20


def test_regret_without_legs_or_fusions() -> None:
    with pytest.raises(ValueError, match="leg"):
        regrets([scores("a", [1.0])], ["a"], [], MEASURE, queries(1))
    assert regrets([scores("a", [1.0])], [], ["a"], MEASURE, queries(1)) == []


def test_figures_become_tables() -> None:
    asked = queries(4)
    every = [scores("a|b", [0.25, 1.0, 0.75, 1.0]), scores("base", [0.0] * 4)]
    rows = means(every, asked, [MEASURE])
    assert [(row.query_class, row.system, row.queries) for row in rows[:2]] == [
        ("name", "a|b", 2),
        ("name", "base", 2),
    ]
    assert means_table(rows).splitlines()[:3] == [
        "| class | system | queries | nDCG@10 |",
        "| --- | --- | --- | --- |",
        "| name | a\\|b | 2 | 0.500 |",
    ]
    assert means_table([]) == "| class | system | queries |\n| --- | --- | --- |\n"
    compared = comparisons_table(compare(every, "base", MEASURE, asked)).splitlines()
    assert compared[4].startswith("| all | a\\|b | base | nDCG@10 | 4 | +0.750 [+0.250, +1.000] |")
    assert compared[4].endswith("| 0.1250 | 0.3750 | 4/0/0 |")
    regretted = regrets(every, ["base"], ["a|b"], MEASURE, asked)
    assert regrets_table(regretted).splitlines()[4] == (
        "| all | base | nDCG@10 | 4 | a\\|b | 0.750 | -0.750 [-1.000, -0.250] | regret |"
    )
