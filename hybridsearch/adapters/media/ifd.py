"""The TIFF directory structure, which both TIFF files and EXIF blocks are made of.

In: bytes that begin with a TIFF header. Out: tags and their raw values. Written for hostile
input: every offset is checked, and what does not fit reads as absent. Source: TIFF 6.0,
section 2; Exif 3.0 (CIPA DC-008), section 4.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ByteOrder = Literal["little", "big"]

_UNIT_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 13: 4, 129: 1}
"""Bytes of one value, by TIFF field type; 129 is Exif 3.0's UTF-8."""

_RATIONAL, _SIGNED_RATIONAL = 5, 10
_ENTRY_SIZE = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag's value: where it lies in the block; read only when asked for."""

    kind: int
    order: ByteOrder
    block: bytes
    start: int
    size: int

    def raw(self, limit: int) -> bytes:
        """The value's bytes, no more than ``limit`` of them."""
        return self.block[self.start : self.start + min(self.size, limit)]

    @property
    def integer(self) -> int | None:
        """The first whole number, None for other types."""
        if self.kind not in (1, 3, 4, 13):
            return None
        return int.from_bytes(self.raw(_UNIT_SIZES[self.kind]), self.order)

    def rationals(self, limit: int) -> list[tuple[int, int]]:
        """Numerators and denominators, no more than ``limit``; empty for other types."""
        if self.kind not in (_RATIONAL, _SIGNED_RATIONAL):
            return []
        signed = self.kind == _SIGNED_RATIONAL
        raw = self.raw(8 * limit)
        numbers = [
            int.from_bytes(raw[at : at + 4], self.order, signed=signed)
            for at in range(0, len(raw), 4)
        ]
        return list(zip(numbers[::2], numbers[1::2], strict=True))


Directory = Mapping[int, Entry]


def first_offset(block: bytes) -> tuple[int, ByteOrder] | None:
    """Where the first directory is, and the byte order; None if this is no TIFF header.

    BigTIFF (version 43) is not read.
    """
    order: ByteOrder
    if block[:4] == b"II*\0":
        order = "little"
    elif block[:4] == b"MM\0*":
        order = "big"
    else:
        return None
    return int.from_bytes(block[4:8], order), order


def read_directory(block: bytes, offset: int, order: ByteOrder) -> Directory:
    """The tags of the directory at ``offset``; those whose values lie outside are left out."""
    count = int.from_bytes(block[offset : offset + 2], order)
    directory: dict[int, Entry] = {}
    for number in range(count):
        start = offset + 2 + number * _ENTRY_SIZE
        entry = block[start : start + _ENTRY_SIZE]
        if len(entry) < _ENTRY_SIZE:
            break
        tag, kind = (int.from_bytes(entry[at : at + 2], order) for at in (0, 2))
        size = _UNIT_SIZES.get(kind, 0) * int.from_bytes(entry[4:8], order)
        if size == 0:
            continue
        at = start + 8 if size <= 4 else int.from_bytes(entry[8:12], order)
        if at + size <= len(block):
            directory.setdefault(tag, Entry(kind, order, block, at, size))
    return directory


def main_directory(block: bytes) -> Directory:
    """The first directory (TIFF's own, or EXIF's IFD0); empty if there is none."""
    header = first_offset(block)
    return read_directory(block, *header) if header else {}


def sub_directory(block: bytes, parent: Directory, tag: int) -> Directory:
    """The directory that a tag of ``parent`` points to; empty if there is none."""
    pointer = parent.get(tag)
    offset = pointer.integer if pointer else None
    if pointer is None or offset is None:
        return {}
    return read_directory(block, offset, pointer.order)
