"""Runs: what a system answered, query by query, in memory and in TREC's file format.

In: scores of assets, or a TREC run file. Out: rankings whose order never depends on chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from hybridsearch.errors import SourceError


class RankedAsset(NamedTuple):
    """One entry of a ranking; a higher score is better."""

    asset_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Run:
    """A system's rankings by query id, each best first, each asset at most once.

    A query that is not there, or whose ranking is empty, was answered with nothing.
    """

    system: str
    rankings: Mapping[str, tuple[RankedAsset, ...]]


def in_order(entries: Iterable[tuple[str, float]]) -> tuple[RankedAsset, ...]:
    """Best score first; equal scores by asset id, ascending, so that every run is alike.

    trec_eval breaks ties the other way round (by id, descending); measures are therefore
    taken over the positions of this order, never over the scores.
    """
    return tuple(RankedAsset(*entry) for entry in sorted(entries, key=lambda e: (-e[1], e[0])))


def write_trec(run: Run, path: Path) -> None:
    """``query Q0 asset rank score system``, one line an entry, ranks from 1.

    White space and ``%`` inside an id are written as ``%20``, ``%25``; reading undoes it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for query_id, ranking in run.rankings.items():
            for rank, (asset_id, score) in enumerate(ranking, start=1):
                fields = (query_id, "Q0", asset_id, rank, repr(score), run.system)
                stream.write(" ".join(escaped(str(field)) for field in fields) + "\n")


def read_trec(path: Path, system: str | None = None) -> Run:
    """A run from a TREC file; its scores decide the order, its ranks are ignored.

    Raises:
        SourceError: the file is not there, or a line is no run line or repeats an asset; the
            message names file and line.
    """
    scores: dict[str, dict[str, float]] = {}
    name = system
    for line, fields in _lines(path):
        query_id, _, asset_id, _, score, tag = fields
        asked = scores.setdefault(query_id, {})
        if asset_id in asked:
            raise SourceError(
                f"{path}, line {line}: {asset_id!r} stands there twice for query {query_id!r}.",
                "Keep one entry for an asset.",
            )
        asked[asset_id] = _number(score, path, line)
        name = name or tag
    rankings = {query_id: in_order(found.items()) for query_id, found in scores.items()}
    return Run(name or path.stem, rankings)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    if not path.is_file():
        raise SourceError(f"There is no run file {path}.", "Check the path.")
    with path.open(encoding="utf-8") as stream:
        for line, text in enumerate(stream, start=1):
            fields = text.split()
            if not fields:
                continue
            if len(fields) != 6:
                raise SourceError(
                    f"{path}, line {line}: {len(fields)} fields where a run line has 6.",
                    "Write: query Q0 asset rank score system.",
                )
            yield line, [unquote(field) for field in fields]


def escaped(field: str) -> str:
    """The format divides fields by spaces, so those inside a field (and ``%``) are escaped."""
    return _UNSAFE.sub(lambda found: quote(found.group()), field)


_UNSAFE = re.compile(r"[\s%]")


def _number(text: str, path: Path, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        raise SourceError(
            f"{path}, line {line}: the score {text!r} is no finite number.", "Mend that line."
        )
    return value
