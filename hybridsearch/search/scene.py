"""Splitting entity from scene: what is left of a query when its names are taken out.

In: the text that ranks, and the names found in it. Out: the scene, which looks are asked for,
or nothing where the query was all names.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridsearch.analysis.function_words import is_function_word
from hybridsearch.analysis.words import words_of
from hybridsearch.domain.names import Name


def scene_of(text: str, names: Sequence[Name], languages: Sequence[str]) -> str:
    """The text without its names; empty where nothing is left that carries meaning.

    "car Geneva, Utah" is "car"; "in New York" is nothing, since "in" alone shows nothing.
    """
    left = text
    for name in sorted(names, key=lambda each: each.start, reverse=True):
        if name.start >= 0:
            left = f"{left[: name.start]} {left[name.end :]}"
    words = words_of(left)
    if all(is_function_word(word, languages) for word in words):
        return ""
    while words and is_function_word(words[-1], languages):  # "explosion at" Melamin
        left = left[: left.rindex(words.pop())]
    return " ".join(left.split()).strip(" ,;:.-–()")
