"""Pictures with several captions: the first is the asset's text, the others search for it.

So both legs know something of every query, and neither knows all: the wording differs from the
indexed caption's, and the picture shows what both describe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.collections.collection import Collection
from eval.collections.folder import file_hash
from eval.collections.judged import Asked, JudgedQuery
from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.roots import outside_of

KIND = "caption"


class _Captioned(BaseModel):
    """One picture. Its object tags stay out: only the picture shall tell what they would."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str = Field(pattern=r"^\S+$")
    file: str = Field(min_length=1)
    captions: list[str] = Field(min_length=1)
    credit: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class CaptionedSource:
    """Each picture with its first caption, its credit and its licence."""

    manifest: Path

    def count(self) -> int:
        """The number of pictures."""
        return sum(1 for _ in self.rows())

    def entries(self) -> Iterator[Entry | Failure]:
        """Every picture in the manifest's order.

        Raises:
            SourceError: a row that is no captioned picture or repeats an id; names file and line.
        """
        root = self.manifest.parent.resolve()
        for origin, row in self.rows():
            said = {
                "caption": row.captions[0],
                "credit": row.credit,
                "usage_terms": row.licence,
            }
            path = root / row.file
            fields = {name: value for name, value in said.items() if value}
            yield outside_of(root, path, row.id) or Entry(row.id, path, origin, fields)

    def rows(self) -> Iterator[tuple[str, _Captioned]]:
        """The checked rows, each with its place."""
        seen = set()
        with self.manifest.open(encoding="utf-8") as stream:
            for line, text in enumerate(stream, start=1):
                where = f"{self.manifest}, line {line}"
                row = _checked(text, where)
                if row.id in seen:
                    raise SourceError(
                        f"{where}: the id {row.id!r} stands there twice.",
                        "Give every picture an id of its own.",
                    )
                seen.add(row.id)
                yield where, row


@dataclass(frozen=True, slots=True)
class Captions(Collection):
    """The collection: every caption but the first asks for its own picture."""

    @property
    def manifest(self) -> Path:
        """The file that lists the pictures."""
        return self.folder / "metadata.jsonl"

    def source(self) -> CaptionedSource:
        """The pictures with their first captions."""
        return CaptionedSource(self.manifest)

    def asked(self) -> Asked:
        """The further captions, numbered from 1: ``coco-397133#1``.

        Raises:
            SourceError: a row that is no captioned picture; names file and line.
        """
        return Asked(
            tuple(
                JudgedQuery(f"{row.id}#{number}", caption, KIND, {row.id: 1})
                for _, row in self.source().rows()
                for number, caption in enumerate(row.captions[1:], start=1)
            )
        )

    def fingerprint(self) -> str:
        """Changes with the manifest's bytes."""
        return file_hash(self.manifest, "first caption")


def _checked(text: str, where: str) -> _Captioned:
    try:
        return _Captioned.model_validate(json.loads(text))
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"]) or "row"
        raise SourceError(
            f"{where}, field {field}: {wrong['msg']}.", 'Write {"id", "file", "captions": [...]}.'
        ) from error
    except ValueError as error:
        raise SourceError(
            f"{where}: no JSON ({error}).", "Write one JSON object a line."
        ) from error
