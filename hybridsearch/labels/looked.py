"""The picture that is asked about becomes a vector: a file's, an upload's, or an asset's own.

In: a path, bytes, or the id of an asset. Out: its unit vector in the archive's space.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hybridsearch.analysis.payload import point_id
from hybridsearch.analysis.vectors import embed_pictures
from hybridsearch.domain.upload import Upload
from hybridsearch.errors import AssetNotFound, PictureError
from hybridsearch.ports import Encoder, MediaReader, Store, Vector


@dataclass(frozen=True, slots=True)
class OfAsset:
    """The picture of an asset of the archive."""

    asset_id: str


Looked = Path | Upload | OfAsset
"""A picture that somebody asks about."""


class Eye:
    """Finds the vector of a picture that is asked about."""

    def __init__(self, archive: str, store: Store, encoder: Encoder, media: MediaReader) -> None:
        self._archive = archive
        self._store = store
        self._encoder = encoder
        self._media = media

    def vector(self, picture: Looked) -> Vector:
        """Unit length. An asset's is read from the store; a file is decoded and embedded.

        Raises:
            AssetNotFound: no such asset, or it has no picture.
            PictureError: the file cannot be read as a picture.
            EncoderError: the encoder fails.
        """
        if isinstance(picture, OfAsset):
            return self._stored(picture.asset_id)
        pixels = self._media.decode(_bytes_of(picture)).pixels
        vector: Vector = embed_pictures(self._encoder, [pixels])[0]
        return vector

    def _stored(self, asset_id: str) -> Vector:
        point = point_id(self._archive, asset_id)
        found = self._store.retrieve([point], keys=(), vectors=True)
        if not found:
            raise AssetNotFound(
                f"There is no asset {asset_id!r} in the archive {self._archive!r}.",
                "Check the id: it is shown with every hit.",
            )
        if found[0].dense is None:
            raise AssetNotFound(
                f"The asset {asset_id!r} has no picture to look at.", "Choose one that has."
            )
        return found[0].dense


def _bytes_of(picture: Path | Upload) -> bytes:
    if isinstance(picture, Upload):
        return picture.data
    try:
        return picture.expanduser().read_bytes()
    except OSError as error:
        raise PictureError(
            f"{picture} cannot be read: {error.strerror}.", "Check the path of the picture."
        ) from error
