"""Judged collections: real archives with queries, read as assets and judgements.

In: the name of a built-in collection, or a folder of one's own. Out: sources for an ingest,
assets, judged queries, and what is to be said about them. What judgements were made from is left
out of the index.
"""

from __future__ import annotations

from pathlib import Path

from eval.collections.captions import Captions
from eval.collections.collection import Collection
from eval.collections.folder import Archive, archive_in
from eval.collections.judged import JudgedQuery
from eval.collections.layouts import LAYOUTS, Layout
from eval.collections.mini import Mini
from hybridsearch.errors import SourceError

__all__ = [
    "DEFAULT_DATA",
    "LAYOUTS",
    "NAMES",
    "Archive",
    "Captions",
    "Collection",
    "JudgedQuery",
    "Layout",
    "Mini",
    "open_collection",
]

DEFAULT_DATA = Path(__file__).parents[3] / "shared" / "data"
"""Beside the project: the archives' data is theirs, and no part of it."""

MINI, COCO = "mini", "coco_mini"
NAMES: tuple[str, ...] = (MINI, COCO, *LAYOUTS)
"""The built-in collections. ``mini`` is part of the project, the others are read from ``data``."""


def open_collection(
    collection: str | Path, data: Path = DEFAULT_DATA, work: Path | None = None
) -> Collection:
    """A built-in collection by its name, or any folder that holds a collection.

    ``data`` is the folder that holds the built-in ones. ``work`` is a folder that ``mini`` may
    gather its pictures in (they come with the demo's packages); without it, mini is words only.

    Raises:
        SourceError: there is no such collection, its files are not there, or (``mini``) a
            package of the demo is not installed.
    """
    if collection == MINI:
        return Mini.in_words() if work is None else Mini.with_pictures(work)
    if collection == COCO:
        return _there(Captions(COCO, data / COCO))
    if isinstance(collection, str) and collection in LAYOUTS:
        return _there(Archive(collection, data / collection, LAYOUTS[collection]))
    if Path(collection).is_dir():
        return archive_in(Path(collection))
    raise SourceError(
        f"There is no collection {str(collection)!r}.",
        f"Choose from {', '.join(NAMES)}, or give a folder with queries and a manifest.",
    )


def _there(collection: Archive | Captions) -> Collection:
    if not collection.manifest.is_file():
        raise SourceError(
            f"There is no {collection.manifest}.",
            "Pass the folder that holds the collections' folders with --data FOLDER.",
        )
    return collection
