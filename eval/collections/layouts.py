"""The archives beside the project: how each one's manifest becomes assets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """How a collection's manifest becomes assets, and where its queries are.

    ``columns`` maps asset fields to the manifest's columns; ``drop`` names the columns that go
    nowhere: those that judgements were made from or a machine wrote, and those of no use.
    """

    manifest: str
    columns: Mapping[str, str]
    drop: frozenset[str]
    queries: str = "queries_dev.jsonl"
    qrels: str | None = None


_FARM_SECURITY = {
    "region": "state",
    "creator": "photographer",
    "date_created": "year",
    "latitude": "lat",
    "longitude": "lon",
}
_LINKS = frozenset({"url", "image_url", "thumb_url", "thumb", "call_number", "lot", "licence"})

LAYOUTS: Mapping[str, Layout] = {
    "fsac_color": Layout(
        "metadata.jsonl",
        _FARM_SECURITY,
        # The queries' objects were found by a machine; the title repeats the caption.
        _LINKS | {"detected_objects", "n_faces", "title", "month", "county"},
    ),
    "fsa_owi_captions": Layout(
        "metadata.jsonl.gz",
        _FARM_SECURITY,
        # The judgements come from the tags.
        _LINKS | {"tags", "month", "county"},
    ),
    "bain_news_captions": Layout(
        "metadata.jsonl.gz",
        {"date_created": "year"},
        _LINKS | {"detected_objects", "n_faces", "width", "height"},
    ),
    "tate_collection": Layout(
        "metadata.jsonl.gz",
        {"headline": "title", "creator": "artist", "date_created": "date"},
        # The judgements come from the subjects.
        _LINKS
        | {"subjects", "acno", "inscription", "medium", "group", "catgroup", "classification"},
    ),
}
