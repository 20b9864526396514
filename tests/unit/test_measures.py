from __future__ import annotations

import warnings
from math import log2
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.collections import JudgedQuery
from eval.measures import DEFAULT, mean, measure
from eval.runs import Run, in_order
from hybridsearch.errors import ConfigError

ASSETS = tuple("abcdefghijklmnop")
GRADES = st.dictionaries(st.sampled_from(ASSETS), st.integers(0, 3), min_size=1)


def query(relevant: dict[str, int], id: str = "q") -> JudgedQuery:
    return JudgedQuery(id, "words", "class", relevant)


def run(*asset_ids: str, id: str = "q") -> Run:
    return Run("system", {id: in_order((each, -rank) for rank, each in enumerate(asset_ids))})


def measured(asset_ids: tuple[str, ...], relevant: dict[str, int]) -> dict[str, float]:
    return dict(measure(run(*asset_ids), [query(relevant)]).per_query["q"])


def test_the_figures_are_those_computed_by_hand() -> None:
    # Judged: a is worth 2, b and c are worth 1, z was judged and is worth nothing.
    # Returned: x (never judged), a, z, b. So relevant ones stand at rank 2 and 4; c is missing.
    found = measured(("x", "a", "z", "b"), {"a": 2, "b": 1, "c": 1, "z": 0})
    # Gains over log2(rank + 1), over those of the best order a, b, c (or a, c, b).
    dcg = 2 / log2(3) + 1 / log2(5)  # 1.26186 + 0.43068 = 1.69254
    ideal = 2 / log2(2) + 1 / log2(3) + 1 / log2(4)  # 2 + 0.63093 + 0.5 = 3.13093
    assert found["nDCG@10"] == pytest.approx(dcg / ideal)
    assert found["nDCG@10"] == pytest.approx(0.54059, abs=1e-5)
    # Precision at each relevant rank, over the 3 relevant: (1/2 + 2/4) / 3.
    assert found["AP"] == pytest.approx(1 / 3)
    assert found["RR"] == pytest.approx(1 / 2)  # the first stands at rank 2
    assert found["P@5"] == pytest.approx(2 / 5)  # of 5 places, though only 4 were filled
    assert found["P@10"] == pytest.approx(2 / 10)
    assert found["R@10"] == pytest.approx(2 / 3)
    assert found["R@100"] == pytest.approx(2 / 3)
    assert found["Success@1"] == 0
    assert found["Judged@10"] == pytest.approx(3 / 4)  # of the 4 that were returned
    assert tuple(found) == DEFAULT


def test_the_cut_is_where_the_measure_says() -> None:
    # The only relevant one stands at rank 11.
    found = measured(tuple("bcdefghijka"), {"a": 1})
    assert found["nDCG@10"] == found["R@10"] == found["P@10"] == found["Judged@10"] == 0
    assert found["R@100"] == 1
    assert found["RR"] == found["AP"] == pytest.approx(1 / 11)


def test_every_judged_query_counts_and_no_answer_is_zero() -> None:
    queries = [query({"a": 1}, "answered"), query({"a": 1}, "empty"), query({"a": 1}, "absent")]
    answers = {"answered": in_order([("a", 1.0)]), "empty": (), "never asked": in_order([("a", 1)])}
    scores = measure(Run("system", answers), queries)
    assert list(scores.per_query) == ["answered", "empty", "absent"]
    assert set(scores.per_query["answered"].values()) == {1.0, 0.2, 0.1}
    assert set(scores.per_query["empty"].values()) == {0.0}
    assert scores.per_query["absent"] == scores.per_query["empty"]
    assert mean(scores, [each.id for each in queries], "RR") == pytest.approx(1 / 3)
    assert mean(scores, [], "RR") == 0


def test_queries_without_a_judgement_or_without_a_relevant_asset_have_zero() -> None:
    queries = [query({}, "unjudged"), query({"a": 0}, "barren")]
    answers = {each.id: in_order([("a", 1.0), ("b", 0.5)]) for each in queries}
    scores = measure(Run("system", answers), queries)
    assert set(scores.per_query["unjudged"].values()) == {0.0}
    judged = scores.per_query["barren"]
    assert judged["Judged@10"] == pytest.approx(1 / 2)
    assert {judged[name] for name in DEFAULT if name != "Judged@10"} == {0.0}


def test_no_runs_no_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert measure(Run("system", {}), [query({"a": 1})]).per_query["q"]["AP"] == 0


def test_ties_are_measured_in_our_order_not_in_that_of_trec_eval() -> None:
    tied = Run("system", {"q": in_order([("a", 1.0), ("b", 1.0)])})
    assert measure(tied, [query({"a": 1})], ["RR"]).per_query["q"]["RR"] == 1
    assert measure(tied, [query({"b": 1})], ["RR"]).per_query["q"]["RR"] == 0.5


def test_scores_that_only_a_double_tells_apart_keep_their_order() -> None:
    close = Run("system", {"q": in_order([("b", 1.0), ("a", 1.0 - 1e-12)])})
    assert measure(close, [query({"b": 1})], ["RR"]).per_query["q"]["RR"] == 1


def test_what_cannot_be_measured_is_told() -> None:
    with pytest.raises(ConfigError, match="no measure 'nDCG10'"):
        measure(run("a"), [query({"a": 1})], ["nDCG10"])
    with pytest.raises(ConfigError):
        measure(run("a"), [query({"a": 1})], ["nDCG@"])
    with pytest.raises(ValueError, match="twice"):
        measure(run("a", "b", "a"), [query({"a": 1})])


@given(
    st.lists(
        st.tuples(st.sampled_from(ASSETS), st.sampled_from((0.0, 0.5, 1.0))),
        unique_by=lambda entry: entry[0],
        min_size=1,
    ),
    GRADES,
    st.randoms(),
)
def test_the_order_in_which_equal_scores_come_changes_nothing(
    entries: list[tuple[str, float]], relevant: dict[str, int], random: Random
) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)
    one, other = Run("s", {"q": in_order(entries)}), Run("s", {"q": in_order(shuffled)})
    assert one == other
    assert measure(one, [query(relevant)]) == measure(other, [query(relevant)])


@given(st.permutations(ASSETS), st.integers(1, len(ASSETS)), GRADES, st.data())
def test_a_better_run_never_measures_worse(
    order: list[str], depth: int, relevant: dict[str, int], data: st.DataObject
) -> None:
    """Two assets change places so that the higher grade stands above.

    No measure of relevance can fall by that. Judged@10 cannot either: the higher of two grades
    is above 0, so it is a judged asset that moves up.
    """
    ranking = order[:depth]
    upper = data.draw(st.integers(0, depth - 1))
    lower = data.draw(st.integers(upper, depth - 1))
    swapped = list(ranking)
    swapped[upper], swapped[lower] = swapped[lower], swapped[upper]
    worse, better = tuple(ranking), tuple(swapped)
    if relevant.get(ranking[lower], 0) < relevant.get(ranking[upper], 0):
        worse, better = better, worse
    elif relevant.get(ranking[lower], 0) == relevant.get(ranking[upper], 0):
        return
    before, after = measured(worse, relevant), measured(better, relevant)
    assert all(after[name] >= before[name] - 1e-12 for name in DEFAULT)


@given(st.permutations(ASSETS), st.integers(1, len(ASSETS) - 1), GRADES)
def test_a_longer_answer_measures_no_worse(
    order: list[str], depth: int, relevant: dict[str, int]
) -> None:
    short = measured(tuple(order[:depth]), relevant)
    longer = measured(tuple(order[: depth + 1]), relevant)
    names = [name for name in DEFAULT if name != "Judged@10"]
    assert all(longer[name] >= short[name] - 1e-12 for name in names)


@given(st.permutations(ASSETS), GRADES)
def test_measures_lie_between_zero_and_one_and_the_best_order_reaches_one(
    order: list[str], relevant: dict[str, int]
) -> None:
    assert all(0 <= value <= 1 + 1e-12 for value in measured(tuple(order), relevant).values())
    best = tuple(sorted(order, key=lambda each: -relevant.get(each, 0)))
    if any(relevant.values()):
        found = measured(best, relevant)
        ones = [found[name] for name in ("nDCG@10", "AP", "RR", "R@100", "Success@1")]
        assert ones == pytest.approx([1.0] * 5)
