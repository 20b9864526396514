"""The query's dense vectors: from its words, its picture file, or an asset's own vector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hybridsearch.analysis.background import Background
from hybridsearch.analysis.payload import point_id
from hybridsearch.analysis.vectors import embed_pictures, embed_texts
from hybridsearch.domain.plan import Leg
from hybridsearch.domain.upload import Upload
from hybridsearch.errors import AssetNotFound, PictureError, QueryError
from hybridsearch.ports import Encoder, Matrix, MediaReader, Store, Vector


class QueryVectors:
    """Finds the vector that a looks leg searches with."""

    def __init__(
        self,
        archive: str,
        store: Store,
        encoder: Encoder | None,
        media: MediaReader,
        background: Background | None = None,
        minus_weight: float = 0.0,
    ) -> None:
        self._archive = archive
        self._store = store
        self._encoder = encoder
        self._media = media
        self._background = background
        self._minus_weight = minus_weight

    def of_all(self, legs: Sequence[Leg]) -> dict[str, Vector]:
        """The vectors of the dense legs by name; all texts go to the encoder in one batch.

        Raises:
            AssetNotFound, PictureError, QueryError: as ``of``.
        """
        dense = [leg for leg in legs if leg.is_dense]
        asked = [text for leg in dense for text in (leg.text, leg.scene) if text]
        rows = embed_texts(self._must_encode(), asked) if asked else ()
        texts = dict(zip(asked, rows, strict=True))
        return {
            leg.name: self._both(texts[leg.text], texts.get(leg.scene or ""))
            if leg.text
            else self.of(leg)
            for leg in dense
        }

    def of(self, leg: Leg) -> Vector:
        """Unit length, of the archive's space.

        Raises:
            AssetNotFound: no such asset, or it has no picture.
            PictureError: the query picture cannot be used.
            QueryError: the archive has no encoder to embed the query with.
        """
        if leg.like is not None:
            return self._less(self._of_asset(leg.like), leg.minus)
        encoder = self._must_encode()
        if leg.picture is not None:
            pixels = self._media.decode(_bytes_of(leg.picture)).pixels
            return self._less(_only_row(embed_pictures(encoder, [pixels])), leg.minus)
        return _only_row(embed_texts(encoder, [leg.text or ""]))

    def _must_encode(self) -> Encoder:
        if self._encoder is None:
            raise QueryError(
                "The archive was indexed without an encoder.", "Search it by words, or reindex it."
            )
        return self._encoder

    def _both(self, whole: Vector, scene: Vector | None) -> Vector:
        """The vector whose cosine rises as much with the scene's as with the whole text's."""
        return whole if scene is None else self._added(whole, scene, 1.0)

    def _less(self, picture: Vector, minus: str | None) -> Vector:
        """The picture's vector, turned away from a text's."""
        if minus is None or self._encoder is None:
            return picture
        text = _only_row(embed_texts(self._encoder, [minus]))
        return self._added(picture, text, -self._minus_weight)

    def _added(self, one: Vector, other: Vector, weight: float) -> Vector:
        """``one / its spread + weight x other / its spread``, of unit length.

        A cosine is linear in the query's vector, so one search ranks by the sum of the two
        z-scores. Each is taken in its own spreads, since cosines between pictures spread wider
        than those between a text and pictures.
        """
        if self._background is not None:
            own, others = self._background.scales([one, other])
            weight *= own.spread / others.spread
        added = one + np.float32(weight) * other
        vector: Vector = added / np.linalg.norm(added)
        return vector

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


def _bytes_of(picture: Path | Upload) -> bytes:
    if isinstance(picture, Upload):
        return picture.data
    try:
        return picture.expanduser().read_bytes()
    except OSError as error:
        raise PictureError(
            f"{picture} cannot be read: {error.strerror}.", "Check the path of the query picture."
        ) from error
