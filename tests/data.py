"""Real archive data beside the checkout, and the reason to skip where it is absent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


def collection(name: str) -> Path:
    """The folder of a collection; skips the test, saying why, where it is not there."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the archive data {name} is not beside this checkout")
    return folder


def rows(path: Path, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file, plain or gzipped."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream):
            if limit is not None and number >= limit:
                return
            yield json.loads(line)
