"""Generations kept as files: one folder a generation, one small file that names the live one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hybridsearch.domain.encoder import EncoderCard
from hybridsearch.domain.generation import EncoderChoice, Generation
from hybridsearch.errors import StoreError

MANIFEST = "generation.json"
LIVE = "live"


class _Manifest(BaseModel):
    """The generation as it stands in its file."""

    model_config = ConfigDict(extra="forbid")

    number: int
    archive: str
    choice: EncoderChoice | None
    encoder: EncoderCard | None
    analyzer_version: str
    average_lengths: dict[str, float]
    measured_lengths: dict[str, float]
    created: str
    complete: bool
    pending: bool = False
    analysis: dict[str, Any] | None = None
    measured_documents: int = 0
    measured_having: dict[str, int] = Field(default_factory=dict)


class FolderGenerations:
    """``<archive folder>/generations/0001/generation.json`` and ``<archive folder>/live``."""

    def __init__(self, archive_folder: Path) -> None:
        self._folder = archive_folder

    def folder_of(self, number: int) -> Path:
        """Where a generation keeps its files."""
        return self._folder / "generations" / f"{number:04d}"

    def live(self) -> Generation | None:
        """The generation that searches ask.

        Raises:
            StoreError: the live generation's manifest is missing or damaged.
        """
        number = self.live_number()
        return None if number is None else self._read(number)

    def live_number(self) -> int | None:
        """The live generation's number; cheap enough to ask before every write.

        Raises:
            StoreError: the file that names it is damaged.
        """
        try:
            return int((self._folder / LIVE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise StoreError(
                f"{self._folder / LIVE} does not hold a number.",
                "Write into it the number of a folder below generations/.",
            ) from error

    def get(self, number: int) -> Generation | None:
        """One generation; None where there is none of that number.

        Raises:
            StoreError: its manifest is damaged.
        """
        there = (self.folder_of(number) / MANIFEST).is_file()
        return self._read(number) if there else None

    def every(self) -> list[Generation]:
        """All generations, the oldest first.

        Raises:
            StoreError: a manifest is damaged.
        """
        folders = sorted(self._folder.glob("generations/[0-9]*"))
        there = [each for each in folders if (each / MANIFEST).is_file()]
        return [self._read(int(each.name)) for each in there]

    def _read(self, number: int) -> Generation:
        path = self.folder_of(number) / MANIFEST
        try:
            manifest = _Manifest.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise StoreError(
                f"The manifest of generation {number}, {path}, cannot be read: {error}.",
                "Restore the file, or ingest the archive under another name (--archive).",
            ) from error
        return Generation(**{name: getattr(manifest, name) for name in _Manifest.model_fields})

    def next_number(self) -> int:
        """One more than the highest number there is."""
        known = [int(each.name) for each in self._folder.glob("generations/[0-9]*")]
        return max(known, default=0) + 1

    def save(self, generation: Generation) -> None:
        """Write the manifest beside itself and rename it: a reader sees the old or the new."""
        manifest = _Manifest.model_validate(generation, from_attributes=True)
        folder = self.folder_of(generation.number)
        _write_whole(folder / MANIFEST, manifest.model_dump_json(indent=2))

    def activate(self, number: int) -> None:
        """Name another generation as the live one."""
        _write_whole(self._folder / LIVE, str(number))

    def remove(self, number: int) -> None:
        """Delete a generation's files; its manifest goes first, so that no half of it counts.

        Raises:
            StoreError: it is the live one, or its files cannot be removed.
        """
        if number == self.live_number():
            raise StoreError(
                f"Generation {number} is the live one.",
                "Make another one live first: hybridsearch rollback, or hybridsearch rebuild.",
            )
        folder = self.folder_of(number)
        try:
            (folder / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(folder)
        except OSError as error:
            raise StoreError(
                f"Generation {number} cannot be removed: {error}.", "Grant permission."
            ) from error


def _write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with beside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
