"""One entry's file read: its bytes hashed, decoded, and its embedded metadata merged."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from hybridsearch.analysis.payload import Stamp
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import PictureError
from hybridsearch.ingest.assets import asset_from
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Failure
from hybridsearch.ports import MediaReader, Pixels

MAX_FILE_BYTES = 512 * 2**20
"""A larger file is no picture of an archive but a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An asset ready to be analysed; ``pixels`` is None where its stored vector still holds."""

    work: Work
    asset: Asset
    stamp: Stamp
    pixels: Pixels | None

    @property
    def keeps_vector(self) -> bool:
        """The picture's bytes are those that were embedded already."""
        return (
            self.stamp.content_hash is not None
            and self.work.stored is not None
            and self.work.stored.content_hash == self.stamp.content_hash
        )


def load(work: Work, media: MediaReader, max_file_bytes: int = MAX_FILE_BYTES) -> Loaded | Failure:
    """Read the entry's file; a file that cannot be used becomes a failure with its remedy."""
    entry = work.entry
    if entry.path is None:
        return Loaded(work, asset_from(entry, {}, None, None), work.now, None)
    try:
        data = _bytes_of(entry.path, max_file_bytes)
        picture = media.decode(data)
    except OSError as error:
        reason = f"It cannot be read: {error.strerror or error}."
        remedy = "Check that it exists and may be read."
        return Failure(entry.asset_id, entry.origin, reason, remedy)
    except PictureError as error:
        return Failure(entry.asset_id, entry.origin, error.message, error.remedy)
    stamp = replace(work.now, content_hash=hashlib.sha256(data).hexdigest())
    asset = asset_from(entry, media.metadata(data), picture, stamp.content_hash)
    loaded = Loaded(work, asset, stamp, picture.pixels)
    return replace(loaded, pixels=None) if loaded.keeps_vector else loaded


def _bytes_of(path: Path, max_file_bytes: int) -> bytes:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise PictureError("It is no regular file.", "Ingest files, not pipes or devices.")
    if status.st_size > max_file_bytes:
        raise PictureError(
            f"It has {status.st_size / 2**20:,.0f} MiB, more than the {max_file_bytes / 2**20:,.0f}"
            " MiB allowed.",
            "Raise ingest.max_file_mib if it is a picture.",
        )
    return path.read_bytes()
