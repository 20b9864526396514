"""Judged queries, and the file that holds them: one JSON object a line, checked."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from eval.qrels import Grades, Qrels, counted, examples
from hybridsearch.domain.filters import EVERYTHING, Filter
from hybridsearch.errors import QueryError, SourceError
from hybridsearch.search.conditions import filter_from

SHAPE = (
    'Write {"id", "query", "class"} and where wanted "filter", "picture" and '
    '"relevant": {asset id: grade}.'
)
_RESERVED = "all"


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the grades of the assets that were judged for it.

    What has no grade, or 0, does not answer it. ``kind`` is its class. ``picture`` is a file
    that is asked with or instead of the words; ``filter`` holds for every leg.
    """

    id: str
    text: str
    kind: str
    relevant: Mapping[str, int]
    filter: Filter = EVERYTHING
    picture: Path | None = None

    def without(self, asset_ids: Container[str]) -> JudgedQuery:
        """The query as judged on an archive that lacks these assets."""
        kept = {key: grade for key, grade in self.relevant.items() if key not in asset_ids}
        return replace(self, relevant=kept)


@dataclass(frozen=True, slots=True)
class Asked:
    """A collection's queries, and sentences on judgements that could not be used as written."""

    queries: tuple[JudgedQuery, ...]
    remarks: tuple[str, ...] = ()


class _Row(BaseModel):
    """One line of a collection's queries."""

    model_config = ConfigDict(extra="forbid", strict=True)

    # TREC files divide their fields by white space.
    id: str = Field(pattern=r"^\S+$")
    query: str = ""
    kind: str = Field(alias="class", min_length=1)
    filter: list[str] | dict[str, str | list[str]] = Field(default_factory=list)
    picture: str | None = None
    relevant: dict[str, Annotated[int, Field(ge=0)]] | None = Field(None, min_length=1)

    @field_validator("kind")
    @classmethod
    def _not_reserved(cls, kind: str) -> str:
        if kind == _RESERVED:
            raise ValueError("'all' is the name of all classes together")
        return kind

    def clauses(self) -> list[str]:
        """The filter as clauses: {"city": ["Butte", "Helena"]} is city=Butte, city=Helena."""
        if isinstance(self.filter, list):
            return self.filter
        return [
            f"{field}={value}"
            for field, values in self.filter.items()
            for value in ([values] if isinstance(values, str) else values)
        ]


def read_queries(path: Path, qrels: Qrels | None = None) -> Asked:
    """The queries of a file; their judgements stand in the same line or in ``qrels``.

    Pictures are files in or below the folder of ``path``.

    Raises:
        SourceError: the file is not there or is no UTF-8; a line is no query, repeats an id,
            asks nothing, has a filter that is none, names a picture that is not there, or is
            judged in both places. The message names file and line.
    """
    grades = qrels.grades if qrels else {}
    queries: dict[str, JudgedQuery] = {}
    for where, raw in _objects(path):
        query = _query(raw, where, path.parent, grades)
        if query.id in queries:
            raise SourceError(
                f"{where}: the id {query.id!r} stands there twice.",
                "Give every query an id of its own.",
            )
        queries[query.id] = query
    return Asked(tuple(queries.values()), tuple(_remarks(qrels, queries)))


def _query(raw: Any, where: str, folder: Path, grades: Grades) -> JudgedQuery:
    row = _checked(raw, where)
    if row.relevant is not None and row.id in grades:
        raise SourceError(
            f"{where}: {row.id!r} is judged here and in the qrels file.", "Keep one of the two."
        )
    if not row.query.strip() and row.picture is None:
        raise SourceError(f"{where}: neither words nor a picture.", SHAPE)
    try:
        conditions = filter_from(row.clauses())
    except QueryError as error:
        raise SourceError(f"{where}, field filter: {error.message}", error.remedy) from error
    return JudgedQuery(
        row.id,
        row.query,
        row.kind,
        grades.get(row.id, {}) if row.relevant is None else row.relevant,
        conditions,
        _picture(row.picture, folder, where) if row.picture is not None else None,
    )


def _checked(raw: Any, where: str) -> _Row:
    try:
        return _Row.model_validate(raw)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"]) or "row"
        raise SourceError(f"{where}, field {field}: {wrong['msg']}.", SHAPE) from error


def _picture(name: str, folder: Path, where: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SourceError(
            f"{where}: the picture {name!r} leads out of {folder}.",
            "Copy it into the collection's folder.",
        )
    if not path.is_file():
        raise SourceError(f"{where}: there is no picture {name!r}.", "Check the path.")
    return path


def _remarks(qrels: Qrels | None, queries: Mapping[str, JudgedQuery]) -> Iterator[str]:
    if qrels is None:
        return
    if qrels.negative:
        told = counted(qrels.negative, "grade below 0 counts", "grades below 0 count")
        yield f"{told} as 0: judged, not relevant."
    strange = [query_id for query_id in qrels.grades if query_id not in queries]
    if strange:
        told = counted(len(strange), "query is", "queries are")
        yield f"{told} judged in the qrels and never asked: {examples(strange)}."


def _objects(path: Path) -> Iterator[tuple[str, Any]]:
    """Each line's place and its JSON."""
    if not path.is_file():
        raise SourceError(f"There is no {path}.", f"One query a line. {SHAPE}")
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for line, text in enumerate(stream, start=1):
                if text.strip():
                    where = f"{path}, line {line}"
                    yield where, _json(text, where)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path} is not in UTF-8 ({error.reason}).", "Save it as UTF-8."
        ) from error


def _json(text: str, where: str) -> Any:
    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Python would keep the last of two judgements of one asset and say nothing."""
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise SourceError(f"{where}: {twice!r} stands there twice.", "Keep one of the two.")
        return found

    try:
        return json.loads(text, object_pairs_hook=each_once)
    except ValueError as error:
        raise SourceError(
            f"{where}: no JSON ({error}).", "Write one JSON object a line."
        ) from error
