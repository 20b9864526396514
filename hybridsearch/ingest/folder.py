"""A folder of pictures as a source: every picture below it, by its path."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from hybridsearch.errors import SourceError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.roots import outside_of
from hybridsearch.ingest.sidecars import Sidecars
from hybridsearch.ingest.suffixes import PICTURE_SUFFIXES, kind_of


class FolderSource:
    """Pictures below a folder; the asset's id is its path relative to the folder.

    Hidden files and folders are left out, links to folders are not followed. A link that leads
    out of the folder is a failure, not a picture: an archive serves only what is its own. So is
    a folder that cannot be listed; what lies beside it is read all the same.

    Raises:
        SourceError: the folder is not there or cannot be listed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        if not self.root.is_dir():
            raise SourceError(f"{root} is not a folder.", "Give a folder or a manifest file.")
        self.uri = self.root.as_uri()
        self._skipped: Counter[str] = Counter()

    @property
    def skipped(self) -> Mapping[str, int]:
        """Files left out by their name, by kind."""
        return dict(self._skipped)

    def count(self) -> int:
        """The number of picture files below the folder."""
        return sum(1 for _ in self._found(Counter()))

    def entries(self) -> Iterator[Entry | Failure]:
        """Every picture in the order of its path.

        Raises:
            SourceError: the folder itself cannot be listed.
        """
        self._skipped = Counter()
        sidecars = Sidecars(self.root)
        for found in self._found(self._skipped):
            yield found if isinstance(found, Failure) else self._entry(found, sidecars)

    def _entry(self, path: Path, sidecars: Sidecars) -> Entry | Failure:
        asset_id = path.relative_to(self.root).as_posix()
        failure = _unreadable_name(asset_id) or outside_of(self.root, path, asset_id)
        return failure or Entry(
            asset_id, path, str(path), sidecars=sidecars.of(path), source=self.uri
        )

    def _found(self, skipped: Counter[str]) -> Iterator[Path | Failure]:
        """Pictures, and folders that cannot be listed; counts what is left out."""
        unlisted: list[OSError] = []
        for folder, folders, files in os.walk(self.root, onerror=unlisted.append):
            yield from map(self._unlisted, unlisted)
            unlisted.clear()
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name.startswith("."):
                    continue
                if Path(name).suffix.lower() in PICTURE_SUFFIXES:
                    yield Path(folder, name)
                elif kind := kind_of(name):
                    skipped[kind] += 1
        yield from map(self._unlisted, unlisted)

    def _unlisted(self, error: OSError) -> Failure:
        path = Path(error.filename)
        remedy = "Grant permission to read it, or ingest a folder beside it."
        if path == self.root:
            raise SourceError(f"{path} cannot be listed: {error.strerror}.", remedy) from error
        name = _shown(path.relative_to(self.root).as_posix())
        return Failure(name, _shown(str(path)), f"It cannot be listed: {error.strerror}.", remedy)


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _unreadable_name(asset_id: str) -> Failure | None:
    """A failure where the name's bytes are not UTF-8: no id could be made of it."""
    shown = _shown(asset_id)
    if shown == asset_id:
        return None
    return Failure(shown, shown, "Its name is not in UTF-8.", "Rename the file.")
