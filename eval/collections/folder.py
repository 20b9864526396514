"""A collection in a folder: a manifest, queries, judgements in their lines or in ``qrels.txt``."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from eval.collections.collection import Collection
from eval.collections.judged import Asked, read_queries
from eval.collections.layouts import Layout
from eval.qrels import read_qrels
from hybridsearch.errors import SourceError
from hybridsearch.ingest.manifest import SUFFIXES, ManifestSource
from hybridsearch.ingest.rows import ManifestRow

QUERIES = "queries.jsonl"
QRELS = "qrels.txt"
SETTINGS = "collection.toml"
MANIFESTS = tuple(f"metadata{suffix}" for suffix in SUFFIXES)
_FIELDS = {*ManifestRow.model_fields, "latitude", "longitude"} - {"extra"}


@dataclass(frozen=True, slots=True)
class Archive(Collection):
    """A collection whose manifest is read as its layout tells."""

    layout: Layout

    @property
    def manifest(self) -> Path:
        """The file that lists the assets."""
        return self.folder / self.layout.manifest

    def source(self) -> ManifestSource:
        """The collection as an ingest reads it, pictures included where it has them."""
        return ManifestSource(self.manifest, rename=self.layout.columns, drop=self.layout.drop)

    def asked(self) -> Asked:
        """Every query, judged in its line or in the qrels file.

        Raises:
            SourceError: either file cannot be read as what it is; names file and line.
        """
        qrels = read_qrels(self.folder / self.layout.qrels) if self.layout.qrels else None
        return read_queries(self.folder / self.layout.queries, qrels)

    def fingerprint(self) -> str:
        """Changes with the manifest's bytes and with the layout."""
        told = json.dumps([sorted(self.layout.columns.items()), sorted(self.layout.drop)])
        return file_hash(self.manifest, told)


class _Settings(BaseModel):
    """What ``collection.toml`` may say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    manifest: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    drop: list[str] = Field(default_factory=list)

    @field_validator("columns")
    @classmethod
    def _of_assets(cls, columns: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(columns) - _FIELDS)
        if unknown:
            raise ValueError(f"an asset has no field {', '.join(unknown)}")
        return columns


def archive_in(folder: Path) -> Archive:
    """The collection that a person made in a folder.

    The folder holds ``queries.jsonl``; a manifest ``metadata.jsonl`` or ``.csv``, which may be
    gzipped; and may hold ``qrels.txt`` and a ``collection.toml``::

        manifest = "list.csv"                  # where it has another name
        columns = {creator = "photographer"}   # asset field = the manifest's column
        drop = ["tags"]                        # columns that stay out of the index

    Raises:
        SourceError: there is no manifest or more than one, or the settings cannot be read.
    """
    said = _settings(folder / SETTINGS)
    layout = Layout(
        said.manifest or _manifest(folder),
        said.columns,
        frozenset(said.drop),
        QUERIES,
        QRELS if (folder / QRELS).is_file() else None,
    )
    return Archive(folder.resolve().name, folder, layout)


def file_hash(path: Path, told: str = "") -> str:
    """Changes with the file's bytes and with what else is told."""
    with path.open("rb") as stream:
        bytes_hash = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashlib.sha256(f"{bytes_hash}\x00{told}".encode()).hexdigest()[:16]


def _settings(path: Path) -> _Settings:
    if not path.is_file():
        return _Settings()
    try:
        return _Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"])
        raise SourceError(
            f"{path}, {field}: {wrong['msg']}.", "It may say manifest, columns and drop."
        ) from error
    except ValueError as error:
        raise SourceError(f"{path}: no TOML ({error}).", "Mend that line.") from error


def _manifest(folder: Path) -> str:
    there = [name for name in MANIFESTS if (folder / name).is_file()]
    if len(there) != 1:
        raise SourceError(
            f"{folder} holds {' and '.join(there) or 'no manifest'}.",
            f"Keep one of {', '.join(MANIFESTS)}, or name it in {SETTINGS}.",
        )
    return there[0]
