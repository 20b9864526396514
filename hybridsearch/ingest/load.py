"""One entry's file read: hashed, decoded to what the encoder looks at, its metadata merged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from hybridsearch.analysis.payload import Stamp
from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.errors import PictureError, StoreError
from hybridsearch.ingest.assets import asset_from
from hybridsearch.ingest.changes import Work
from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.extras import NO_EXTRAS, Extras
from hybridsearch.ingest.looks import perceptual_hash
from hybridsearch.ingest.originals import MAX_FILE_BYTES, read_original
from hybridsearch.ingest.sidecars import damage_told, fields_in
from hybridsearch.ports import MediaReader, Pixels, Vector, View


@dataclass(frozen=True, slots=True)
class Loaded:
    """An asset ready to be analysed.

    ``pixels`` is None where nothing has to be embedded: there is no picture, the point's own
    vector still holds, or ``vector`` came along. ``warnings`` are about what was left out.
    """

    work: Work
    asset: Asset
    stamp: Stamp
    pixels: Pixels | None
    vector: Vector | None = None
    warnings: tuple[Failure, ...] = ()

    @property
    def vector_of(self) -> str | None:
        """The point that has this picture's vector already."""
        return self.work.vector_of(self.stamp.content_hash)

    @property
    def moved(self) -> bool:
        """The archive has the same file under another id."""
        return self.vector_of not in (None, self.work.point_id)


def load(
    work: Work,
    media: MediaReader,
    view: View | None = None,
    max_file_bytes: int = MAX_FILE_BYTES,
    extras: Extras = NO_EXTRAS,
) -> Loaded | Failure:
    """Read the entry's file; a file that cannot be used becomes a failure with its remedy.

    ``view`` is what the encoder looks at; the whole picture where None.
    """
    entry = work.entry
    if not entry.has_picture:
        return Loaded(work, asset_from(entry, {}, None, None), work.now, None)
    try:
        data = read_original(entry, media, extras.remote, max_file_bytes)
        picture = media.decode(data)
        stamp = replace(work.now, content_hash=hashlib.sha256(data).hexdigest())
        readings = media.metadata(data)
        fields, damaged = fields_in(entry.sidecars, media)
        if fields:
            readings = {**readings, Provenance.SIDECAR: fields}
        asset = asset_from(entry, readings, picture, stamp.content_hash)
        asset = replace(asset, perceptual_hash=perceptual_hash(picture.pixels))
        asset = extras.add_to(asset, picture.pixels)
    except OSError as error:
        reason = f"It cannot be read: {error.strerror or error}."
        remedy = "Check that it exists and may be read."
        return Failure(entry.asset_id, entry.origin, reason, remedy)
    except (PictureError, StoreError) as error:
        return Failure(entry.asset_id, entry.origin, error.message, error.remedy)
    if damaged:  # equal to no later stamp, so that the next ingest looks again
        stamp = replace(stamp, fields_hash="")
    warnings = tuple(damage_told(entry.asset_id, path) for path in damaged)
    loaded = Loaded(work, asset, stamp, picture.pixels, warnings=warnings)
    if loaded.vector_of == work.point_id:
        return replace(loaded, pixels=None)
    return replace(loaded, pixels=view(picture.pixels)) if view else loaded
