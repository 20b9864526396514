"""What has to be done for an entry, judged by the stamp that its point carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hybridsearch.analysis.payload import Stamp, stamp_of
from hybridsearch.ingest.assets import fields_hash
from hybridsearch.ingest.entry import Entry
from hybridsearch.ingest.sidecars import versions_of
from hybridsearch.ports import PointRecord


@dataclass(frozen=True, slots=True)
class Work:
    """An entry with what is known of it: its point's id, its stamp now and its stamp as stored.

    The stamp now lacks the content hash until the file has been read. ``twins`` are points of
    other assets whose files have the same size, by their content hashes: where one of them is
    this file's too, the picture is embedded already.
    """

    entry: Entry
    point_id: str
    now: Stamp
    stored: Stamp | None
    twins: Mapping[str, str] = field(default_factory=dict)

    @property
    def unchanged(self) -> bool:
        """Size, time and manifest row are as they were: the file need not be read."""
        return self.stored is not None and (
            (self.stored.size, self.stored.mtime_ns, self.stored.fields_hash)
            == (self.now.size, self.now.mtime_ns, self.now.fields_hash)
        )

    @property
    def relocated(self) -> bool:
        """Unchanged, but listed by another source, or found at another place."""
        return (
            self.unchanged
            and self.stored is not None
            and self.now.source is not None
            and (self.stored.source, self.stored.place) != (self.now.source, self.now.place)
        )

    def vector_of(self, content_hash: str | None) -> str | None:
        """The point that has the vector of this content already; None where none does."""
        if content_hash is None:
            return None
        if self.stored is not None and self.stored.content_hash == content_hash:
            return self.point_id
        return self.twins.get(content_hash)


def work_for(
    entry: Entry,
    point_id: str,
    records: Mapping[str, PointRecord],
    versions: Sequence[str] = (),
) -> Work:
    """Compare the entry with its point, if there is one; a vanished file has no size.

    ``versions`` stand for what else the asset is made of, beside the manifest's row and its
    sidecars (a remote file's version): where one changes, the asset is written again.
    """
    size = mtime_ns = None
    if entry.path is not None:
        try:
            status = entry.path.stat()
            size, mtime_ns = status.st_size, status.st_mtime_ns
        except OSError:
            pass  # reading it will fail too, and say why
    record = records.get(point_id)
    return Work(
        entry,
        point_id,
        Stamp(
            size,
            mtime_ns,
            None,
            fields_hash(entry.fields, (*versions_of(entry.sidecars), *versions)),
            entry.place if entry.place != entry.uri else None,
            entry.source,
        ),
        stamp_of(record.payload) if record else None,
    )
