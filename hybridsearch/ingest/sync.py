"""What an archive lacks of a source, and what it has too much.

In: a source and the store. Out: which assets are new, changed, moved or missing; nothing is
written. Files are told apart by size, time and content: a file of the same content under another
name has moved where the old name is gone.

What is deleted follows from what the source does *not* list, and a disk that is not there lists
nothing. So nothing is deleted unless asked for, and not much unless asked twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from hybridsearch.analysis.payload import Stamp, asset_of, point_id, stamp_of
from hybridsearch.errors import DeletionRefused
from hybridsearch.ingest.changes import Work, work_for
from hybridsearch.ingest.entry import Entry, Failure, Source
from hybridsearch.ingest.extras import Extras
from hybridsearch.ports import PointRecord, Store

_AT_ONCE = 256
_FEW = 10
"""So many assets may be deleted whatever their share is."""

MOST_DELETED = 0.1
"""The share of a source's assets that may be missing before deleting them must be asked twice."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A file found under another name; ``point_id`` is that of the asset under the old one."""

    asset_id: str
    before: str
    point_id: str


@dataclass(frozen=True, slots=True)
class Missing:
    """An asset that the source listed once, and does no more."""

    asset_id: str
    point_id: str


@dataclass(slots=True)
class Difference:
    """What would have to be done; ids of assets, in the source's order.

    ``known`` is how many assets of the archive are the source's. ``failures`` are those of the
    source itself: of a folder that cannot be listed nothing is missing.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unchanged: int = 0
    known: int = 0

    def check_deletions(self) -> None:
        """Return where the missing assets may be deleted without further questions.

        Raises:
            DeletionRefused: they are too many, or all.
        """
        count = len(self.missing)
        remaining = self.known - count
        if not count or (remaining and count <= max(_FEW, MOST_DELETED * self.known)):
            return
        named = ", ".join(each.asset_id for each in self.missing[:3])
        raise DeletionRefused(
            f"{count:,} of the {self.known:,} assets of this source are missing: {named}"
            f"{', ...' if count > 3 else ''}. Is its disk there? Nothing was changed.",
            "Look with --dry-run; if they are to go, add --delete-many.",
        )


def compare(source: Source, archive: str, store: Store, extras: Extras) -> Difference:
    """What a sync with the source would do to the archive of this name.

    Raises:
        SourceError: the source itself is broken.
        StoreError: the store cannot be read.
    """
    difference = Difference()
    listed: set[str] = set()
    sources: set[str] = set()
    arrived: list[Work] = []
    stream = source.entries()
    while batch := list(islice(stream, _AT_ONCE)):
        works = _works(batch, archive, store, extras)
        difference.failures += [each for each in batch if isinstance(each, Failure)]
        listed.update(point_id(archive, each.asset_id) for each in batch)
        for work in works:
            if work.entry.source is not None:
                sources.add(work.entry.source)
            if work.stored is None:
                arrived.append(work)
            elif work.unchanged:
                difference.unchanged += 1
            else:
                difference.changed.append(work.entry.asset_id)
    sources |= _told_by(source)
    gone = _gone(store, sources, listed, difference)
    _pair(arrived, gone, difference)
    return difference


def _works(
    batch: Sequence[Entry | Failure], archive: str, store: Store, extras: Extras
) -> list[Work]:
    entries = [each for each in batch if isinstance(each, Entry)]
    ids = {each.asset_id: point_id(archive, each.asset_id) for each in entries}
    found = store.retrieve(list(ids.values()), keys=("stamp",))
    records = {record.id: record for record in found}
    versions = extras.versions_of(entries)
    return [
        work_for(each, ids[each.asset_id], records, versions[each.asset_id]) for each in entries
    ]


def _told_by(source: Source) -> set[str]:
    """The source's own URI, also where it lists nothing any more."""
    uri = getattr(source, "uri", None)
    return {uri} if isinstance(uri, str) else set()


def _gone(
    store: Store, sources: set[str], listed: set[str], difference: Difference
) -> list[tuple[PointRecord, Stamp, str]]:
    """The assets of these sources that were not listed, but for what could not be looked at."""
    unlisted = {each.asset_id for each in difference.failures}
    gone = []
    for records in store.scroll(keys=("stamp",)):
        own = [(each, stamp_of(each.payload)) for each in records]
        own = [(each, stamp) for each, stamp in own if stamp.source in sources]
        difference.known += len(own)
        away = [(each, stamp) for each, stamp in own if each.id not in listed]
        if not away:
            continue
        found = store.retrieve([each.id for each, _ in away], keys=("asset",))
        names = {each.id: asset_of(each.payload).id for each in found}
        for each, stamp in away:
            name = names.get(each.id)
            if name is not None and not _below(name, unlisted):
                gone.append((each, stamp, name))
    return sorted(gone, key=lambda each: each[2])


def _below(asset_id: str, folders: set[str]) -> bool:
    return bool(folders) and any(str(above) in folders for above in PurePosixPath(asset_id).parents)


def _pair(
    arrived: Sequence[Work],
    gone: Sequence[tuple[PointRecord, Stamp, str]],
    difference: Difference,
) -> None:
    """A new file with the content of a missing one has moved."""
    by_size: defaultdict[int, dict[str, list[tuple[str, str]]]] = defaultdict(dict)
    for record, stamp, name in gone:
        if stamp.size is not None and stamp.content_hash is not None:
            by_size[stamp.size].setdefault(stamp.content_hash, []).append((name, record.id))
    paired: set[str] = set()
    for work in arrived:
        candidates = by_size.get(work.now.size) if work.now.size is not None else None
        content = _content_hash(work.entry.path) if candidates and work.entry.path else None
        before = candidates.get(content, []) if candidates and content else []
        if before:
            name, identity = before.pop(0)
            paired.add(identity)
            difference.moved.append(Moved(work.entry.asset_id, name, identity))
        else:
            difference.new.append(work.entry.asset_id)
    difference.missing = [
        Missing(name, record.id) for record, _, name in gone if record.id not in paired
    ]


def _content_hash(path: Path) -> str | None:
    """None where it cannot be read; the ingest will say why."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def unneeded(difference: Difference, failed: Iterable[str], *, delete: bool) -> list[str]:
    """The points to delete after an ingest: moved ones that arrived, and missing ones if asked."""
    without = set(failed)
    gone = [each.point_id for each in difference.moved if each.asset_id not in without]
    if delete:
        gone += [each.point_id for each in difference.missing]
    return gone
