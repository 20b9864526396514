from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from hybridsearch.adapters.stores.memory import MemoryStore
from hybridsearch.analysis.background import Background
from hybridsearch.analysis.payload import Stamp, payload_of, point_id
from hybridsearch.domain.asset import Asset
from hybridsearch.labels.describing import PICTURE_DISTANCE, near_captions, text_weight
from hybridsearch.ports import Matrix, Point, SparseVector, StoreSchema, Vector


def at(degrees: float) -> Vector:
    """A unit vector in the plane."""
    turn = np.deg2rad(degrees)
    return np.array([np.cos(turn), np.sin(turn)], np.float32)


ASKED = at(0)
BACKGROUND = np.stack([at(each) for each in range(40, 320, 7)])
GOOD = Background(BACKGROUND, distance=4.0, spread=0.1, pairs=200)
STAMP = Stamp(None, None, None, "")


def store_of(assets: Mapping[str, tuple[float, str | None]]) -> MemoryStore:
    """Assets by id, each with its picture's direction and its caption."""
    store = MemoryStore(StoreSchema(2))
    store.upsert(
        [
            Point(
                point_id("test", name),
                at(degrees),
                SparseVector((), ()),
                payload_of(Asset(name, caption=caption), STAMP, {}),
            )
            for name, (degrees, caption) in assets.items()
        ]
    )
    return store


def shown(
    store: MemoryStore,
    background: Background,
    directions: Mapping[str, float],
    limit: int = 5,
    left_out: str | None = None,
) -> list[tuple[str, tuple[str, ...]]]:
    def embed(texts: Sequence[str]) -> Matrix:
        return np.stack([at(directions[text]) for text in texts])

    found = near_captions(ASKED, store, background, embed, limit, left_out)
    return [(each.text, each.assets) for each in found]


def test_captions_come_by_nearness_where_texts_are_not_heard() -> None:
    store = store_of({"far": (30, "Far"), "near": (5, "Near"), "none": (1, None)})
    weak = Background(BACKGROUND, distance=1.0, spread=0.1, pairs=200)
    assert shown(store, weak, {}) == [("Near", ("near",)), ("Far", ("far",))]
    assert shown(store, Background(BACKGROUND), {}, limit=1) == [("Near", ("near",))]
    [first, _] = near_captions(ASKED, store, weak, lambda texts: at(0)[None], 5)
    assert first.fits is None
    assert first.similarity == pytest.approx(np.cos(np.deg2rad(5)), abs=1e-6)


def test_a_text_that_fits_comes_before_a_slightly_nearer_picture() -> None:
    store = store_of({"a": (10, "A street"), "b": (14, "A dog")})
    assert shown(store, GOOD, {"A street": 120, "A dog": 2})[0] == ("A dog", ("b",))
    assert shown(store, GOOD, {"A street": 20, "A dog": 20})[0] == ("A street", ("a",))


def test_the_score_is_the_sum_of_both_in_their_own_spreads() -> None:
    store = store_of({"a": (10, "A street")})
    [found] = near_captions(ASKED, store, GOOD, lambda texts: at(25)[None], 5)
    picture, text = GOOD.scale(ASKED), GOOD.scale(at(25))
    near = (np.cos(np.deg2rad(10)) - picture.mean) / picture.spread
    fits = (np.cos(np.deg2rad(25)) - text.mean) / text.spread
    assert found.fits == pytest.approx(fits, abs=1e-4)
    assert found.score == pytest.approx(near + 4.0 / PICTURE_DISTANCE * fits, abs=1e-4)


def test_captions_that_read_the_same_are_told_once() -> None:
    store = store_of(
        {"a": (3, "A dog."), "b": (6, "a  DOG"), "c": (9, "Á dog!"), "d": (12, "Two dogs")}
    )
    found = shown(store, Background(BACKGROUND), {})
    assert found == [("A dog.", ("a", "b", "c")), ("Two dogs", ("d",))]


def test_an_assets_own_caption_is_left_out() -> None:
    store = store_of({"a": (0, "A dog"), "b": (5, "A dog"), "c": (9, "A cat")})
    found = shown(store, Background(BACKGROUND), {}, left_out="a")
    assert found == [("A dog", ("b",)), ("A cat", ("c",))]


def test_texts_weigh_by_what_captions_proved() -> None:
    assert text_weight(Background(BACKGROUND, 4.0, 0.1, pairs=0)) == 0
    assert text_weight(Background(BACKGROUND, 1.4, 0.1, pairs=100)) == 0
    assert text_weight(Background(BACKGROUND, 4.0, 0.1, pairs=100)) == 0.5
