"""What a source hands over: one entry an asset, before anything was read from its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One asset to be: its id, where its picture is, and what the manifest says of it.

    ``path`` is None for an asset of words only. ``fields`` holds asset fields, already of the
    right types. ``origin`` names the entry in messages: a path, or a manifest's line.
    """

    asset_id: str
    path: Path | None
    origin: str
    fields: Mapping[str, Any] = field(default_factory=dict)


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
