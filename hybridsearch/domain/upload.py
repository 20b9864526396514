"""A query picture that is no file: bytes that somebody handed over."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes of a picture file; ``name`` is what messages call it, never a path."""

    data: bytes = field(repr=False)
    name: str = "the query picture"

    def read_bytes(self) -> bytes:
        """The bytes, as a path would give them."""
        return self.data
