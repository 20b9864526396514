"""Small copies of the archive's pictures, written once.

In: a picture's pixels and its content hash. Out: files below the archive's folder,
``thumbnails/<size>/<ab>/<cd>/<content hash>.webp``. The content gives the name: equal pictures
share one copy, a moved file keeps it, and a new generation of the index makes none anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from hybridsearch.errors import StoreError
from hybridsearch.ingest.whole_files import write_whole
from hybridsearch.ports import Pixels, ThumbnailEncoder

SIZES = (320, 1280)
"""Longer sides in pixels: for a grid of hits, and for looking at one."""

_CONTENT_HASH = re.compile(r"[0-9a-f]{64}")


class Thumbnails:
    """Writes and finds thumbnails; processes may share a folder. It pickles."""

    def __init__(
        self, folder: Path, encoder: ThumbnailEncoder, sizes: Sequence[int] = SIZES
    ) -> None:
        self._folder = folder
        self._encoder = encoder
        self.sizes = tuple(sorted(sizes))

    def path_of(self, content_hash: str, size: int) -> Path:
        """Where the copy is, if there is one.

        Raises:
            ValueError: no SHA-256 in hexadecimal digits, or none of ``sizes``: a name from
                outside must not become a path.
        """
        if not _CONTENT_HASH.fullmatch(content_hash) or size not in self.sizes:
            raise ValueError(f"there is no thumbnail {content_hash!r} of size {size}")
        shard = Path(content_hash[:2], content_hash[2:4])
        return self._folder / str(size) / shard / f"{content_hash}{self._encoder.suffix}"

    def has(self, content_hash: str) -> bool:
        """Whether every size is there, and none empty as a crash may leave it."""
        return all(_is_written(self.path_of(content_hash, size)) for size in self.sizes)

    def write(self, pixels: Pixels, content_hash: str) -> None:
        """Write the sizes that are missing, each whole or not at all.

        Args:
            pixels: upright, in sRGB; their longer side should be that of the largest size, if
                the picture has so many, for nothing is enlarged.

        Raises:
            StoreError: the folder cannot be written.
        """
        for size in self.sizes:
            path = self.path_of(content_hash, size)
            if not _is_written(path):
                data = self._encoder.encode(pixels, size)
                try:
                    write_whole(path, data)
                except OSError as error:
                    raise _unwritable(path, error) from error

    def prune(self, kept: Iterable[str]) -> int:
        """Remove the copies of all pictures but these content hashes; how many were removed."""
        wanted = set(kept)
        removed = 0
        for path in self._folder.glob(f"*/??/??/*{self._encoder.suffix}"):
            if path.name.removesuffix(self._encoder.suffix) not in wanted:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def _is_written(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The thumbnail {path} cannot be written: {error.strerror or error}.",
        "Make room or grant permission, then run the ingest again.",
    )
