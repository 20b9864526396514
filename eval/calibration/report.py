"""What the report shows of a calibration: figures, and the reliability diagram as a picture."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from eval.calibration.cuts import CutOffs
from eval.calibration.reliability import Bin, Reliability
from eval.calibration.separation import Separation
from hybridsearch.domain.calibration import RelevanceModel

SIDE, MARGIN = 260, 40
BLENDED = "all legs"


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """A fitted model and how far its probabilities can be believed.

    All figures are of queries that were not fitted on. ``all_candidates`` and ``top_10`` hold
    the reliability of each leg and of ``BLENDED`` over everything retrieved, and over the ten
    best of each query: what people see.
    """

    collection: str
    encoder: str
    model: RelevanceModel
    all_candidates: Mapping[str, Reliability]
    top_10: Mapping[str, Reliability]
    by_class: Mapping[str, Reliability]
    """Of ``BLENDED`` over all candidates, by class with enough queries, under the common maps."""

    by_own_class: Mapping[str, Reliability]
    """The same under each class's own maps."""

    cut_offs: CutOffs
    separations: tuple[Separation, ...]
    queries: int
    judgements: int
    relevant: int
    notes: tuple[str, ...] = ()


def reliability_svg(reliability: Reliability, title: str) -> str:
    """A reliability diagram as inline SVG: predicted across, observed up, the diagonal is right.

    A dot's area goes with its number of candidates (by the square root, so that small bins are
    seen); the line through it is the observed rate's interval.
    """
    size = SIDE + 2 * MARGIN
    most = max((each.candidates for each in reliability.bins), default=1.0)
    ece = reliability.ece
    told = f"ECE {ece.mean:.3f} [{ece.low:.3f}, {ece.high:.3f}]"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" '
        f'height="{size}" role="img" aria-label="{html.escape(title)}: {told}" '
        'font-family="system-ui, sans-serif" font-size="11">',
        f"<title>{html.escape(title)}</title>",
        *_frame(),
        *(part for each in reliability.bins for part in _dot(each, most)),
        f'<text x="{MARGIN}" y="16" font-size="13" font-weight="600" fill="currentColor">'
        f"{html.escape(title)}</text>",
        f'<text x="{MARGIN}" y="31" fill="currentColor" opacity="0.7">{told}</text>',
        "</svg>",
    ]
    return "\n".join(parts)


def _frame() -> list[str]:
    parts = [
        f'<path d="M{_x(0)} {_y(0)} L{_x(1)} {_y(1)}" stroke="currentColor" opacity="0.4" '
        'stroke-dasharray="4 4" fill="none"/>'
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts += [
            f'<path d="M{_x(0)} {_y(tick)} H{_x(1)} M{_x(tick)} {_y(0)} V{_y(1)}" '
            'stroke="currentColor" opacity="0.12" fill="none"/>',
            f'<text x="{_x(tick)}" y="{_y(0) + 14:.1f}" text-anchor="middle" '
            f'fill="currentColor">{tick:g}</text>',
            f'<text x="{_x(0) - 6:.1f}" y="{_y(tick) + 4:.1f}" text-anchor="end" '
            f'fill="currentColor">{tick:g}</text>',
        ]
    parts.append(
        f'<text x="{_x(0.5)}" y="{_y(0) + 30:.1f}" text-anchor="middle" fill="currentColor">'
        "predicted relevance; up: share found relevant</text>"
    )
    return parts


def _dot(each: Bin, most: float) -> list[str]:
    x, observed = _x(each.predicted), each.observed
    told = (
        f"predicted {each.predicted:.3f}, observed {observed.mean:.3f} "
        f"[{observed.low:.3f}, {observed.high:.3f}], {each.candidates:,.0f} candidates"
    )
    radius = 2.5 + 5 * (each.candidates / most) ** 0.25
    return [
        f'<path d="M{x} {_y(observed.low)} V{_y(observed.high)}" stroke="#2563eb" '
        'stroke-width="1.5" opacity="0.6"/>',
        f'<circle cx="{x}" cy="{_y(observed.mean)}" r="{radius:.1f}" fill="#2563eb" '
        f'opacity="0.85"><title>{told}</title></circle>',
    ]


def _x(share: float) -> float:
    return round(MARGIN + share * SIDE, 1)


def _y(share: float) -> float:
    return round(MARGIN + (1 - share) * SIDE, 1)
