"""Makes the letter model by which ingest recognises old text encodings.

In: the word lists that simplemma carries. Out: ``letters.npz``, read by
``hybridsearch.adapters.media.encodings``, whose docstring tells what is in it.

    python -m eval.letters --out hybridsearch/adapters/media/letters.npz
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

LANGUAGES = (
    *("sl", "hbs", "cs", "sk", "pl", "hu", "ro", "sq"),
    *("fr", "de", "it", "es", "pt", "ca", "sv", "da", "nb", "fi", "nl", "is", "en"),
)
SCALE = 16.0
"""Steps to a nat; a byte then holds up to 15.9 nats, less than a chance in eight million."""

_RARE = 5e-5
"""Share of a language's letters; rarer ones come from foreign words in the list."""

_LATIN_END = 0x250
_FLOOR = 1e-7
_PRIOR = 5.0
"""Letters' worth of trust in a letter's own frequency where a pair was seldom seen."""

_ROMANIAN = str.maketrans("țș", "ţş")
"""The old encodings have these letters with a cedilla only."""


def words_of(language: str) -> list[str]:
    """Words and their lemmas, lower case, Latin script, sorted."""
    words = set()
    for pair in DefaultDictionaryFactory().get_dictionary(language).items():
        for entry in pair:
            text = entry.decode() if isinstance(entry, bytes) else entry
            word = text.lower().translate(_ROMANIAN)
            if word.isalpha() and all(ord(letter) < _LATIN_END for letter in word):
                words.add(word)
    return sorted(words)


def pair_counts(words: Iterable[str]) -> Mapping[str, float]:
    """How often a letter follows another; a space stands before and after a word.

    A word counts less the longer it is: lists of inflected forms are full of long words that
    nobody writes, and short words are the frequent ones.
    """
    counts: dict[str, float] = defaultdict(float)
    for word in words:
        weight = 1.0 / (1 + max(0, len(word) - 4))
        bounded = f" {word} "
        for at in range(1, len(bounded)):
            counts[bounded[at - 1 : at + 1]] += weight
    return counts


def _alphabet(counts: Iterable[Mapping[str, float]]) -> str:
    letters: set[str] = set()
    for language in counts:
        singles = _singles(language)
        total = sum(singles.values())
        letters.update(letter for letter, count in singles.items() if count > _RARE * total)
    return " " + "".join(sorted(letters - {" "}))


def _singles(pairs: Mapping[str, float]) -> Mapping[str, float]:
    singles: dict[str, float] = defaultdict(float)
    for pair, count in pairs.items():
        singles[pair[1]] += count
    return singles


def costs_of(pairs: Mapping[str, float], alphabet: str) -> npt.NDArray[np.uint8]:
    """(letter, next letter): negative logarithm of the chance, in steps of 1 / ``SCALE`` nats."""
    number_of = {letter: at for at, letter in enumerate(alphabet)}
    counts = np.zeros((len(alphabet), len(alphabet)))
    for pair, count in pairs.items():
        if pair[0] in number_of and pair[1] in number_of:
            counts[number_of[pair[0]], number_of[pair[1]]] = count
    singles = counts.sum(axis=0)
    share = singles / singles.sum()
    share[share < _RARE] = _FLOOR
    chance = (counts + _PRIOR * share) / (counts.sum(axis=1, keepdims=True) + _PRIOR)
    chance[0, 0] = 1.0  # white space after white space tells nothing
    nats = -np.log(np.maximum(chance, _FLOOR))
    steps: npt.NDArray[np.uint8] = np.minimum(np.rint(nats * SCALE), 255).astype(np.uint8)
    return steps


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the model and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the file to write, .npz")
    out: Path = parser.parse_args(arguments).out
    pairs = [pair_counts(words_of(language)) for language in LANGUAGES]
    alphabet = _alphabet(pairs)
    np.savez_compressed(
        out,
        alphabet=np.array(alphabet),
        languages=np.array(LANGUAGES),
        scale=np.array(SCALE),
        costs=np.stack([costs_of(each, alphabet) for each in pairs]),
    )
    print(f"{len(LANGUAGES)} languages, {len(alphabet)} letters, {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
