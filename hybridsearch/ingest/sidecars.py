"""XMP sidecars: metadata that lies beside a picture instead of in it.

In: a picture's path. Out: its sidecars, and the asset fields they hold. Programs name them
``picture.jpg.xmp`` (darktable, digiKam) or ``picture.xmp`` (Adobe, Capture One), in any case of
the letters of ``xmp``. Where both lie there, the first, which belongs to this file alone, goes
above the second, which a raw file and its JPEG share.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hybridsearch.ingest.entry import Failure
from hybridsearch.ingest.roots import outside_of
from hybridsearch.ports import MediaReader

SUFFIX = ".xmp"

_MAX_BYTES = 16 * 2**20
"""A larger file is no sidecar; the reader of XMP refuses less than that."""

_FOLDERS_KEPT = 64


class Sidecars:
    """Finds sidecars below a root; remembers the listings of the folders it saw last."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listings: OrderedDict[Path, Mapping[str, Sequence[str]]] = OrderedDict()

    def of(self, picture: Path) -> tuple[Path, ...]:
        """The picture's sidecars, the most particular first; none that lead out of the root."""
        names = self._in(picture.parent)
        if not names:
            return ()
        wanted = dict.fromkeys((picture.name, picture.stem))
        found = [picture.with_name(name) for stem in wanted for name in names.get(stem, ())]
        return tuple(path for path in found if outside_of(self._root, path, "") is None)

    def _in(self, folder: Path) -> Mapping[str, Sequence[str]]:
        """The sidecars of a folder by their name without the ending."""
        if folder in self._listings:
            self._listings.move_to_end(folder)
            return self._listings[folder]
        names: dict[str, list[str]] = {}
        with suppress(OSError):
            with os.scandir(folder) as listing:
                found = sorted(each.name for each in listing if each.name.lower().endswith(SUFFIX))
            for name in found:
                names.setdefault(name[: -len(SUFFIX)], []).append(name)
        self._listings[folder] = names
        if len(self._listings) > _FOLDERS_KEPT:
            self._listings.popitem(last=False)
        return names


def versions_of(sidecars: Sequence[Path]) -> tuple[str, ...]:
    """What changes when a sidecar comes, goes or is written again."""
    versions = []
    for path in sidecars:
        with suppress(OSError):
            status = path.stat()
            versions.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    return tuple(versions)


def fields_in(
    sidecars: Sequence[Path], media: MediaReader
) -> tuple[Mapping[str, Any], tuple[Path, ...]]:
    """The fields that the sidecars fill, each from the first that does; and which are damaged.

    A sidecar that cannot be read, or is none, fills no field: the picture is worth having
    without it.
    """
    fields: dict[str, Any] = {}
    damaged = []
    for path in sidecars:
        try:
            data = _bytes_of(path)
        except OSError:
            damaged.append(path)
            continue
        found = media.sidecar(data)
        if not found and media.sidecar_damaged(data):
            damaged.append(path)
        for name, value in found.items():
            fields.setdefault(name, value)
    return fields, tuple(damaged)


def damage_told(asset_id: str, path: Path) -> Failure:
    """What is listed of a damaged sidecar."""
    return Failure(
        asset_id,
        ascii(str(path))[1:-1],
        "This sidecar cannot be read; its picture was taken without it.",
        "Write it again with the program that made it, or remove it.",
    )


def _bytes_of(path: Path) -> bytes:
    """Of a regular file only; a pipe would keep the reader waiting."""
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        return stream.read(_MAX_BYTES)
