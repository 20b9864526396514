"""The reliability diagram's numbers by hand, and the picture made of them."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from eval.calibration.observations import Observations
from eval.calibration.reliability import reliability
from eval.calibration.report import reliability_svg
from hybridsearch.domain.plan import LegKind


def observed(relevant: list[bool], query: list[int], weight: list[float]) -> Observations:
    count = len(relevant)
    return Observations(
        tuple(f"q{each}" for each in range(max(query) + 1)),
        ("a",) * (max(query) + 1),
        {"words": LegKind.WORDS},
        np.array(query),
        {"words": np.zeros(count)},
        {"words": np.ones(count, dtype=np.bool_)},
        np.array(relevant),
        np.arange(1, count + 1),
        np.array(weight),
        np.zeros(count, dtype=np.bool_),
    )


def test_bins_and_errors_by_hand() -> None:
    """Two bins of mass 4: predicted 0.1 and 0.8, observed 1/4 and 2/4."""
    predicted = np.array([0.1, 0.1, 0.1, 0.8, 0.8, 0.8, 0.8])
    seen = observed(
        [True, False, False, True, True, False, False],
        [0, 0, 1, 0, 0, 1, 1],
        [1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
    )
    found = reliability(predicted, seen, bins=2)
    assert [each.observed.mean for each in found.bins] == pytest.approx([0.25, 0.5])
    assert [each.predicted for each in found.bins] == pytest.approx([0.1, 0.8])
    assert [each.candidates for each in found.bins] == pytest.approx([4, 4])
    assert [each.relevant for each in found.bins] == [1, 2]
    assert found.ece.mean == pytest.approx((0.15 + 0.3) / 2)
    assert found.ece.low <= found.ece.mean <= found.ece.high
    assert found.base_rate == pytest.approx(3 / 8)
    assert found.brier == pytest.approx((0.81 + 3 * 0.01 + 2 * 0.04 + 2 * 0.64) / 8)
    assert (found.candidates, found.relevant, found.queries) == (7, 3, 2)


def test_rows_without_a_prediction_are_left_out() -> None:
    seen = observed([True, False, True], [0, 1, 1], [1.0, 1.0, 1.0])
    assert reliability(np.array([0.5, np.nan, 0.5]), seen).candidates == 2


def test_a_bin_without_relevant_candidates_says_how_high_it_could_be() -> None:
    seen = observed([False] * 60, list(range(60)), [1.0] * 60)
    [only] = reliability(np.full(60, 0.01), seen).bins
    assert only.observed.mean == 0
    assert only.observed.high == pytest.approx(0.05)


def test_the_diagram_is_well_formed_and_safe() -> None:
    seen = observed([True, False], [0, 1], [1.0, 1.0])
    svg = reliability_svg(reliability(np.array([0.9, 0.2]), seen), "words & <looks>")
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert len(root.findall(".//{*}circle")) == 2
    assert "ECE" in svg
