"""Small copies of pictures: found by content, or made from the archive's own files.

In: an asset, a size. Out: a WebP file's bytes. A file is read only where it lies in a folder that
the archive or the configuration names; a client never names one. It is decoded in a process of its
own, as in an ingest, for an archive's own files may be as hostile as what is uploaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.thumbnails import WebpThumbnails
from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.adapters.readers.pool import ProcessReaders
from hybridsearch.config import IngestSection, Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import AssetNotFound, PictureError
from hybridsearch.ingest.changes import Work, work_for
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.thumbnails import SIZES, Thumbnails
from hybridsearch.ingest.whole_files import write_whole
from hybridsearch.ports import MediaReader
from services.api.roots import Roots
from services.api.uploads import ACCEPTED

THUMBNAIL, PREVIEW = SIZES
MEDIA_TYPE = "image/webp"

_MAKERS = 2
"""Processes that make copies which are missing; most were made by the ingest."""


class Pictures:
    """The small copies of one archive, and the pictures that were uploaded to it."""

    def __init__(self, settings: Settings, media: MediaReader | None = None) -> None:
        """``media`` decodes the archive's files; as the ingest does it where None."""
        folder = settings.archive_folder
        self._copies = Thumbnails(folder / "thumbnails", WebpThumbnails())
        self._uploads = folder / "pictures"
        self._roots = Roots({**settings.service.roots, "/uploads": self._uploads})
        self._makers = ProcessReaders(_order(settings.ingest, self._copies, media), _MAKERS)
        self._starting = Lock()

    def known(self, content_hash: str, size: int) -> bytes | None:
        """The copy of a picture by its content; None where there is none of that name."""
        try:
            return self._copies.path_of(content_hash, size).read_bytes() or None
        except (OSError, ValueError):
            return None

    def small(self, asset: Asset, size: int) -> bytes:
        """The copy, made now where there is none yet.

        Raises:
            AssetNotFound: the asset has no picture, or its file cannot be shown from here.
            PictureError: the file cannot be read as a picture.
        """
        content_hash = asset.content_hash
        if content_hash is None:
            raise AssetNotFound(
                f"The asset {asset.id!r} has no picture.", "Read its fields at links.self."
            )
        found = self.known(content_hash, size)
        if found is None:
            self._make(asset)
            found = self.known(content_hash, size)
        if found is None:
            raise _not_here(asset)
        return found

    def keep(self, data: bytes, media_type: str) -> Path:
        """Keep an uploaded picture, of an accepted type, under the name of its content."""
        name = hashlib.sha256(data).hexdigest()
        path = self._uploads / name[:2] / name[2:4] / f"{name}{ACCEPTED[media_type]}"
        if not path.exists():
            write_whole(path, data)
        return path

    def original(self, asset: Asset) -> Path | None:
        """The asset's file, where it may be read from here."""
        path = _file_of(asset.uri)
        return path.resolve() if path is not None and self._roots.holds(path) else None

    def _make(self, asset: Asset) -> None:
        """Write the copies from the asset's own file, if that is still the same picture."""
        path = self.original(asset)
        if path is None or not path.is_file():
            raise _not_here(asset)
        with self._starting:
            made = self._makers.start(_copying(asset, path))
        loaded = made.result()
        if isinstance(loaded, Failure):
            raise PictureError(loaded.reason, "Export the picture again, and ingest it again.")

    def close(self) -> None:
        """Let go of the processes. Twice is no error."""
        self._makers.close()


def _order(sizes: IngestSection, copies: Thumbnails, media: MediaReader | None) -> ReadingOrder:
    return ReadingOrder(
        media or FileMediaReader(max_pixels=sizes.max_megapixels * 10**6, min_longer_side=PREVIEW),
        max_file_bytes=sizes.max_file_mib * 2**20,
        seconds=sizes.seconds_per_file,
        memory_bytes=sizes.reader_memory_mib * 2**20,
        extras=Extras(thumbnails=copies),
    )


def _copying(asset: Asset, path: Path) -> Work:
    """The pixels are as in the index, and so they need not come back."""
    work = work_for(Entry(asset.id, path, asset.id), asset.id, {})
    return replace(work, stored=replace(work.now, content_hash=asset.content_hash))


def _file_of(uri: str | None) -> Path | None:
    """The path that a file URI names."""
    if uri is None or not uri.startswith("file:///"):
        return None
    return Path(unquote(urlsplit(uri).path))


def _not_here(asset: Asset) -> AssetNotFound:
    return AssetNotFound(
        f"There is no small copy of {asset.id!r}, and its file cannot be shown from here.",
        "Ingest the archive again, or name the folder of its pictures in service.roots.",
    )
