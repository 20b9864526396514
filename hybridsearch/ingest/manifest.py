"""A manifest as a source: JSON lines, CSV or Parquet, one asset a row, checked row by row."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.roots import outside_of
from hybridsearch.ingest.rows import ManifestRow, fields_of
from hybridsearch.ingest.sidecars import Sidecars

SUFFIXES = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")

ReadTable = Callable[[Path], Iterator[Mapping[str, Any]]]
"""Reads the rows of a binary table one after the other; raises ``SourceError``."""

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+)://", re.IGNORECASE)
REMOTE_SCHEMES = frozenset({"http", "https", "s3", "gs"})


class ManifestSource:
    """Assets listed in a file; ``file`` is relative to ``root``, by default the manifest's folder.

    ``file`` may be a URL (``REMOTE_SCHEMES``), which ingest fetches where it was given the means.
    ``rename`` maps asset fields to the manifest's own column names
    (``{"creator": "photographer"}``). Columns that are no asset field go to ``extra``;
    columns in ``drop`` go nowhere. ``read_parquet`` is needed for manifests in Parquet only.

    Raises:
        SourceError: the file is not there, or its ending is none of ``SUFFIXES``.
    """

    def __init__(
        self,
        path: Path,
        root: Path | None = None,
        rename: Mapping[str, str] | None = None,
        drop: frozenset[str] = frozenset(),
        read_parquet: ReadTable | None = None,
    ) -> None:
        self.path = path.expanduser().resolve()
        self.root = (root or self.path.parent).expanduser().resolve()
        self.column_of = dict(rename or {})
        self.drop = drop
        self._read_parquet = read_parquet
        self.uri = self.path.as_uri()
        if not self.path.is_file():
            raise SourceError(f"There is no manifest {path}.", "Check the path.")
        if not self.path.name.endswith(SUFFIXES):
            raise SourceError(
                f"{path} is no manifest that can be read.", f"Use one of {', '.join(SUFFIXES)}."
            )

    def count(self) -> int:
        """The number of rows."""
        return sum(1 for _ in self._rows())

    def entries(self) -> Iterator[Entry | Failure]:
        """Every row in the manifest's order.

        Raises:
            SourceError: a row that is not well formed, has no id, has a value of the wrong
                type, or repeats an id; the message names file, line and field.
        """
        seen: dict[str, int] = {}
        sidecars = Sidecars(self.root)
        for line, raw in self._rows():
            row = self._checked(line, raw)
            first = seen.setdefault(row.id, line)
            if first != line:
                raise SourceError(
                    f"{self.path}, line {line}: the id {row.id!r} stands already in line {first}.",
                    "Give every asset an id of its own.",
                )
            yield self._entry(line, row, sidecars)

    def _entry(self, line: int, row: ManifestRow, sidecars: Sidecars) -> Entry | Failure:
        origin = f"{self.path}, line {line}"
        fields = fields_of(row)
        if row.file is None:
            return Entry(row.id, None, origin, fields, source=self.uri)
        if url := _URL.match(row.file):
            if url["scheme"].lower() in REMOTE_SCHEMES:
                return Entry(row.id, None, origin, fields, url=row.file, source=self.uri)
            reason = f"Files cannot be fetched by {url['scheme']}."
            return Failure(row.id, origin, reason, f"Use {', '.join(sorted(REMOTE_SCHEMES))}.")
        path = self.root / row.file
        outside = outside_of(self.root, path, row.id)
        listed = Entry(row.id, path, origin, fields, sidecars.of(path), source=self.uri)
        return outside or listed

    def _checked(self, line: int, raw: Mapping[str, Any]) -> ManifestRow:
        named = {key: value for key, value in raw.items() if key not in self.drop}
        for field, column in self.column_of.items():
            if column in named:
                named[field] = named.pop(column)
        try:
            return ManifestRow.from_columns(named)
        except ValidationError as error:
            wrong = error.errors()[0]
            where = ".".join(str(part) for part in wrong["loc"]) or "row"
            raise SourceError(
                f"{self.path}, line {line}, field {where}: {wrong['msg']}.",
                "Mend the row, or leave the field out.",
            ) from error

    def _rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        if self.path.suffix == ".parquet":
            yield from self._parquet_rows()
            return
        read = _csv_rows if ".csv" in self.path.suffixes[-2:] else _json_rows
        try:
            with self._open() as stream:
                yield from read(stream, self.path)
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{self.path} is not in UTF-8 ({error.reason}).", "Save it as UTF-8."
            ) from error
        except (OSError, EOFError) as error:
            raise SourceError(
                f"{self.path} cannot be read to its end: {error}.", "Write or copy it again."
            ) from error

    def _parquet_rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Rows are counted from 1, as lines are."""
        if self._read_parquet is None:
            raise SourceError(
                f"{self.path} is in Parquet, which needs a package of its own.",
                "Install hybridsearch[parquet].",
            )
        for number, row in enumerate(self._read_parquet(self.path), start=1):
            yield number, {name: value for name, value in row.items() if value is not None}

    def _open(self) -> TextIO:
        if self.path.suffix == ".gz":
            return gzip.open(self.path, "rt", encoding="utf-8-sig", newline="")
        return self.path.open(encoding="utf-8-sig", newline="")


def _json_rows(stream: TextIO, path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, text in enumerate(stream, start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except ValueError as error:
            raise SourceError(
                f"{path}, line {line}: no JSON ({error}).", "Write one JSON object a line."
            ) from error
        if not isinstance(row, dict):
            raise SourceError(f"{path}, line {line}: no object.", "Write one JSON object a line.")
        yield line, row


def _csv_rows(stream: TextIO, path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = csv.DictReader(stream, strict=True)
    try:
        for row in rows:
            if None in row or None in row.values():
                raise SourceError(
                    f"{path}, line {rows.line_num}: not as many values as the header has columns.",
                    "Quote values that contain commas.",
                )
            yield rows.line_num, {key: value for key, value in row.items() if value != ""}
    except csv.Error as error:
        raise SourceError(
            f"{path}, line {rows.reader.line_num}: no CSV ({error}).",
            "Mend the quotes in that line.",
        ) from error
