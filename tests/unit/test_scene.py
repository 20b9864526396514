from __future__ import annotations

import pytest

from hybridsearch.domain.names import Evidence, Name
from hybridsearch.search.scene import scene_of


def named(text: str, *names: str) -> list[Name]:
    found = []
    for name in names:
        start = text.index(name)
        words = tuple(name.casefold().split())
        found.append(Name(name, start, start + len(name), words, Evidence.KNOWN, 0.9))
    return found


@pytest.mark.parametrize(
    ("text", "names", "scene"),
    [
        ("car Geneva, Utah", ["Geneva", "Utah"], "car"),
        ("explosion at Melamin factory", ["Melamin"], "explosion at factory"),
        ("Eileen Collins in orange suit", ["Eileen Collins"], "in orange suit"),
        ("rain in Hamburg", ["Hamburg"], "rain"),
        ("in New York", ["New York"], ""),
        ("Grace Hopper", ["Grace Hopper"], ""),
        ("a red car", [], "a red car"),
        ("Utah Utah", ["Utah"], "Utah"),
    ],
)
def test_the_scene_is_what_is_left_of_the_names(text: str, names: list[str], scene: str) -> None:
    assert scene_of(text, named(text, *names), ("en",)) == scene


def test_a_phrase_beside_the_text_takes_nothing_out_of_it() -> None:
    beside = Name("melamin", -1, -1, ("melamin",), Evidence.QUOTED, 1.0)
    assert scene_of("red car", [beside], ("en",)) == "red car"
