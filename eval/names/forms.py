"""Recall of forms: which share of the pairs has a term in common.

A pair of several words meets where each word meets its counterpart, function words apart. Each
other form is tried as it is written and as it is often typed: in small letters without accents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from eval.bench.report import Cell, Report, Table
from eval.names.pairs import FILES, Pair, pairs_of
from hybridsearch.analysis.function_words import is_function_word
from hybridsearch.analysis.kin import Kin, kin_rule
from hybridsearch.analysis.terms import Form, terms_of_word
from hybridsearch.analysis.words import without_accents, words_of

Forms = frozenset[Form]
EXACT = frozenset({Form.WRITTEN, Form.FOLDED})
STEMS = EXACT | {Form.STEM}
ALL = STEMS | {Form.KIN}


def measure() -> Report:
    """The table of every language and, for Slovene, of every kind of word."""
    languages = [
        _row(language, half, [pair for pair in pairs_of(language) if pair.is_dev is dev])
        for language in FILES
        for half, dev in (("dev", True), ("held out", False))
    ]
    slovene = pairs_of("sl")
    kinds = [
        {"kind": kind, **_row("sl", "both", [pair for pair in slovene if pair.kind == kind])}
        for kind in dict.fromkeys(pair.kind for pair in slovene)
    ]
    missed: list[dict[str, Cell]] = [
        {"language": language, "base": pair.base, "missed": pair.other, "form": pair.form}
        for language in FILES
        for pair in pairs_of(language)
        if pair.is_dev and not meets(pair.base, as_typed(pair.other), language, ALL)
    ]
    return Report(
        "Forms: the share of pairs that have a term in common",
        {"pairs": sum(len(pairs_of(language)) for language in FILES)},
        [
            Table("By language", languages),
            Table("Slovene, by kind of word", kinds),
            Table(
                "Dev pairs not met by any form when typed in small letters without accents", missed
            ),
        ],
        notes=[
            "exact: written form and form without accents; stem: and stems or lemmas; kin: and the",
            "kin form. The second three are for the other form in small letters without accents.",
        ],
    )


def _row(language: str, half: str, pairs: Sequence[Pair]) -> dict[str, Cell]:
    def share(way: Callable[[str], str], forms: Forms) -> float:
        met = sum(meets(pair.base, way(pair.other), language, forms) for pair in pairs)
        return met / max(len(pairs), 1)

    return {
        "language": language,
        "half": half,
        "pairs": len(pairs),
        "exact": share(str, EXACT),
        "stem": share(str, STEMS),
        "kin": share(str, ALL),
        "typed: exact": share(as_typed, EXACT),
        "typed: stem": share(as_typed, STEMS),
        "typed: kin": share(as_typed, ALL),
    }


def as_typed(text: str) -> str:
    """Small letters, no accents: how a query is typed in a hurry."""
    return without_accents(text.lower())


def meets(base: str, other: str, language: str, forms: Forms) -> bool:
    """Whether every content word of one has a term in common with its counterpart."""
    kin = kin_rule([language])
    return all(
        bool(_terms(one, language, kin, forms) & _terms(two, language, kin, forms))
        for one, two in zip_longest(_content(base), _content(other), fillvalue="")
    )


def _content(text: str) -> list[str]:
    return [word for word in words_of(text) if not is_function_word(word)]


def _terms(word: str, language: str, kin: Kin | None, forms: Forms) -> set[int]:
    return {term.id for term in terms_of_word(word, (language,), kin) if term.form in forms}
