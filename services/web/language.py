"""The page's language: what the reader chose, or what the browser prefers.

In: headers and cookies. Out: a language there are strings for, and the strings. A string with
``one``, ``two``, ``few``, ``other`` is chosen among by number (Unicode plural rules).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files as resources
from typing import Any

LANGUAGES = {"en": "English", "sl": "Slovenščina"}
"""Each by its own name; the first is what a reader of neither gets."""

COOKIE = "language"


def chosen_language(headers: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    """The reader's language: a cookie of the page goes before ``Accept-Language``."""
    chosen = cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else preferred(headers.get("accept-language", ""))


def preferred(accepted: str) -> str:
    """The best of ``LANGUAGES`` for an ``Accept-Language`` header (RFC 9110, 12.5.4)."""
    best, weight = next(iter(LANGUAGES)), 0.0
    for each in accepted.split(","):
        tag, _, parameters = each.partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(parameters)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@cache
def strings_of(language: str) -> dict[str, Any]:
    """The page's strings in a language."""
    path = resources("services.web") / "strings" / f"{language}.json"
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read
