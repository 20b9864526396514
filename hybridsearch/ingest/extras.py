"""What an ingest may do with a picture beside embedding it.

In: a decoded picture and its asset. Out: thumbnails on disk, and the text that was read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import uuid4

from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.errors import PictureError
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.pictured_text import PicturedText
from hybridsearch.ingest.thumbnails import Thumbnails
from hybridsearch.ports import Pixels, RemoteFiles


@dataclass(frozen=True, slots=True)
class Extras:
    """Each is left out where None; all of them pickle.

    ``remote`` fetches files that a manifest names by URL.
    """

    remote: RemoteFiles | None = None
    thumbnails: Thumbnails | None = None
    text: PicturedText | None = None

    def versions_of(self, entries: Iterable[Entry | Failure]) -> Mapping[str, tuple[str, ...]]:
        """By asset id: what changes when an entry's file would have to be read again.

        That is a remote file's version and, with text read from pictures, the reader's name. A
        remote file of which no version can be learned is always read again.
        """
        listed = [each for each in entries if isinstance(each, Entry)]
        urls = [each.url for each in listed if each.url is not None]
        remote = self.remote.versions(urls) if self.remote and urls else {}
        reader = (f"text by {self.text.name}",) if self.text else ()

        def version(entry: Entry) -> tuple[str, ...]:
            if not entry.has_picture:
                return ()
            fetched = () if entry.url is None else (remote.get(entry.url) or uuid4().hex,)
            return (*fetched, *reader)

        return {entry.asset_id: version(entry) for entry in listed}

    def add_to(self, asset: Asset, pixels: Pixels) -> Asset:
        """Make what is missing; the asset with the text in the picture, unless it has one.

        A picture that cannot be read for text is worth having without it.

        Raises:
            StoreError: a folder cannot be written.
        """
        if asset.content_hash is None:
            return asset
        if self.thumbnails is not None:
            self.thumbnails.write(pixels, asset.content_hash)
        if self.text is None or asset.ocr_text:
            return asset
        found = None
        with suppress(PictureError):
            found = self.text.read(pixels, asset.content_hash)
        if not found:
            return asset
        provenance = {**asset.provenance, "ocr_text": Provenance.PICTURE}
        return replace(asset, ocr_text=found, provenance=provenance)


NO_EXTRAS = Extras()
