"""What a file is by the end of its name: enough to choose what is opened at all.

In: a name. Out: whether it may be a picture, or the kind of what is left out. What a file really
is, its first bytes tell when it is read.
"""

from __future__ import annotations

from pathlib import Path

RAW_SUFFIXES = frozenset(
    {
        *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc"),
        *(".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2"),
        *(".srf", ".srw", ".x3f"),
    }
)
"""What cameras write before a picture is made of it."""

PICTURE_SUFFIXES = RAW_SUFFIXES | {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"),
    *(".avif", ".heic", ".heif", ".hif"),
}

_KINDS = {
    "documents": (".pdf", ".doc", ".docx", ".odt", ".ppt", ".pptx", ".xls", ".xlsx", ".eps", ".ai"),
    "videos": (
        *(".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts"),
        *(".mxf", ".wmv", ".flv", ".3gp", ".ogv"),
    ),
    "sounds": (".mp3", ".wav", ".m4a", ".flac", ".aac", ".ogg"),
    "other pictures": (".svg", ".psd", ".psb", ".jp2", ".jxl", ".xcf", ".indd", ".ico", ".tga"),
}
_KIND_OF = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes}


def kind_of(name: str) -> str | None:
    """What is left out under this name: "videos", "documents"; None for what nobody misses."""
    return _KIND_OF.get(Path(name).suffix.lower())
