"""Places on the globe: what a box and a circle mean, and how engines must be asked for them.

In: boxes and points in degrees. Out: whether the one holds the other; boxes for engines that
leave their edges out. Longitudes 180 and -180 are one meridian.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hybridsearch.domain.filters import WithinBox, WithinRadius

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (2a + b) / 3 of the GRS 80 ellipsoid (Moritz, 2000), which the engines use too."""

_POLE = 89.999_999_9
"""Degrees, 1 cm from the pole: engines take the pole itself for the other one (geohashes end
where they begin), so a box ends here, and so do locations (``analysis.payload``)."""

_SEAM = 179.999_999_9
"""The same for the 180th meridian: boxes end 1 cm from it."""


@dataclass(frozen=True, slots=True)
class OpenBox:
    """A box whose edges are not in it; ``west`` greater than ``east`` goes over the 180th."""

    south: float
    west: float
    north: float
    east: float


def open_boxes(box: WithinBox) -> list[OpenBox]:
    """Open boxes that together hold what the box, which has its edges in it, holds.

    Each edge is moved out by the smallest step there is. A box over the 180th meridian is cut
    there: engines lose places in wide boxes over it, and in boxes that end on it (embedded
    engine 0.9.0). The seam, 2 cm to both sides, is a box of its own.
    """
    parts = [(box.west, box.east)]
    if box.west > box.east:
        parts = [(box.west, 180.0), (-180.0, box.east)]
    opened = [
        _opened(box, max(_before(west), -_SEAM), min(_after(east), _SEAM)) for west, east in parts
    ]
    boxes = [each for each in opened if each.west < each.east]
    if any(180 in (abs(west), abs(east)) for west, east in parts):
        seam = 2 * _SEAM - 180
        boxes.append(_opened(box, seam, -seam))
    return boxes


def _opened(box: WithinBox, west: float, east: float) -> OpenBox:
    return OpenBox(max(_before(box.south), -_POLE), west, min(_after(box.north), _POLE), east)


def _before(value: float) -> float:
    return math.nextafter(value, -math.inf)


def _after(value: float) -> float:
    return math.nextafter(value, math.inf)


def open_radius(metres: float) -> float:
    """The radius for engines that leave the circle's edge out; at least 1 cm.

    A circle of no width holds nothing for them where four of their cells meet.
    """
    return _after(max(metres, 0.01))


def in_box(box: WithinBox, place: Any) -> bool:
    """Whether the value of a payload is a location in the box."""
    found = _degrees(place)
    if found is None or not box.south <= found[0] <= box.north:
        return False
    longitude = found[1]
    same = (longitude, -longitude) if abs(longitude) == 180 else (longitude,)
    if box.west > box.east:
        return any(each >= box.west or each <= box.east for each in same)
    return any(box.west <= each <= box.east for each in same)


def in_radius(circle: WithinRadius, place: Any) -> bool:
    """Whether the value of a payload is a location at most that far away."""
    found = _degrees(place)
    if found is None:
        return False
    return distance_m(circle.latitude, circle.longitude, *found) <= circle.metres


def distance_m(latitude: float, longitude: float, other_latitude: float, other: float) -> float:
    """Metres along a great circle, by the haversine formula (Sinnott, 1984)."""
    here, there = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other - longitude)
    chord = (
        math.sin((there - here) / 2) ** 2
        + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(chord, 1.0)))


def _degrees(place: Any) -> tuple[float, float] | None:
    if not isinstance(place, Mapping):
        return None
    latitude: Any = place.get("lat")
    longitude: Any = place.get("lon")
    if not (_is_number(latitude) and _is_number(longitude)):
        return None
    return float(latitude), float(longitude)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
