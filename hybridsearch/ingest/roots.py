"""Pictures stay inside the archive's root: no link and no ``..`` leads out of it."""

from __future__ import annotations

from pathlib import Path

from hybridsearch.ingest.entry import Failure


def outside_of(root: Path, path: Path, asset_id: str) -> Failure | None:
    """A failure where the path, its links followed, leaves the root; None where it stays."""
    if path.resolve().is_relative_to(root.resolve()):
        return None
    return Failure(
        asset_id,
        str(path),
        f"It leads out of {root}.",
        "Copy the picture below that folder, or ingest the folder it is in.",
    )
