"""Fitting on made data whose true probabilities are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.calibration.cuts import cut_offs
from eval.calibration.fit import fit_leg, fit_model, probabilities_of
from eval.calibration.observations import Floats, Observations, thinned, with_withheld
from eval.calibration.reliability import reliability
from eval.calibration.separation import area_under_roc, separations
from eval.calibration.validate import out_of_fold, predictions
from hybridsearch.domain.plan import LegKind

KINDS = {"looks": LegKind.LOOKS, "words": LegKind.WORDS}
MADE_BY = {"looks": "f", "words": "v"}


def truth(looks: Floats, words: Floats) -> Floats:
    """The probability by which the made candidates are relevant."""
    made: Floats = 1 / (1 + np.exp(-(8 * looks + 5 * words - 6)))
    return made


def observations(queries: int = 120, depth: int = 60, seed: int = 0) -> Observations:
    """Candidates with independent scores; relevant with the probability ``truth``."""
    rng = np.random.default_rng(seed)
    rows = queries * depth
    looks, words = rng.uniform(-0.2, 0.6, rows), rng.beta(1, 3, rows)
    query = np.repeat(np.arange(queries), depth)
    order = np.lexsort((-looks - words, query))
    rank = np.empty(rows, dtype=np.int64)
    rank[order] = np.tile(np.arange(1, depth + 1), queries)
    return Observations(
        tuple(f"q{each}" for each in range(queries)),
        tuple("ab"[each % 2] for each in range(queries)),
        KINDS,
        query,
        {"looks": looks, "words": words},
        {leg: np.ones(rows, dtype=np.bool_) for leg in KINDS},
        rng.random(rows) < truth(looks, words),
        rank,
        np.ones(rows),
        np.zeros(rows, dtype=np.bool_),
    )


SEEN = observations(queries=100, depth=50, seed=2)
PREDICTED = out_of_fold(SEEN)


def test_the_true_probabilities_are_recovered() -> None:
    true = truth(SEEN.scores["looks"], SEEN.scores["words"])
    assert np.abs(PREDICTED.blended - true).mean() < 0.02
    judged = reliability(PREDICTED.blended, SEEN)
    assert judged.ece.mean < 0.02
    assert judged.ece_equal_width.mean < 0.02
    assert judged.brier == pytest.approx(float(np.mean(true * (1 - true))), abs=0.005)


def test_each_leg_alone_is_calibrated_too() -> None:
    for column in PREDICTED.by_leg.values():
        assert reliability(column, SEEN).ece.mean < 0.03


def test_wrong_probabilities_are_found_out() -> None:
    judged = reliability(np.sqrt(PREDICTED.blended), SEEN)
    assert judged.ece.mean > 0.1
    assert judged.ece.low > 0.05


def test_the_search_says_what_the_columns_say() -> None:
    model = fit_model(SEEN, MADE_BY)
    for by_class in (False, True):
        columns = predictions(model, SEEN, by_class)
        for row in range(0, len(SEEN), 97):
            scores = {leg: float(column[row]) for leg, column in SEEN.scores.items()}
            name = SEEN.classes[SEEN.query[row]] if by_class else None
            judged = model.judge(scores, name)
            assert judged is not None
            assert judged.relevance == pytest.approx(columns.blended[row])
            for leg, column in columns.by_leg.items():
                assert judged.by_leg[leg] == pytest.approx(column[row])


def test_classes_with_enough_get_maps_of_their_own() -> None:
    assert {each.query_class for each in fit_model(SEEN, MADE_BY).calibrations} == {None, "a", "b"}
    few = fit_model(observations(queries=20), MADE_BY)
    assert {each.query_class for each in few.calibrations} == {None}
    assert {each.fingerprint for each in few.calibrations} == {"f", "v"}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 30))
def test_whatever_is_fitted_is_a_monotone_map(seed: int, queries: int, depth: int) -> None:
    """The value type refuses anything else; falling scores, too, must not break it."""
    made = observations(queries, depth, seed)
    for column in (made.scores["looks"], -made.scores["looks"], np.zeros(len(made))):
        known = fit_leg("looks", "f", replace(made, scores={"looks": column}))
        assert 0 < known.probabilities[0] <= known.probabilities[-1] < 1


def test_a_useless_leg_gets_the_base_rate() -> None:
    noise = np.random.default_rng(5).random(len(SEEN))
    known = fit_leg("looks", "f", replace(SEEN, scores={"looks": noise}))
    rate = float(SEEN.relevant.mean())
    assert np.abs(probabilities_of(known, noise) - rate).mean() < 0.04


def test_a_flat_leg_has_no_weight() -> None:
    flat = np.full(len(SEEN), 0.1) + np.where(SEEN.relevant, 1e-17, 0.0)
    part = replace(SEEN, scores={"looks": flat, "words": SEEN.scores["words"]})
    [blend] = fit_model(part, MADE_BY, by_class=False).blends
    assert blend.weights[0] == 0
    assert 0 < blend.weights[1] < 2


def test_sampling_deep_candidates_keeps_the_base_rate() -> None:
    deep = observations(queries=40, depth=400, seed=3)
    sample = thinned(deep, rows=6000)
    assert len(sample) < len(deep) / 2
    assert sample.relevant.sum() == deep.relevant.sum()
    assert sample.weight.sum() == pytest.approx(len(deep), rel=0.05)
    whole, part = (fit_leg("looks", "f", each) for each in (deep, sample))
    for score in (-0.1, 0.1, 0.3, 0.5):
        assert part.probability(score) == pytest.approx(whole.probability(score), abs=0.05)


def test_a_query_whose_answers_are_withheld_has_none_and_closes_its_ranks() -> None:
    small = observations(queries=3, depth=10)
    both = with_withheld(small, 0.25)
    twins = both.rows(both.withheld)
    assert not twins.relevant.any()
    assert twins.weight == pytest.approx(1 / 3)
    for query in range(3):
        ranks = sorted(twins.rank[twins.query == query])
        assert ranks == list(range(1, len(ranks) + 1))
    assert with_withheld(small, 0.0) is small
    with pytest.raises(ValueError, match="share"):
        with_withheld(small, 1.0)


def test_cuts_trade_precision_for_recall() -> None:
    both = with_withheld(SEEN)
    found = cut_offs(out_of_fold(both).blended, both, (0.0, 0.3, 0.8))
    every, some, few = found.cuts
    assert every.recall == 1
    assert every.silent == 0
    assert every.answered == 1
    assert every.precision is not None
    assert some.precision is not None
    assert few.precision is not None
    assert every.precision < some.precision < few.precision
    assert found.detection is not None
    assert 0.5 < found.detection <= 1


def test_a_cut_that_nothing_passes_has_no_precision() -> None:
    [cut] = cut_offs(PREDICTED.blended, SEEN, (1.01,)).cuts
    assert cut.precision is None
    assert cut.recall == 0
    assert cut.silent is None


def test_pooled_separation_orders_scores_by_their_worth() -> None:
    noise = np.random.default_rng(1).random(len(SEEN))
    columns = {"noise": noise, "looks": SEEN.scores["looks"], "blended": PREDICTED.blended}
    found = {each.score: each.auc for each in separations(columns, SEEN) if each.query_class == "a"}
    assert found["noise"].mean == pytest.approx(0.5, abs=0.05)
    assert found["noise"].mean < found["looks"].mean < found["blended"].mean


def test_the_area_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    column, weight = rng.integers(0, 9, 200) / 9, rng.uniform(0.1, 3, 200)
    relevant = rng.random(200) < column
    expected = roc_auc_score(relevant, column, sample_weight=weight)
    assert area_under_roc(column, relevant, weight) == pytest.approx(expected)


def test_one_query_cannot_be_validated_but_can_be_fitted() -> None:
    alone = observations(queries=1)
    assert np.isnan(out_of_fold(alone).blended).all()
    assert fit_leg("looks", "f", alone).method == "logistic"
    with pytest.raises(ValueError, match="no prediction"):
        reliability(out_of_fold(alone).blended, alone)


def test_a_leg_that_saw_only_some_is_blended_where_it_saw() -> None:
    looks = SEEN.scores["looks"].copy()
    looks[::3] = np.nan
    part = replace(
        SEEN,
        scores={"looks": looks, "words": SEEN.scores["words"]},
        exact={"looks": np.isfinite(looks), "words": SEEN.exact["words"]},
    )
    model = fit_model(part, MADE_BY)
    columns = predictions(model, part)
    assert np.isfinite(columns.blended).all()
    assert columns.blended[::3] == pytest.approx(columns.by_leg["words"][::3])
    assert model.calibration("looks").judgements == np.isfinite(looks).sum()  # type: ignore[union-attr]
