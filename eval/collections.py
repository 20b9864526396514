"""Judged collections: real archive data with queries, read as assets and judgements.

In: a folder with one folder for each collection (manifest and judged queries). Out: sources for
an ingest, assets, judged queries. What the judgements were made from is left out of the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hybridsearch.domain.asset import Asset
from hybridsearch.errors import SourceError
from hybridsearch.ingest.assets import asset_from
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.manifest import ManifestSource

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"
"""Beside the project: the archives' data is theirs, and no part of it."""

QUERIES = "queries_dev.jsonl"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a collection's manifest becomes assets.

    ``columns`` maps asset fields to the manifest's columns; ``drop`` names the columns that go
    nowhere: those that judgements were made from or a machine wrote, and those of no use.
    """

    manifest: str
    columns: Mapping[str, str]
    drop: frozenset[str]


_FARM_SECURITY = {
    "region": "state",
    "creator": "photographer",
    "date_created": "year",
    "latitude": "lat",
    "longitude": "lon",
}
_LINKS = frozenset({"url", "image_url", "thumb_url", "thumb", "call_number", "lot", "licence"})

LAYOUTS: Mapping[str, Layout] = {
    "fsac_color": Layout(
        "metadata.jsonl",
        _FARM_SECURITY,
        # The queries' objects were found by a machine; the title repeats the caption.
        _LINKS | {"detected_objects", "n_faces", "title", "month", "county"},
    ),
    "fsa_owi_captions": Layout(
        "metadata.jsonl.gz",
        _FARM_SECURITY,
        # The judgements come from the tags.
        _LINKS | {"tags", "month", "county"},
    ),
    "bain_news_captions": Layout(
        "metadata.jsonl.gz",
        {"date_created": "year"},
        _LINKS | {"detected_objects", "n_faces", "width", "height"},
    ),
    "tate_collection": Layout(
        "metadata.jsonl.gz",
        {"headline": "title", "creator": "artist", "date_created": "date"},
        # The judgements come from the subjects.
        _LINKS
        | {"subjects", "acno", "inscription", "medium", "group", "catgroup", "classification"},
    ),
}


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the grade of every asset that answers it; what has no grade does not."""

    id: str
    text: str
    kind: str
    relevant: Mapping[str, int]


class _QueryRow(BaseModel):
    """One line of a collection's queries."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1)
    query: str = Field(min_length=1)
    kind: str = Field(alias="class", min_length=1)
    relevant: dict[str, Annotated[int, Field(ge=1)]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection in its folder."""

    name: str
    folder: Path
    layout: Layout

    def source(self) -> ManifestSource:
        """The collection as an ingest reads it, pictures included where it has them."""
        manifest = self.folder / self.layout.manifest
        return ManifestSource(manifest, rename=self.layout.columns, drop=self.layout.drop)

    def assets(self) -> Iterator[Asset]:
        """The assets as their manifest tells them, without their pictures.

        Raises:
            SourceError: a row that cannot be read; the message names file and line.
        """
        for each in self.source().entries():
            if not isinstance(each, Entry):
                raise SourceError(f"{each.origin}: {each.reason}", each.remedy)
            yield asset_from(each, {}, None, None)

    def queries(self) -> list[JudgedQuery]:
        """The judged queries in the order of their file.

        Raises:
            SourceError: no such file, or a line that is no judged query; names file and line.
        """
        path = self.folder / QUERIES
        if not path.is_file():
            raise _missing(path)
        queries: dict[str, JudgedQuery] = {}
        with path.open(encoding="utf-8") as stream:
            for line, text in enumerate(stream, start=1):
                if text.strip():
                    query = _judged(text, f"{path}, line {line}")
                    if query.id in queries:
                        raise SourceError(
                            f"{path}, line {line}: the id {query.id!r} stands there twice.",
                            "Give every query an id of its own.",
                        )
                    queries[query.id] = query
        return list(queries.values())


def open_collection(name: str, data: Path = DEFAULT_DATA) -> Collection:
    """A collection by its name, in the folder that holds them all.

    Raises:
        SourceError: there is no collection of that name, or its files are not in ``data``.
    """
    if name not in LAYOUTS:
        raise SourceError(
            f"There is no collection {name!r}.", f"Choose from {', '.join(sorted(LAYOUTS))}."
        )
    collection = Collection(name, data / name, LAYOUTS[name])
    manifest = collection.folder / collection.layout.manifest
    if not manifest.is_file():
        raise _missing(manifest)
    return collection


def _missing(path: Path) -> SourceError:
    return SourceError(
        f"There is no {path}.",
        "Pass the folder that holds the collections' folders with --data FOLDER.",
    )


def _judged(text: str, where: str) -> JudgedQuery:
    try:
        row = _QueryRow.model_validate(json.loads(text))
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"]) or "row"
        raise SourceError(
            f"{where}, field {field}: {wrong['msg']}.",
            'Write {"id", "query", "class", "relevant": {asset id: grade from 1}}.',
        ) from error
    except ValueError as error:
        raise SourceError(
            f"{where}: no JSON ({error}).", "Write one JSON object a line."
        ) from error
    return JudgedQuery(row.id, row.query, row.kind, row.relevant)
