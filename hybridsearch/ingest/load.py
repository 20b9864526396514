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
from hybridsearch.ingest.sidecars import fields_in
from hybridsearch.ports import MediaReader, Pixels, View


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
        if entry.sidecars:
            readings = {**readings, Provenance.SIDECAR: fields_in(entry.sidecars, media)}
        asset = asset_from(entry, readings, picture, stamp.content_hash)
        asset = replace(asset, perceptual_hash=perceptual_hash(picture.pixels))
        asset = extras.add_to(asset, picture.pixels)
    except OSError as error:
        reason = f"It cannot be read: {error.strerror or error}."
        remedy = "Check that it exists and may be read."
        return Failure(entry.asset_id, entry.origin, reason, remedy)
    except (PictureError, StoreError) as error:
        return Failure(entry.asset_id, entry.origin, error.message, error.remedy)
    loaded = Loaded(work, asset, stamp, picture.pixels)
    if loaded.keeps_vector:
        return replace(loaded, pixels=None)
    return replace(loaded, pixels=view(picture.pixels)) if view else loaded
