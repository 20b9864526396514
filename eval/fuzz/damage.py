"""Damage as disks, transfers and attackers do it.

In: a case's number. Out: a damaged file, made from that number alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from eval.fuzz.seeds import seeds


def mutated(case: int) -> tuple[str, bytes]:
    """The case's file: a seed's name, and its bytes after one to three kinds of damage."""
    chance = random.Random(case)
    name = chance.choice(sorted(seeds()))
    data = bytearray(seeds()[name])
    for _ in range(chance.randint(1, 3)):
        chance.choice(_DAMAGES)(data, chance)
    return name, bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """Mostly in the first two kilobytes, where headers and metadata are."""
    end = len(data) if chance.random() < 0.3 else min(len(data), 2048)
    return chance.randrange(max(1, end))


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        if data:
            data[_place(data, chance) % len(data)] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    at, length = _place(data, chance), chance.randint(1, 16)
    data[at : at + length] = chance.choice(
        [chance.randbytes(length), b"\xff" * length, b"\0" * length, b"\x7f" + b"\xff" * 3]
    )


def _number(data: bytearray, chance: random.Random) -> None:
    """A size or an offset that lies."""
    at = _place(data, chance)
    value = chance.choice([0, 1, 0x7F, 0x80, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data)])
    size, big = chance.choice([2, 4]), chance.random() < 0.5
    data[at : at + size] = (value & (256**size - 1)).to_bytes(size, "big" if big else "little")


def _truncate(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


def _splice(data: bytearray, chance: random.Random) -> None:
    """A piece of another file, or of this one elsewhere."""
    other = seeds()[chance.choice(sorted(seeds()))] if chance.random() < 0.5 else bytes(data)
    start = chance.randrange(max(1, len(other)))
    piece = other[start : start + chance.randint(1, 400)]
    at = _place(data, chance)
    replaced = len(piece) if chance.random() < 0.5 else 0
    data[at : at + replaced] = piece


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    piece = bytes(data[at : at + chance.randint(1, 200)])
    data[at:at] = piece * chance.randint(2, 50)


def _remove(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.randint(1, 64)]


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _overwrite,
    _number,
    _truncate,
    _splice,
    _repeat,
    _remove,
)
