"""Judgements in TREC's file format: ``query 0 asset grade``, one a line.

In: a qrels file, or grades by query and asset. Out: the other of the two, nothing left out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from eval.runs import escaped
from hybridsearch.errors import SourceError

Grades = Mapping[str, Mapping[str, int]]
"""By query id and asset id; 0 is judged and not relevant, 1 and more are relevant."""

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Qrels:
    """Judgements as read. ``negative`` counts those below 0, which stand in ``grades`` as 0.

    TREC tracks give grades below 0 to spam and junk: judged, and worth nothing. A negative gain
    would make measures leave their range.
    """

    grades: Grades
    negative: int = 0


def read_qrels(path: Path) -> Qrels:
    """The judgements of a qrels file; the second column is ignored, as it always is.

    Raises:
        SourceError: the file is not there or is no UTF-8, or a line is no judgement or judges an
            asset again; the message names file and line.
    """
    grades: dict[str, dict[str, int]] = {}
    negative = 0
    for line, (query_id, _, asset_id, written) in _lines(path):
        asked = grades.setdefault(query_id, {})
        if asset_id in asked:
            raise SourceError(
                f"{path}, line {line}: {asset_id!r} is judged twice for query {query_id!r}.",
                "Keep one of the two lines.",
            )
        grade = _grade(written, f"{path}, line {line}")
        negative += grade < 0
        asked[asset_id] = max(grade, 0)
    return Qrels(grades, negative)


def write_qrels(grades: Grades, path: Path) -> None:
    """One line a judgement. White space and ``%`` inside an id are escaped, as in runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for query_id, judged in grades.items():
            for asset_id, grade in judged.items():
                stream.write(f"{escaped(query_id)} 0 {escaped(asset_id)} {grade}\n")


def unknown_assets(grades: Grades, known: Container[str]) -> str | None:
    """A sentence that counts the judged assets that are not known; None where all are.

    They stay among the judgements: an asset that should be found and is not there is missed.
    """
    unknown = dict.fromkeys(
        asset_id for judged in grades.values() for asset_id in judged if asset_id not in known
    )
    if not unknown:
        return None
    return (
        f"{counted(len(unknown), 'judged asset is', 'judged assets are')} not in the manifest "
        f"and can never be found: {examples(list(unknown))}."
    )


def counted(number: int, one: str, many: str) -> str:
    """``1 asset``, ``2,000 assets``."""
    return f"{number:,} {one if number == 1 else many}"


def examples(names: list[str]) -> str:
    """The first few, and that there are more."""
    shown = ", ".join(names[:EXAMPLES])
    return shown if len(names) <= EXAMPLES else f"{shown} and {len(names) - EXAMPLES:,} more"


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    if not path.is_file():
        raise SourceError(f"There is no qrels file {path}.", "Check the path.")
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for line, text in enumerate(stream, start=1):
                fields = text.split()
                if not fields:
                    continue
                if len(fields) != 4:
                    raise SourceError(
                        f"{path}, line {line}: {len(fields)} fields where a judgement has 4.",
                        "Write: query 0 asset grade, with %20 for a space inside an id.",
                    )
                yield line, [unquote(field) for field in fields]
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path} is not in UTF-8 ({error.reason}).", "Save it as UTF-8."
        ) from error


def _grade(text: str, where: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SourceError(
            f"{where}: the grade {text!r} is no whole number.",
            "Write 0 for not relevant, 1 and up for relevant.",
        ) from None
