"""Labels: the words that pictures are to be tagged with or told apart by.

In: lines of a file, or words given one by one. Out: checked labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybridsearch.errors import LabelError
from hybridsearch.labels.templates import DEFAULT_LANGUAGE, LANGUAGES

MOST_LETTERS = 200
"""Of a label or synonym; what is longer is a caption, and encoders cut it off."""

SHAPE = "Write one label a line: label, or label: synonym, synonym."

_LANGUAGE_LINE = re.compile(r"\[\s*([^\]]*?)\s*\]")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_COLON = re.compile(r":(?:\s+|$)")
_SHARE = re.compile(r"(?:^|\s)=\s*(\S+)$")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Label:
    """A label with other words for the same thing, all of one language.

    ``share`` tells which share of the archive's pictures shows it, between 0 and 1, where that
    is known: a label on half of the pictures needs less evidence than one on a thousandth.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    language: str = DEFAULT_LANGUAGE
    share: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The label and its synonyms."""
        return (self.name, *self.synonyms)


def read_labels(path: Path, language: str = DEFAULT_LANGUAGE) -> tuple[Label, ...]:
    """The labels of a file, in its order.

    One a line: ``label``, ``label: synonym, synonym``, and where its share of the archive is
    known ``label = 0.6: synonym``. A colon divides only before a space, so ``16:9`` is a label.
    ``#`` at the beginning of a line or after a space begins a comment. A line ``[sl]`` says that
    the labels below it are Slovene; before the first such line they are of ``language``.

    Raises:
        LabelError: the file cannot be read or holds no label; a line that is none, repeats a
            label, or names a language without templates. The message names file and line.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LabelError(f"{path} cannot be read: {error.strerror}.", SHAPE) from error
    except UnicodeDecodeError as error:
        raise LabelError(
            f"{path} is not in UTF-8 ({error.reason}).", "Save it as UTF-8."
        ) from error
    lines = text.split("\n")
    return _checked(
        ((f"{path}, line {number}", line) for number, line in enumerate(lines, start=1)),
        language,
        str(path),
    )


def labels_from(
    given: Sequence[str], language: str = DEFAULT_LANGUAGE, said: str = "label"
) -> tuple[Label, ...]:
    """Labels given one by one, each written as a line of a file is; ``said`` names them in errors.

    Raises:
        LabelError: as ``read_labels``; the message tells which one by its number.
    """
    numbered = ((f"{said} {number}", text) for number, text in enumerate(given, start=1))
    return _checked(numbered, language, said)


def _checked(lines: Iterable[tuple[str, str]], language: str, said: str) -> tuple[Label, ...]:
    current = _known(language, said)
    found: dict[str, Label] = {}
    first: dict[str, str] = {}
    for where, line in lines:
        text = _COMMENT.sub("", line).strip()
        heading = _LANGUAGE_LINE.fullmatch(text)
        if heading is not None:
            current = _known(heading.group(1), where)
        elif text:
            label = _label(text, where, current)
            key = label.name.casefold()
            if key in found:
                raise LabelError(
                    f"{where}: {label.name!r} stands there twice, first in {first[key]}.",
                    "Keep one of the two.",
                )
            found[key], first[key] = label, where
    if not found:
        raise LabelError(f"{said} gives no label.", SHAPE)
    return tuple(found.values())


def _known(language: str, where: str) -> str:
    if language not in LANGUAGES:
        raise LabelError(
            f"{where}: there are no templates for labels in {language!r}.",
            f"Choose from {', '.join(LANGUAGES)}.",
        )
    return language


def _label(text: str, where: str, language: str) -> Label:
    head, *rest = _COLON.split(text, maxsplit=1)
    name, share = _share(head, where)
    given = rest[0].split(",") if rest and rest[0].strip() else []
    synonyms = [_word(each, where, f"synonym {number}") for number, each in enumerate(given, 1)]
    name = _word(name, where, "label")
    kept = dict.fromkeys(each for each in synonyms if each.casefold() != name.casefold())
    return Label(name, tuple(kept), language, share)


def _share(head: str, where: str) -> tuple[str, float | None]:
    found = _SHARE.search(head)
    if found is None:
        return head, None
    told = found.group(1)
    try:
        share = float(told)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise LabelError(
            f"{where}: the share {told!r} is no number between 0 and 1.",
            "Write label = 0.6, or leave the share out.",
        )
    return head[: found.start()], share


def _word(text: str, where: str, what: str) -> str:
    word = " ".join(text.split())
    if not word:
        raise LabelError(f"{where}: the {what} is empty.", SHAPE)
    if len(word) > MOST_LETTERS:
        raise LabelError(
            f"{where}: the {what} has {len(word):,} letters; {MOST_LETTERS} are the most.", SHAPE
        )
    if _UNPRINTABLE.search(word):
        raise LabelError(
            f"{where}: the {what} {word!r} holds characters that are no text.", "Remove them."
        )
    return word
