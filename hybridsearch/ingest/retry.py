"""A source cut down to what failed before.

In: a source, and the list of failures that an ingest has left. Out: the source's entries that
are in the list. The list names ids, so the source must be the one that gave them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure, Source
from hybridsearch.ingest.report import Report


class RetrySource:
    """The entries of a source that failed before; of a folder that failed, what is below it."""

    def __init__(self, source: Source, failed: Sequence[Failure]) -> None:
        self._source = source
        self._failed = {failure.asset_id for failure in failed}

    def count(self) -> int:
        """How many failed; those that are no longer in the source are counted too."""
        return len(self._failed)

    def entries(self) -> Iterator[Entry | Failure]:
        """In the source's order."""
        for each in self._source.entries():
            if each.asset_id in self._failed or self._below_failed(each.asset_id):
                yield each

    def _below_failed(self, asset_id: str) -> bool:
        return any(str(above) in self._failed for above in PurePosixPath(asset_id).parents)


def read_failures(path: Path) -> list[Failure]:
    """What ``write_failures`` has written; empty where nothing failed.

    Raises:
        SourceError: the list is damaged.
    """
    if not path.exists():
        return []
    failures = []
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                told = json.loads(line)
                failures.append(
                    Failure(told["asset_id"], told["origin"], told["reason"], told["remedy"])
                )
            except (ValueError, KeyError, TypeError) as error:
                raise SourceError(
                    f"{path}, line {number}: no failure stands there ({error}).",
                    "Remove the file, and run the ingest without --retry-failed.",
                ) from error
    return failures


def still_failing(before: Sequence[Failure], report: Report) -> list[Failure]:
    """The list after an ingest: what failed in it and, if it was interrupted, what failed before.

    Some of the latter may have been written meanwhile; the next retry finds them unchanged.
    """
    now = [*report.failures, *report.warnings]
    if not report.interrupted:
        return now
    again = {failure.asset_id for failure in now}
    return [*now, *(each for each in before if each.asset_id not in again)]
