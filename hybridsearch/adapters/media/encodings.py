"""Which 8-bit encoding old metadata was written in: the one in which it reads like a language.

In: texts of one file that are not valid UTF-8, and the encodings that an archive has used. Out:
one of these encodings. Each candidate's reading is scored by a model of neighbouring letters for
some twenty languages in Latin script; the best language counts. So "Kočevje" is not read as
"Koèevje", nor "Genève" as "Genčve", though the bytes are the same.

``letters.npz`` holds the model: ``alphabet``, and for each language the negative natural
logarithm, times ``scale``, of the chance that a letter follows another; 0 is what stands between
words. ``python -m eval.letters`` makes it from the word lists of simplemma.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MODEL_FILE = Path(__file__).with_name("letters.npz")

_MAX_CHARACTERS = 4_000
_QUOTES = frozenset("“”„‚‘’«»‹›…")
_MARKS = frozenset("–—€©®°§·•\xa0\xad½¼")
_FOREIGN_COST = 12.0
"""Nats for a character that no word of these languages has, such as "¹" inside one."""

_FIRST_CHOICE = 1.0
"""Nats by which a later candidate must be better than an earlier one."""


class _Model(NamedTuple):
    number_of: dict[str, int]
    costs: npt.NDArray[np.float32]
    """(language, letter, next letter), nats."""


def likely_encoding(texts: Iterable[bytes], candidates: Sequence[str]) -> str:
    """The candidate in which the texts read most like words; the first where nothing tells.

    Args:
        texts: of one file, so of one writer; those in ASCII help to know the language.
        candidates: names that Python knows, at least one.
    """
    if len(candidates) == 1:
        return candidates[0]
    raw = b"\n".join(texts)[:_MAX_CHARACTERS]
    if raw.isascii():
        return candidates[0]
    costs = [
        _cost(raw.decode(encoding, "replace")) + _FIRST_CHOICE * number
        for number, encoding in enumerate(candidates)
    ]
    return candidates[int(np.argmin(costs))]


def _cost(text: str) -> float:
    """Nats of the text in the language in which it costs least."""
    model = _model()
    numbers, foreign = [0], 0
    for at, character in enumerate(map(str.lower, text)):
        number = model.number_of.get(character, 0)
        numbers.append(number)
        if not character.isascii():
            foreign += _is_foreign(text, at, known=bool(number))
    numbers.append(0)
    path = np.array(numbers)
    pairs: npt.NDArray[np.float32] = model.costs[:, path[:-1], path[1:]]
    return float(pairs.sum(axis=1).min()) + _FOREIGN_COST * foreign


def _is_foreign(text: str, at: int, *, known: bool) -> bool:
    """No capital follows a small letter; quotes touch words from outside; marks touch none."""
    character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if known:
        return character.isupper() and before.islower()
    if character in _QUOTES:
        return before.isalpha() and after.isalpha() and character != "’"
    return character not in _MARKS or before.isalpha() or after.isalpha()


@cache
def _model() -> _Model:
    with np.load(MODEL_FILE, allow_pickle=False) as stored:
        alphabet = str(stored["alphabet"])
        costs = stored["costs"].astype(np.float32) / float(stored["scale"])
    return _Model({letter: at for at, letter in enumerate(alphabet) if at}, costs)
