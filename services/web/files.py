"""The page's files, read once and packed once.

In: a folder of the package. Out: files by name, and one version for all of them, which stands in
their addresses: modules that import each other then always belong together.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources.abc import Traversable

KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

STYLES = "page.css"
"""All the styles, in the order of their files' names: one request instead of many."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: its media type, its bytes plain and packed (gzip), its entity tag."""

    kind: str
    data: bytes
    packed: bytes
    tag: str


class Files:
    """All files of a folder, in memory."""

    def __init__(self, folder: Traversable) -> None:
        found = sorted(folder.iterdir(), key=lambda each: each.name)
        kept = {each.name: each.read_bytes() for each in found if _suffix(each.name) in KINDS}
        styles = [data for name, data in kept.items() if _suffix(name) == "css"]
        kept[STYLES] = b"\n".join(styles)
        self._files = {name: _packed(name, data) for name, data in kept.items()}
        tags = "".join(f"{name}{each.tag}" for name, each in self._files.items())
        self.version = hashlib.sha256(tags.encode()).hexdigest()[:12]

    def get(self, name: str) -> StaticFile | None:
        """A file by its name; None where there is none."""
        return self._files.get(name)

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError: there is none of this name."""
        self._files[name]
        return f"/static/{self.version}/{name}"

    def named(self, suffix: str) -> list[str]:
        """The names that end so, in order."""
        return [name for name in self._files if name.endswith(suffix)]


def _suffix(name: str) -> str:
    return name.rpartition(".")[2]


def _packed(name: str, data: bytes) -> StaticFile:
    return StaticFile(
        KINDS[_suffix(name)],
        data,
        gzip.compress(data, mtime=0),
        f'"{hashlib.sha256(data).hexdigest()[:16]}"',
    )
