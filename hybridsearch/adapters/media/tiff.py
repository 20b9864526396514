"""The directories of a TIFF file, without their values: enough to judge it before it is parsed.

In: a file's bytes, taken as hostile. Out: what each directory says that it holds. Source: TIFF 6.0,
section 2; BigTIFF as libtiff has it. Nothing here raises: what cannot be read is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

COMPRESSION, PHOTOMETRIC, DNG_VERSION = 259, 262, 50706
_SUB_DIRECTORIES = 330
_POINTERS = (_SUB_DIRECTORIES, 34665, 34853)
"""Directories below the first: of further pictures, of the camera's settings, of the position."""

_MAX_ENTRIES = 4_096
"""More are no picture's; the standard knows some hundreds of tags."""

_MAX_DIRECTORIES = 32
_MAX_VALUES = 1_000_000
_FIRST = 32
_WHOLE = {3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
"""Types of whole numbers as numpy calls them: short, long, directory, and those of BigTIFF."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a directory says of one tag.

    ``first`` holds up to 32 numbers, ``total`` the sum of all of them; of the whole types only.
    """

    kind: int
    count: int
    first: tuple[int, ...]
    total: int


Directory = Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file writes its numbers: ``<`` or ``>``, and whether offsets have 8 bytes."""

    order: str
    big: bool

    def unpack(self, data: bytes, codes: str, at: int) -> tuple[int, ...]:
        if at > len(data):  # and perhaps too large for C
            raise struct.error
        return struct.unpack_from(self.order + codes, data, at)


def directories(data: bytes) -> list[Directory]:
    """The first directory and those below it; empty where the file has none that can be read."""
    layout = _layout(data)
    if layout is None:
        return []
    try:
        start = layout.unpack(data, "Q" if layout.big else "L", 8 if layout.big else 4)[0]
    except struct.error:
        return []
    found: list[Directory] = []
    waiting, seen = [start], set()
    while waiting and len(found) < _MAX_DIRECTORIES:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        directory = dict(islice(_entries(data, layout, at), _MAX_ENTRIES))
        found.append(directory)
        waiting += [each for tag in _POINTERS if tag in directory for each in directory[tag].first]
    return found


def _layout(data: bytes) -> _Layout | None:
    """Raw files of some cameras have a magic number of their own where TIFF has 42."""
    orders = {b"II": "<", b"MM": ">"}
    if data[:2] not in orders or len(data) < 8:
        return None
    return _Layout(orders[data[:2]], data[2:4] in (b"+\0", b"\0+"))


def _entries(data: bytes, layout: _Layout, at: int) -> Iterator[tuple[int, Value]]:
    head, entry = ("Q", "HHQ") if layout.big else ("H", "HHL")
    size, inline = (20, 8) if layout.big else (12, 4)
    try:
        count = layout.unpack(data, head, at)[0]
        at += struct.calcsize("<" + head)
        for _ in range(count):
            tag, kind, items = layout.unpack(data, entry, at)
            numbers = _numbers(data, layout, kind, items, at + size - inline)
            first = tuple(int(number) for number in numbers[:_FIRST])
            yield tag, Value(kind, items, first, int(numbers.sum(dtype=np.float64)))
            at += size
    except struct.error:
        return


def _numbers(
    data: bytes, layout: _Layout, kind: int, count: int, at: int
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """All values of one of the whole types; none where they do not fit into the file."""
    code = _WHOLE.get(kind)
    none = np.zeros(0, dtype=np.uint8)
    if code is None or not count:
        return none
    try:
        if int(code[1]) * count > (8 if layout.big else 4):
            at = layout.unpack(data, "Q" if layout.big else "L", at)[0]
        return np.frombuffer(data, layout.order + code, min(count, _MAX_VALUES), at)
    except (struct.error, ValueError, OverflowError):
        return none
