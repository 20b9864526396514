"""Dates as EXIF, IPTC-IIM and XMP write them, turned into ISO 8601.

In: "2024:05:06 12:13:14", "20240506", "1942-10", and so on. Out: ISO 8601, partial where the
source is partial, None where it is no date.
"""

from __future__ import annotations

import re
from datetime import date, time

_DATE = re.compile(r"(\d{4})(?:[-:/.]?(\d\d)(?:[-:/.]?(\d\d))?)?(?!\d)")
_TIME = re.compile(r"[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?(.*)", re.DOTALL)
_ZONE = re.compile(r"(?:(Z)|([+-])(\d\d):?(\d\d))")


def iso_date(written: str | None, zone: str | None = None) -> str | None:
    """The date and, where it is there and makes sense, the time of day.

    Args:
        written: a date in EXIF's, IPTC-IIM's or XMP's notation; months and days of 00 are
            unknown (IPTC-IIM 4.2, 2:55), and the result ends before them.
        zone: the time's offset where it is kept apart (EXIF's OffsetTimeOriginal).

    Returns:
        "1942", "1942-10", "1942-10-05" or "2024-05-06T12:13:14+02:00"; fractions of a second
        are left out.
    """
    text = (written or "").strip().strip("\0").strip()
    found = _DATE.match(text)
    if not found:
        return None
    day = _day(*(int(part or 0) for part in found.groups()))
    if day is None or len(day) < len("2024-05-06"):
        return day
    clock = _clock(text[found.end() :], zone or "")
    return f"{day}T{clock}" if clock else day


def _day(year: int, month: int, day: int) -> str | None:
    try:
        date(year, month or 1, (day if month else 0) or 1)
    except ValueError:
        return None
    if not month:
        return f"{year:04}"
    return f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"


def _clock(text: str, zone: str) -> str | None:
    found = _TIME.match(text)
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    try:
        clock = time(hour, minute, second).isoformat()
    except ValueError:
        return None
    return clock + _offset(found.group(4).strip() or zone.strip())


def _offset(zone: str) -> str:
    found = _ZONE.match(zone)
    if not found:
        return ""
    if found.group(1):
        return "Z"
    sign, hours, minutes = found.group(2), found.group(3), found.group(4)
    return f"{sign}{hours}:{minutes}" if int(hours) <= 14 and int(minutes) < 60 else ""
