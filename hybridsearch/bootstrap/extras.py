"""What an ingest does with a picture beside embedding it, made as the settings have it."""

from __future__ import annotations

from hybridsearch.adapters.media.thumbnails import WebpThumbnails
from hybridsearch.adapters.remote import FsspecFiles
from hybridsearch.config import Settings
from hybridsearch.ingest.extras import Extras
from hybridsearch.ingest.pictured_text import PicturedText
from hybridsearch.ingest.thumbnails import Thumbnails


def make_extras(settings: Settings) -> Extras:
    """What an ingest does beside embedding, as the settings have it.

    Raises:
        ConfigError: what it needs is not installed.
    """
    chosen = settings.ingest
    text = None
    if chosen.ocr:
        from hybridsearch.adapters.pictured_text import RapidTextReader

        text = PicturedText(
            settings.archive_folder / "pictured_text", RapidTextReader(chosen.ocr_min_score)
        )
    return Extras(
        FsspecFiles(chosen.remote_seconds),
        make_thumbnails(settings) if chosen.thumbnails else None,
        text,
    )


def make_thumbnails(settings: Settings) -> Thumbnails:
    """The archive's small copies of its pictures."""
    return Thumbnails(settings.archive_folder / "thumbnails", WebpThumbnails())
