"""What the page shows of a calibration: reliability diagrams, cut-offs, separation."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from eval.calibration.cuts import Cut
from eval.calibration.report import CalibrationReport, reliability_svg
from eval.calibration.separation import Separation


@dataclass(frozen=True, slots=True)
class CalibrationPart:
    """Diagrams as inline SVG, what people see first (the ten best) before all candidates."""

    diagrams: tuple[Markup, ...]
    cuts: tuple[Cut, ...]
    detection: float | None
    separations: tuple[Separation, ...]
    notes: tuple[str, ...]


def calibration_part(report: CalibrationReport | None) -> CalibrationPart | None:
    """None where the evaluation was made without calibrating."""
    if report is None:
        return None
    shown = (("ten best", report.top_10), ("all candidates", report.all_candidates))
    diagrams = tuple(
        Markup(reliability_svg(each, f"{leg}, {name}"))  # noqa: S704 (escapes its title itself)
        for name, by_leg in shown
        for leg, each in by_leg.items()
    )
    cut_offs = report.cut_offs
    return CalibrationPart(
        diagrams, cut_offs.cuts, cut_offs.detection, report.separations, report.notes
    )
