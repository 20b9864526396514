"""What a source hands over: one entry an asset, before anything was read from its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Entry:
    """One asset to be: its id, where its picture is, and what the manifest says of it.

    ``path`` and ``url`` are None for an asset of words only; at most one of them is given.
    ``fields`` holds asset fields, already of the right types. ``origin`` names the entry in
    messages: a path, or a manifest's line. ``sidecars`` are files of XMP beside the picture,
    the most particular first. ``source`` is the URI of the folder or manifest that lists it.
    """

    asset_id: str
    path: Path | None
    origin: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    sidecars: tuple[Path, ...] = ()
    url: str | None = None
    source: str | None = None

    @property
    def place(self) -> str | None:
        """The URI that the picture is read from."""
        return self.url or (self.path.as_uri() if self.path else None)

    @property
    def uri(self) -> str | None:
        """The asset's own: what the manifest says, else where the picture is."""
        named = self.fields.get("uri")
        return str(named) if named else self.place

    @property
    def has_picture(self) -> bool:
        """There is a file to be read, here or elsewhere."""
        return self.path is not None or self.url is not None


@dataclass(frozen=True, slots=True)
class Failure:
    """One entry that could not be used, why, and what would help."""

    asset_id: str
    origin: str
    reason: str
    remedy: str


class Source(Protocol):
    """A folder or a manifest."""

    def count(self) -> int:
        """How many entries there are, for progress; cheap."""
        ...

    def entries(self) -> Iterator[Entry | Failure]:
        """Every entry, each id once, in an order that does not change between runs."""
        ...


@runtime_checkable
class Skipping(Protocol):
    """A source that leaves files out by their name."""

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many in the last pass over ``entries``, by kind: "videos", "documents"."""
        ...
