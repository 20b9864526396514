"""Small real things that many tests need: pictures, manifests, an opened archive."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from hybridsearch.bootstrap import Archive, open_archive
from hybridsearch.config import Settings
from hybridsearch.ingest.report import Report

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (220, 20, 20),
    "green": (20, 160, 30),
    "blue": (20, 40, 220),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}


def png(colour: str, size: tuple[int, int] = (32, 24)) -> bytes:
    """A picture of one colour as a PNG file's bytes."""
    stream = io.BytesIO()
    Image.new("RGB", size, COLOURS[colour]).save(stream, "PNG")
    return stream.getvalue()


def write_pictures(folder: Path, colours: Mapping[str, str]) -> Path:
    """``{"one.png": "red"}`` becomes files in the folder."""
    for name, colour in colours.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(colour))
    return folder


def write_manifest(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def settings_in(folder: Path, **said: Any) -> Settings:
    """Settings for an archive in a test's own folder, with the word encoder."""
    return Settings(data_dir=folder, **{"encoder": {"name": "words"}, **said})


def ingest(settings: Settings, source: Any) -> tuple[Report, Archive]:
    """Ingest a source and leave the archive open."""
    archive = open_archive(settings, create=True)
    return archive.ingest().run(source), archive
