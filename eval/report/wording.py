"""Numbers and lists as a reader reads them.

In: figures. Out: short texts, with a real minus sign and no more digits than mean something.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.evaluation import ALL, Interval


def number(value: float, digits: int = 3) -> str:
    """A measure: 0.612."""
    return f"{_unsigned_zero(value, digits):.{digits}f}".replace("-", "−")


def signed(value: float, digits: int = 3) -> str:
    """A difference: +0.041, −0.012, 0.000."""
    rounded = _unsigned_zero(value, digits)
    sign = "+" if rounded > 0 else ""
    return f"{sign}{rounded:.{digits}f}".replace("-", "−")


def signed_range(interval: Interval) -> str:
    """The ends of a difference's interval."""
    return f"{signed(interval.low)} to {signed(interval.high)}"


def probability(p: float) -> str:
    """A p value; below a thousandth the digits mean nothing."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def listing(names: Sequence[str]) -> str:
    """One, two and three."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, noun: str) -> str:
    """1 query, 2 queries, 3 classes, 4 systems."""
    if count == 1:
        return f"{count} {noun}"
    plural = {"query": "queries", "class": "classes"}.get(noun, f"{noun}s")
    return f"{count:,} {plural}"


def class_title(name: str) -> str:
    """A class of queries as a heading names it."""
    return "all queries" if name == ALL else name


def _unsigned_zero(value: float, digits: int) -> float:
    """-0.0004 to three digits is 0.000, not -0.000."""
    return round(value, digits) + 0.0
