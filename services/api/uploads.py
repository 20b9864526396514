"""Uploaded pictures: decoded in processes of their own, each bounded in time and memory.

In: the bytes that a stranger sent. Out: the same picture as a plain bitmap of what the encoder
looks at, which nothing can be hidden in. A picture that hangs or breaks its decoder ends that
process and is refused; searches go on, for none of their threads waits here.
"""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import Future
from pathlib import Path
from uuid import uuid4

from hybridsearch.adapters.media import DEFAULT_MIN_SIDE, FileMediaReader
from hybridsearch.adapters.media.bitmaps import bitmap_of
from hybridsearch.adapters.readers.order import ReadingOrder
from hybridsearch.adapters.readers.pool import ProcessReaders
from hybridsearch.config import ServiceSection
from hybridsearch.errors import PictureError
from hybridsearch.ingest.changes import work_for
from hybridsearch.ingest.entry import Entry, Failure
from hybridsearch.ingest.load import Loaded
from hybridsearch.ports import HEAD_BYTES, MediaReader, View
from services.api.problems import overloaded

ACCEPTED = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}
"""What may be uploaded: what browsers show, whose decoders are tried by everybody every day."""

MOST_WAITING = 32
"""Uploads that may wait for a decoder; each keeps its file until then."""

_DECODERS = 2


class Uploads:
    """Decodes what is uploaded to one archive; its processes start with the first picture."""

    def __init__(
        self, service: ServiceSection, view: View | None, media: MediaReader | None = None
    ) -> None:
        """
        Args:
            service: the limits.
            view: what the encoder looks at; the whole picture where None.
            media: who decodes; as the ingest does it where None.
        """
        self._media = media or FileMediaReader(
            max_pixels=service.max_megapixels * 10**6,
            min_side=DEFAULT_MIN_SIDE if view is None else view.min_side,
        )
        order = ReadingOrder(
            self._media,
            view,
            max_file_bytes=service.max_upload_mib * 2**20,
            seconds=service.decode_seconds,
            memory_bytes=service.decode_memory_mib * 2**20,
        )
        self._readers = ProcessReaders(order, _DECODERS)
        self._folder = tempfile.TemporaryDirectory(
            prefix="hybridsearch-", ignore_cleanup_errors=True
        )
        self._waiting = 0

    def accepted(self, data: bytes) -> str:
        """The media type by the first bytes, which is all that is looked at.

        Raises:
            PictureError: it is no picture, or of no format that is accepted.
        """
        try:
            media_type = self._media.recognise(data[:HEAD_BYTES])
        except PictureError as error:
            raise PictureError(error.message, _KINDS) from error
        if media_type not in ACCEPTED:
            raise PictureError(f"A picture of the type {media_type} cannot be uploaded.", _KINDS)
        return media_type

    async def plain(self, data: bytes) -> bytes:
        """The picture as a bitmap file, decoded where it can do no harm.

        Raises:
            PictureError: it is none, damaged, too large, or takes too long or too much memory.
            Refusal: too many wait already.
            ReaderError: no process can be started.
        """
        self.accepted(data)
        if self._waiting >= MOST_WAITING:
            raise overloaded()
        self._waiting += 1
        path = Path(self._folder.name) / uuid4().hex
        try:
            await asyncio.to_thread(path.write_bytes, data)
            entry = Entry(path.name, path, "the picture")
            loaded = await _ended(self._readers.start(work_for(entry, "", {})))
        finally:
            self._waiting -= 1
            path.unlink(missing_ok=True)
        return await asyncio.to_thread(_bitmap, loaded)

    def close(self) -> None:
        """End the processes at once. Twice is no error."""
        self._readers.close()
        self._folder.cleanup()


async def _ended(reading: Future[Loaded | Failure]) -> Loaded | Failure:
    """What was read; where the archive is just being opened again, the reading was called off."""
    try:
        return await asyncio.wrap_future(reading)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise overloaded() from None


def _bitmap(loaded: Loaded | Failure) -> bytes:
    if isinstance(loaded, Failure):
        raise PictureError(loaded.reason, "Send a smaller copy, or export it again as JPEG.")
    assert loaded.pixels is not None  # noqa: S101 -- nothing is stored of it, so it was decoded
    return bitmap_of(loaded.pixels)


_KINDS = "Send it as JPEG, PNG, WebP or GIF."
