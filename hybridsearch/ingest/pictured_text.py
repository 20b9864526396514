"""Text that stands in pictures, read once for each content.

In: a picture's pixels and its content hash. Out: the text. Reading takes seconds a picture, so
what was read is kept below the archive's folder under the reader's name and the content hash, as
thumbnails are: a changed caption or a new generation of the index reads nothing anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hybridsearch.errors import StoreError
from hybridsearch.ingest.whole_files import write_whole
from hybridsearch.ports import Pixels, TextReader


class PicturedText:
    """Reads text with a ``TextReader`` and remembers it; processes may share a folder."""

    def __init__(self, folder: Path, reader: TextReader) -> None:
        self._reader = reader
        self._folder = folder / hashlib.sha256(reader.name.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """The reader's: another one may read otherwise."""
        return self._reader.name

    def read(self, pixels: Pixels, content_hash: str) -> str | None:
        """The text in the picture, None where there is none.

        A line end closes what is kept, so that no text is not an empty file, as a crash leaves it.

        Raises:
            PictureError: the picture cannot be read for text.
            StoreError: the folder cannot be written.
        """
        path = self._folder / content_hash[:2] / f"{content_hash}.txt"
        try:
            kept = path.read_text(encoding="utf-8") if path.exists() else ""
            if not kept:
                kept = self._reader.read(pixels).strip() + "\n"
                write_whole(path, kept.encode("utf-8", "replace"))
        except OSError as error:
            raise _unusable(path, error) from error
        return kept.strip() or None


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The text read from a picture cannot be kept in {path}: {error.strerror or error}.",
        "Make room or grant permission, then run the ingest again.",
    )
