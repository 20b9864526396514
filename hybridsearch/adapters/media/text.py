"""Text as metadata carries it: undeclared encodings, padding, and captions that cameras write.

In: bytes or text of a metadata value. Out: clean text, or None where it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_TEXT = 32_768
"""Characters kept of one value; IPTC-IIM allows 2,000 for a caption, XMP sets no limit."""

MAX_ITEMS = 1_000
"""Items kept of one list."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]+")

_BOILERPLATE = re.compile(
    r"""(?:OLYMPUS|MINOLTA|KONICA\ MINOLTA|PENTAX|SAMSUNG|FUJIFILM|KODAK)
        \ DIGITAL\ (?:STILL\ )?CAMERA
    |   SAMSUNG(?:\ CAMERA\ PICTURES)?
    |   SONY\ DSC | DSC | DCIM | DIGITAL\ CAMERA | DIGITAL\ STILL\ CAMERA
    |   EXIF[_ ]JPEG(?:[_ ]PICTURE)? | JFIF | <?\ ?DIGIMAX\ [\w ,]+>?
    |   CASIO\ COMPUTER\ CO\.,?\ ?LTD\.?
    |   CREATED\ WITH\ (?:THE\ )?GIMP | PROCESSED\ WITH\ VSCO\ .*
    |   DEFAULT | UNTITLED | UNKNOWN""",
    re.VERBOSE | re.IGNORECASE,
)


def unicode_of(raw: bytes, *, declared: bool = False) -> str | None:
    """Text in UTF-8, which needs no declaration to be believed; None where it is none.

    Text in an 8-bit encoding is practically never valid UTF-8. A last character that a field's
    size limit has cut in two is left out, where the rest is UTF-8 or is declared to be.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        whole = raw[: error.start]
        if error.reason == "unexpected end of data" and (declared or not whole.isascii()):
            return whole.decode("utf-8-sig")
        return None


def decode(raw: bytes, legacy_encoding: str, *, declared: bool = False) -> str:
    """As UTF-8 if it is that, else in the old encoding.

    Bytes that the old encoding leaves undefined are read as Latin-1, which defines all.
    """
    text = unicode_of(raw, declared=declared)
    if text is not None:
        return text
    try:
        return raw.decode(legacy_encoding)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean(text: str | None) -> str | None:
    """Without control characters and outer white space, cut at ``MAX_TEXT``; None if empty."""
    if text is None:
        return None
    return _CONTROL.sub("", text[: 2 * MAX_TEXT].replace("\r\n", "\n")).strip()[:MAX_TEXT] or None


def clean_description(text: str | None) -> str | None:
    """As ``clean``; None also for what cameras and editors write when nobody has written."""
    cleaned = clean(text)
    return None if cleaned is None or _BOILERPLATE.fullmatch(cleaned) else cleaned


def clean_list(texts: Iterable[str | None]) -> list[str] | None:
    """Cleaned, without empty and repeated items, at most ``MAX_ITEMS``; None if none is left."""
    kept: dict[str, None] = {}
    for text in texts:
        cleaned = clean(text)
        if cleaned:
            kept.setdefault(cleaned)
        if len(kept) == MAX_ITEMS:
            break
    return list(kept) or None


def clean_names(texts: Iterable[str | None]) -> str | None:
    """Several names as one text, parted by semicolons; None if none is left."""
    names = clean_list(texts)
    return "; ".join(names) if names else None
