"""Places on the globe as they are typed: a centre with a radius, or a box.

In: the value of a ``near:`` or ``box:`` clause. Out: a Disc or Box, or None where it is neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_KILOMETRES = 10.0
HALF_ROUND = 20_037_508.0
"""Metres from a point to its antipode, half the equator: no radius reaches further."""

_NUMBER = r"([+-]?\d{1,3}(?:\.\d{1,15})?)"
_AND = r"\s*[,; ]\s*"
_NEAR = re.compile(rf"{_NUMBER}{_AND}{_NUMBER}(?:{_AND}(\d{{1,8}}(?:\.\d{{1,9}})?)\s*(km|mi|m)?)?")
_BOX = re.compile(_AND.join([_NUMBER] * 4))
_MAX_VALUE = 80
_METRES = {"km": 1000.0, "m": 1.0, "mi": 1609.344}


@dataclass(frozen=True, slots=True)
class Disc:
    """All within ``metres`` of a point, in degrees (WGS 84)."""

    latitude: float
    longitude: float
    metres: float

    def __str__(self) -> str:
        return f"{self.latitude:g},{self.longitude:g},{self.metres / 1000:g}km"


@dataclass(frozen=True, slots=True)
class Box:
    """From south-west to north-east, in degrees; ``west`` > ``east`` crosses the 180th meridian."""

    south: float
    west: float
    north: float
    east: float

    def __str__(self) -> str:
        return f"{self.south:g},{self.west:g},{self.north:g},{self.east:g}"


def disc_of(value: str) -> Disc | None:
    """``latitude,longitude`` with, optionally, ``,radius`` in km (default), m or mi."""
    found = _NEAR.fullmatch(_plain(value))
    if found is None:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    metres = float(found[3] or DEFAULT_KILOMETRES) * _METRES[found[4] or "km"]
    if not _on_globe(latitude, longitude) or not 0 < metres <= HALF_ROUND:
        return None
    return Disc(latitude, longitude, metres)


def box_of(value: str) -> Box | None:
    """``south,west,north,east``."""
    found = _BOX.fullmatch(_plain(value))
    if found is None:
        return None
    south, west, north, east = (float(each) for each in found.groups())
    if not _on_globe(south, west) or not _on_globe(north, east) or south > north:
        return None
    return Box(south, west, north, east)


def _plain(value: str) -> str:
    """Short and with single spaces, so that the patterns match in linear time."""
    return " ".join(value.casefold().split()) if len(value) <= _MAX_VALUE else ""


def _on_globe(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 180
