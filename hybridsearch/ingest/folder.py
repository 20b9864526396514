"""A folder of pictures as a source: every picture below it, by its path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.roots import outside_of

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"}
)


class FolderSource:
    """Pictures below a folder; the asset's id is its path relative to the folder.

    Hidden files and folders are left out. A link that leads out of the folder is a failure,
    not a picture: an archive serves only what is its own.

    Raises:
        SourceError: the folder is not there or cannot be listed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        if not self.root.is_dir():
            raise SourceError(f"{root} is not a folder.", "Give a folder or a manifest file.")

    def count(self) -> int:
        """The number of picture files below the folder."""
        return sum(1 for _ in self._pictures())

    def entries(self) -> Iterator[Entry | Failure]:
        """Every picture in the order of its path."""
        for path in self._pictures():
            asset_id = path.relative_to(self.root).as_posix()
            failure = _unreadable_name(asset_id) or outside_of(self.root, path, asset_id)
            yield failure or Entry(asset_id, path, str(path))

    def _pictures(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.root, onerror=_raise):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith(".") and Path(name).suffix.lower() in PICTURE_SUFFIXES:
                    yield Path(folder, name)


def _unreadable_name(asset_id: str) -> Failure | None:
    """A failure where the name's bytes are not UTF-8: no id could be made of it."""
    shown = asset_id.encode("utf-8", "replace").decode()
    if shown == asset_id:
        return None
    return Failure(shown, shown, "Its name is not in UTF-8.", "Rename the file.")


def _raise(error: OSError) -> None:
    raise SourceError(
        f"{error.filename} cannot be listed: {error.strerror}.",
        "Grant permission to read it, or ingest a folder beside it.",
    ) from error
