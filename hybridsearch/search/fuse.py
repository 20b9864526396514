"""Fusion as the plan asks for it: by evidence, by rank, or by share of the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybridsearch.analysis.background import Background
from hybridsearch.domain.fusion import (
    Fusion,
    Scale,
    convex_combination,
    evidence_sum,
    reciprocal_rank_fusion,
)
from hybridsearch.domain.plan import Leg, Method, Plan
from hybridsearch.domain.ranking import Ranking
from hybridsearch.ports import Vector

COSINE_FLOOR, BM25_FLOOR = -1.0, 0.0
"""The lowest score that each leg could give (Bruch 2023, theoretical min-max)."""


def fuse(
    plan: Plan,
    rankings: Sequence[Ranking],
    vectors: Mapping[str, Vector],
    background: Background | None,
) -> Fusion:
    """The fused list of the plan's rankings, which come in the plan's order.

    ``vectors`` are those that the dense legs were asked with: their background makes a cosine
    comparable with a BM25 score. The planner plans no fusion by evidence of dense legs without
    a background.
    """
    weights = [leg.weight for leg in plan.legs]
    if plan.method is Method.RRF:
        return reciprocal_rank_fusion(rankings, weights, plan.k)
    if plan.method is Method.CONVEX:
        floors = [COSINE_FLOOR if leg.is_dense else BM25_FLOOR for leg in plan.legs]
        return convex_combination(rankings, weights, floors)
    scales = [_scale(leg, vectors, background) for leg in plan.legs]
    return evidence_sum(rankings, weights, scales)


def _scale(leg: Leg, vectors: Mapping[str, Vector], background: Background | None) -> Scale:
    return background.scale(vectors[leg.name]) if leg.is_dense and background else Scale()
