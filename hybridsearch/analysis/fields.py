"""Which parts of an asset are read as text, under which lexical field."""

from __future__ import annotations

from collections.abc import Callable

from hybridsearch.domain.asset import Asset


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _place(asset: Asset) -> tuple[str, ...]:
    return tuple(part for part in (asset.city, asset.region, asset.country) if part)


LEXICAL_FIELDS: dict[str, Callable[[Asset], tuple[str, ...]]] = {
    "headline": lambda asset: _one(asset.headline),
    "caption": lambda asset: _one(asset.caption),
    "keywords": lambda asset: asset.keywords,
    "people": lambda asset: asset.people,
    "organisations": lambda asset: asset.organisations,
    "event": lambda asset: _one(asset.event),
    "place": _place,
    "creator": lambda asset: _one(asset.creator),
    "collection": lambda asset: _one(asset.collection),
    "ocr_text": lambda asset: _one(asset.ocr_text),
}


def lexical_texts(asset: Asset) -> dict[str, tuple[str, ...]]:
    """The texts of each lexical field that the asset fills; ``extra`` is shown, never searched."""
    texts = {name: read(asset) for name, read in LEXICAL_FIELDS.items()}
    return {name: values for name, values in texts.items() if values}
