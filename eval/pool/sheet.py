"""The pool as a sheet: a CSV file that any spreadsheet opens, and that comes back as grades.

In: a pool, or a sheet that a person filled in. Out: the sheet, or qrels.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.pool.pool import GRADES, Pool
from eval.qrels import Grades
from hybridsearch.errors import SourceError

COLUMNS = ("query_id", "query", "asset_id", "title", "caption", "picture", "grade")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet takes for the beginning of a formula, and the sign that it is none."""


def write_sheet(pool: Pool, path: Path) -> None:
    """One row an item, its grade empty where nobody has judged it.

    With a byte order mark, so that Excel reads it as UTF-8. A text that a spreadsheet would run
    as a formula gets an apostrophe before it; reading takes it away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for item in pool.items:
            asset, grade = item.asset, pool.grade(item)
            texts = (
                item.query_id,
                item.query,
                asset.asset_id,
                asset.title,
                asset.caption,
                asset.picture.as_posix() if asset.picture else "",
            )
            writer.writerow([*map(_harmless, texts), "" if grade is None else grade])


def read_sheet(path: Path) -> Grades:
    """The grades of a sheet; rows without one are left out.

    Commas, semicolons and tabs are all taken, as spreadsheets write any of them.

    Raises:
        SourceError: no such file, no UTF-8, a column is missing, a grade is none of 0 to 3, or an
            asset is judged twice for a query; the message names file and line.
    """
    grades: dict[str, dict[str, int]] = {}
    for line, query_id, asset_id, written in _rows(path):
        if not written:
            continue
        where = f"{path}, line {line}"
        if asset_id in grades.setdefault(query_id, {}):
            raise SourceError(
                f"{where}: {asset_id!r} is judged twice for query {query_id!r}.",
                "Keep one of the two rows.",
            )
        grades[query_id][asset_id] = _grade(written, where)
    return {query_id: judged for query_id, judged in grades.items() if judged}


def _rows(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """Line, query id, asset id and what stands as the grade."""
    if not path.is_file():
        raise SourceError(f"There is no sheet {path}.", "Check the path.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            reader = csv.DictReader(stream, delimiter=max(",;\t", key=first.count), strict=True)
            _check_columns(path, reader.fieldnames or ())
            before = reader.line_num
            for row in reader:
                # A caption may run over several lines; the row begins after the one before it.
                line, before = before + 1, reader.line_num
                yield line, *_fields(row, f"{path}, line {line}")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path} is not in UTF-8 ({error.reason}).", "Save it as CSV UTF-8."
        ) from error
    except csv.Error as error:
        raise SourceError(
            f"{path}, line {before + 1}: {error}.", "Mend that row, or write the sheet again."
        ) from error


def _fields(row: dict[str, str | None], where: str) -> tuple[str, str, str]:
    query_id, asset_id = _restored(row["query_id"] or ""), _restored(row["asset_id"] or "")
    if not query_id or not asset_id:
        raise SourceError(
            f"{where}: the query or the asset has no id.", "Leave these columns as they were."
        )
    return query_id, asset_id, (row["grade"] or "").strip()


def _check_columns(path: Path, names: Sequence[str]) -> None:
    missing = [name for name in ("query_id", "asset_id", "grade") if name not in names]
    if missing:
        raise SourceError(
            f"{path}, line 1: there is no column {', '.join(missing)}.",
            "Keep the first row of the sheet as it was written.",
        )


def _grade(text: str, where: str) -> int:
    if text not in map(str, GRADES):
        raise SourceError(
            f"{where}: the grade {text!r} is none of {', '.join(map(str, GRADES))}.",
            "Write one of these, or leave it empty.",
        )
    return int(text)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _restored(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
