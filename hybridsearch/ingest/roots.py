"""Pictures stay inside the archive's root: no link and no ``..`` leads out of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hybridsearch.ingest.entry import Failure

_resolved = lru_cache(maxsize=16)(Path.resolve)
"""A root stays where it is while a source is read; its files are asked by the hundred thousand."""


def outside_of(root: Path, path: Path, asset_id: str) -> Failure | None:
    """A failure where the path, its links followed, leaves the root; None where it stays."""
    try:
        inside = path.resolve().is_relative_to(_resolved(root))
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, NUL, far too long
        return Failure(
            asset_id,
            ascii(str(path))[1:-1],
            f"Its path cannot be followed ({error}).",
            "Correct the path, or remove the link.",
        )
    if inside:
        return None
    return Failure(
        asset_id,
        str(path),
        f"It leads out of {root}.",
        "Copy the picture below that folder, or ingest the folder it is in.",
    )
