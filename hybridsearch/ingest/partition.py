"""A part of a source, so that several machines share the work.

In: a source and "2/4". Out: the entries of the second of four parts. An asset's part follows from
its id alone, so parts may be read again, and by another machine, without harm.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure, Skipping, Source
from hybridsearch.ingest.report import write_failures
from hybridsearch.ingest.retry import read_failures

_WRITTEN = re.compile(r"(\d{1,6})/(\d{1,6})")


class PartitionSource:
    """The ``part``-th of ``parts`` parts of a source, counted from 1."""

    def __init__(self, source: Source, part: int, parts: int) -> None:
        """
        Raises:
            ValueError: there is no such part.
        """
        if not 1 <= part <= parts:
            raise ValueError(f"there is no part {part} of {parts}")
        self._source = source
        self._part = part
        self._parts = parts

    @property
    def skipped(self) -> Mapping[str, int]:
        """Files left out by their name; the first part tells of them all."""
        tells = self._part == 1 and isinstance(self._source, Skipping)
        return self._source.skipped if tells and isinstance(self._source, Skipping) else {}

    def count(self) -> int:
        """About so many: the source's share."""
        return -(-self._source.count() // self._parts)

    def entries(self) -> Iterator[Entry | Failure]:
        """In the source's order."""
        for each in self._source.entries():
            if part_of(each.asset_id, self._parts) == self._part:
                yield each


def part_of(asset_id: str, parts: int) -> int:
    """Which of so many parts an asset belongs to, from 1; the same on every machine."""
    return zlib.crc32(asset_id.encode("utf-8", "surrogateescape")) % parts + 1


def partition_of(source: Source, written: str) -> PartitionSource:
    """The part of a source that is written "I/N".

    Raises:
        SourceError: it is not written so, or there is no such part.
    """
    found = _WRITTEN.fullmatch(written.strip())
    part, parts = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= part <= parts:
        raise SourceError(
            f"--partition {written!r} names no part.",
            "Write I/N with I from 1 to N: 1/4, 2/4, 3/4 and 4/4 on four machines.",
        )
    return PartitionSource(source, part, parts)


def failures_file_of(whole: Path, written: str | None) -> Path:
    """Where a part lists its failures, beside those of the whole; that itself without a part."""
    if written is None:
        return whole
    part, _, parts = written.strip().partition("/")
    return whole.with_name(f"failures-{part}-of-{parts}.jsonl")


def gather_failures(whole: Path) -> list[Failure]:
    """The failures of all parts as those of the whole; the parts' lists are removed."""
    parts = sorted(whole.parent.glob("failures-*-of-*.jsonl"))
    failures = {each.asset_id: each for part in parts for each in read_failures(part)}
    write_failures(list(failures.values()), whole)
    for part in parts:
        part.unlink()
    return list(failures.values())
