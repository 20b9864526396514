"""The query's dense vectors: from its words, its picture file, or an asset's own vector."""

from __future__ import annotations

from pathlib import Path

from hybridsearch.analysis.payload import point_id
from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.domain.plan import Leg
from hybridsearch.errors import AssetNotFound, PictureError, QueryError
from hybridsearch.ports import Encoder, Matrix, MediaReader, Store, Vector


class QueryVectors:
    """Finds the vector that a looks leg searches with."""

    def __init__(
        self, archive: str, store: Store, encoder: Encoder | None, media: MediaReader
    ) -> None:
        self._archive = archive
        self._store = store
        self._encoder = encoder
        self._media = media

    def of(self, leg: Leg) -> Vector:
        """Unit length, of the archive's space.

        Raises:
            AssetNotFound: no such asset, or it has no picture.
            PictureError: the query picture cannot be used.
            QueryError: the archive has no encoder to embed the query with.
        """
        if leg.like is not None:
            return self._of_asset(leg.like)
        if self._encoder is None:
            raise QueryError(
                "The archive was indexed without an encoder.", "Search it by words, or reindex it."
            )
        if leg.picture is not None:
            pixels = self._media.decode(_bytes_of(leg.picture)).pixels
            return _only_row(embed_pictures(self._encoder, [pixels]))
        return _only_row(embed_texts(self._encoder, [leg.text or ""]))

    def _of_asset(self, asset_id: str) -> Vector:
        found = self._store.retrieve([point_id(self._archive, asset_id)], keys=(), vectors=True)
        if not found:
            raise AssetNotFound(
                f"There is no asset {asset_id!r} in the archive {self._archive!r}.",
                "Check the id: it is shown with every hit.",
            )
        if found[0].dense is None:
            raise AssetNotFound(
                f"The asset {asset_id!r} has no picture to look like.", "Search by words instead."
            )
        return found[0].dense


def _only_row(rows: Matrix) -> Vector:
    vector: Vector = rows[0]
    return vector


def _bytes_of(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise PictureError(
            f"{path} cannot be read: {error.strerror}.", "Check the path of the query picture."
        ) from error
