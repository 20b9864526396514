"""Small copies of pictures: found by content, or made from the archive's own files.

In: an asset, a size. Out: a WebP file's bytes. A file is read only where it lies in a folder that
the archive or the configuration names; a client never names one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hybridsearch.adapters.media import FileMediaReader
from hybridsearch.adapters.media.files import BAD_DATA, recognise
from hybridsearch.adapters.media.thumbnails import WebpThumbnails
from hybridsearch.config import Settings
from hybridsearch.domain.asset import Asset
from hybridsearch.errors import AssetNotFound, PictureError
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.originals import read_original
from hybridsearch.ingest.thumbnails import SIZES, Thumbnails
from hybridsearch.ingest.whole_files import write_whole
from services.api.roots import Roots

THUMBNAIL, PREVIEW = SIZES
MEDIA_TYPE = "image/webp"

ACCEPTED = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}
"""What may be uploaded: what browsers show, whose decoders are tried by everybody every day."""


class Pictures:
    """The small copies of one archive, and the pictures that were uploaded to it."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.archive_folder
        self._most_pixels = settings.service.max_megapixels * 10**6
        archived = settings.ingest.max_megapixels * 10**6
        self._media = FileMediaReader(max_pixels=archived, min_side=PREVIEW)
        self._copies = Thumbnails(folder / "thumbnails", WebpThumbnails())
        self._uploads = folder / "pictures"
        self._roots = Roots({**settings.service.roots, "/uploads": self._uploads})
        self._most_bytes = settings.ingest.max_file_mib * 2**20

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

    def keep(self, data: bytes) -> Path:
        """Keep an uploaded picture under the name of its content.

        Raises:
            PictureError: it is of no format that is accepted.
        """
        suffix = ACCEPTED[self.checked(data)]
        name = hashlib.sha256(data).hexdigest()
        path = self._uploads / name[:2] / name[2:4] / f"{name}{suffix}"
        if not path.exists():
            write_whole(path, data)
        return path

    def checked(self, data: bytes) -> str:
        """The media type of an uploaded picture.

        Raises:
            PictureError: it is none, of no format that is accepted, or has too many pixels.
        """
        media_type = self._media.recognise(data)
        if media_type not in ACCEPTED:
            raise PictureError(
                f"A picture of the type {media_type} cannot be uploaded.",
                "Send it as JPEG, PNG, WebP or GIF.",
            )
        try:
            width, height = recognise(data).open(data).size
        except BAD_DATA as error:
            raise PictureError(
                "The picture is damaged or incomplete.", "Export it again, or send another."
            ) from error
        if width * height > self._most_pixels:
            raise PictureError(
                f"The picture has {width} x {height} pixels, more than {self._most_pixels:,}.",
                "Send a smaller copy.",
            )
        return media_type

    def original(self, asset: Asset) -> Path | None:
        """The asset's file, where it may be read from here."""
        path = _file_of(asset.uri)
        return path.resolve() if path is not None and self._roots.holds(path) else None

    def _make(self, asset: Asset) -> None:
        """Write the copies from the asset's own file, if that is still the same picture."""
        path = self.original(asset)
        if path is None:
            raise _not_here(asset)
        entry = Entry(asset.id, path, asset.id)
        try:
            data = read_original(entry, self._media, None, self._most_bytes)
        except OSError as error:
            raise _not_here(asset) from error
        content_hash = hashlib.sha256(data).hexdigest()
        if content_hash != asset.content_hash:
            raise _not_here(asset)
        self._copies.write(self._media.decode(data).pixels, content_hash)


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
