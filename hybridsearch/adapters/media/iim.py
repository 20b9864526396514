"""IPTC-IIM: the older metadata block of news pictures.

In: the block's bytes. Out: texts by record and dataset number. A damaged block gives what stands
before the damage. Source: IPTC Information Interchange Model 4.2, sections 1.5 and 1.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from hybridsearch.adapters.media.text import decode

Dataset = tuple[int, int]
"""Record and dataset number, as in 2:105."""

MAX_DATASETS = 10_000
"""Datasets read of one block; thousands of keywords are no news picture's."""

_MARK = 0x1C
_CODED_CHARACTER_SET: Dataset = (1, 90)
_LATIN = {b"\x1b.A": "iso8859-1", b"\x1b-A": "iso8859-1", b"\x1b-B": "iso8859-2"}
"""Escape sequences of ISO 2022 for the right half of 8-bit sets, as writers use them."""


def read_iim(block: bytes, legacy_encoding: str) -> Mapping[Dataset, Sequence[str]]:
    """The texts of all datasets, repeated ones in order.

    UTF-8 needs no declaration here: it is tried first, since writers often forget to declare it
    and sometimes declare it wrongly.

    Args:
        block: the block as it lies in the file.
        legacy_encoding: for blocks that do not declare their encoding and are not UTF-8.
    """
    found = list(islice(_datasets(block), MAX_DATASETS))
    declared = next((raw for dataset, raw in found if dataset == _CODED_CHARACTER_SET), b"")
    latin = _LATIN.get(declared)
    texts: dict[Dataset, list[str]] = {}
    for dataset, raw in found:
        text = raw.decode(latin) if latin else decode(raw, legacy_encoding)
        texts.setdefault(dataset, []).append(text)
    return texts


def _datasets(block: bytes) -> Iterator[tuple[Dataset, bytes]]:
    at = 0
    while at + 5 <= len(block) and block[at] == _MARK:
        size = int.from_bytes(block[at + 3 : at + 5], "big")
        start = at + 5
        if size & 0x8000:  # extended: the lower bits say how many bytes hold the size
            width = size & 0x7FFF
            if width > 8:
                return
            size = int.from_bytes(block[start : start + width], "big")
            start += width
        yield (block[at + 1], block[at + 2]), block[start : start + size]
        at = start + size
