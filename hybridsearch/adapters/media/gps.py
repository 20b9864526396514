"""GPS positions as EXIF and XMP write them.

In: degrees, minutes and seconds with a hemisphere. Out: a ``Location``, or None where the
values are no place on the globe. Source: Exif 3.0, section 4.6.6; XMP part 2, GPSCoordinate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hybridsearch.domain.asset import Location

_XMP_COORDINATE = re.compile(
    r"\s*(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])"
)


def degrees_of_rationals(parts: Sequence[tuple[int, int]], hemisphere: str) -> float | None:
    """Decimal degrees of up to three fractions (degrees, minutes, seconds), south and west < 0.

    A minute or second of 0/0 is unknown and counts as 0, as cameras mean it.
    """
    if not parts or parts[0][1] == 0 or hemisphere not in tuple("NSEW"):
        return None
    units = (1.0, 60.0, 3600.0)
    degrees = sum(
        over / under / unit for (over, under), unit in zip(parts, units, strict=False) if under
    )
    return -degrees if hemisphere in "SW" else degrees


def degrees_of_text(written: str | None) -> float | None:
    """Decimal degrees of XMP's notation, "45,38.5N" or "45,38,30N"."""
    found = _XMP_COORDINATE.fullmatch(written or "")
    if not found:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in found.groups()[:3])
    value = degrees + minutes / 60 + seconds / 3600
    return -value if found.group(4) in "SW" else value


def location(latitude: float | None, longitude: float | None) -> Location | None:
    """The place, None unless both are there and in range.

    0, 0 is left out: receivers without a fix write it, and no news happens there.
    """
    if latitude is None or longitude is None or (latitude == 0.0 and longitude == 0.0):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Location(latitude, longitude)
