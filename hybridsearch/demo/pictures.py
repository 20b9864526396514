"""Gathers the demo pictures from their packages into one folder with a manifest."""

from __future__ import annotations

import importlib.util
import json
import shutil
from importlib import resources
from pathlib import Path

from hybridsearch.errors import SourceError

MANIFEST = "captions.jsonl"


def gather(folder: Path) -> Path:
    """Copy the pictures into ``folder`` and return the path of their manifest.

    Raises:
        SourceError: a package of the extra ``hybridsearch[demo]`` is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for line in resources.files(__package__).joinpath(MANIFEST).read_text("utf-8").splitlines():
        row = json.loads(line)
        picture = _package_folder(row.pop("package")) / row.pop("path")
        target = folder / picture.name
        if not target.is_file():
            shutil.copyfile(picture, target)
        rows.append({"id": picture.name, "file": picture.name, **row})
    manifest = folder / MANIFEST
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    manifest.write_text(text, encoding="utf-8")
    return manifest


def _package_folder(package: str) -> Path:
    """Where a package is installed, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SourceError(
            f"The demo's pictures come with the package {package}, which is not installed.",
            "Install it: pip install 'hybridsearch[demo]'.",
        )
    return Path(spec.origin).parent
