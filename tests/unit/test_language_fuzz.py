"""Whatever a person types is read, its parts lie where they were typed, and links keep it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hybridsearch.domain.filters import (
    AnyOf,
    Between,
    Condition,
    Filter,
    HasPhrase,
    Pictured,
    Present,
    WithinBox,
    WithinRadius,
)
from hybridsearch.domain.understood import Part, PartKind, Understood
from hybridsearch.search.language import canonical, understand, without
from hybridsearch.search.language.fields import FIELDS

TODAY = date(2024, 7, 17)

PIECES = st.sampled_from(
    [
        *'()"-:=<>[].*&',
        *"„“”«»−‐",
        *("OR", "AND", "NOT", "or", "not", "TO"),
        *(" ", "  ", "\n", "\t", "\u00a0"),
        *("fire", "smoke", "Šmarje", "Wi-Fi", "C++", "f(x)", "5'", 'a"b', "12:30", "e.g.", "ﬁre"),
        *("http://x/y.jpg", "foo:", "persn:tito", "place:", "by:=", "person:", "date:", "since:"),
        *("has:", "is:", "near:", "id:", "type:jpg", "keyword:", "ocr:"),
        *("1942", "1942-10", "1940..1945", "now-7d", ">1940", "[1940 TO 1945]", "june 1942"),
        *("people", "landscape", "46.05,14.5,10km", "last week"),
    ]
)
QUERIES = st.lists(PIECES, max_size=14).map("".join)
SPACED = st.lists(PIECES, max_size=14).map(" ".join)
TYPED = st.one_of(QUERIES, SPACED, st.text(max_size=40))


def read(text: str) -> Understood:
    return understand(text, TODAY)


def meant(understood: Understood) -> tuple[object, ...]:
    """What a search does with it: all but where it was typed and what was told."""
    return (understood.text, understood.phrases, understood.excluded, understood.filter)


def regular(parts: list[Part]) -> list[tuple[object, ...]]:
    """Parts without their places; words that stand side by side are one part."""
    told: list[tuple[object, ...]] = []
    for part in parts:
        free = part.kind is PartKind.WORDS and not part.negated
        if free and told and told[-1][0] == "free":
            told[-1] = ("free", f"{told[-1][1]} {part.text}")
        elif free:
            told.append(("free", part.text))
        else:
            told.append((part.kind, part.text, part.field, part.value, part.negated))
    return told


@given(TYPED)
def test_parts_are_inside_the_text_and_in_order(text: str) -> None:
    parts = read(text).parts
    assert all(0 <= part.start < part.end <= len(text) for part in parts)
    assert all(one.end <= two.start for one, two in pairwise(parts))
    assert all(not text[part.start].isspace() for part in parts)


@given(TYPED)
def test_what_is_left_between_the_parts_says_nothing(text: str) -> None:
    """Between parts stand spaces, parentheses around plain words, empty quotes and signs."""
    parts = read(text).parts
    edges = [0, *(edge for part in parts for edge in (part.start, part.end)), len(text)]
    between = " ".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    assert read(between).filter == Filter()


@settings(max_examples=200)
@given(TYPED)
@example('a (OR) b "c')
@example("(((a OR b) c)")
@example('OR"b"c')
@example('"a"-b')
@example('foo:"b"c')
def test_removing_a_part_leaves_the_others(text: str) -> None:
    whole = read(text)
    for place, part in enumerate(whole.parts):
        rest = read(without(text, part))
        kept = [*whole.parts[:place], *whole.parts[place + 1 :]]
        assert regular(list(rest.parts)) == regular(kept)


@settings(max_examples=200)
@given(TYPED)
@example('«a "b" c»')
@example("a OR OR b")
@example("Portland OR")
@example("(f(x OR b) c")
@example("place:(OR OR x)")
@example('date:"a OR b" c')
@example("NOT NOT (a b)")
@example("-(-a) b")
def test_the_canonical_text_is_understood_the_same(text: str) -> None:
    whole = read(text)
    link = canonical(whole)
    again = read(link)
    assert meant(again) == meant(whole)
    settled = canonical(again)
    assert canonical(read(settled)) == settled


@given(TYPED, st.sampled_from([" ", "  ", "\n", "\t ", "\u3000"]))
def test_spaces_are_all_alike(text: str, space: str) -> None:
    changed = space + re.sub(r"\s+", lambda _: space, text) + space
    assert meant(read(changed)) == meant(read(text))
    assert read(changed).notes == read(text).notes


@given(TYPED)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert read(text) == read(text)


@given(st.lists(st.sampled_from(["fire", "smoke", "Tito", "is", "not", "or", "e-mail", "5th"])))
def test_plain_words_stay_as_typed(words: list[str]) -> None:
    made = read(" ".join(words))
    assert made.text == " ".join(words)
    assert made == Understood(text=made.text, parts=made.parts)


WANTED = st.sampled_from(["fire", '"big ship"', "ana OR fire", "(ana AND fire)", "place:paris"])
UNWANTED = st.sampled_from(["zebra", '"zulu zoo"', "(zebra OR zoo)", '("zulu zoo" zebra)'])


@given(st.lists(st.one_of(WANTED, st.tuples(st.sampled_from(["-", "NOT "]), UNWANTED)), min_size=1))
def test_no_excluded_word_is_in_the_text(clauses: list[str | tuple[str, str]]) -> None:
    typed = " ".join(each if isinstance(each, str) else "".join(each) for each in clauses)
    made = read(typed)
    assert not re.search("zebra|zulu|zoo", made.text)
    assert not re.search("ana|fire|big|paris", " ".join(made.excluded))


def conditions(condition: Condition) -> Iterator[Condition]:
    yield condition
    if isinstance(condition, Filter):
        for each in (*condition.must, *condition.should, *condition.must_not):
            yield from conditions(each)


@given(TYPED)
def test_filters_are_well_formed(text: str) -> None:
    made = read(text)
    for each in conditions(made.filter):
        match each:
            case Filter():
                assert each or each is made.filter
            case AnyOf():
                assert each.values and each.key.startswith("match.")
            case HasPhrase():
                assert each.keys and all(key.startswith("text.") for key in each.keys)
                assert each.words and all(each.words)
                assert not any(re.search(r"\s", word) for word in each.words)
            case Between():
                assert (each.low is None) != (each.high is None)
            case Present() | Pictured() | WithinBox() | WithinRadius():
                pass


@given(TYPED)
def test_the_text_is_composed_and_has_single_spaces(text: str) -> None:
    made = read(text).text
    assert made == " ".join(unicodedata.normalize("NFKC", made).split())


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=12))
def test_any_value_of_any_field_is_read(name: str, value: str) -> None:
    assume(not value[:1].isspace())
    made = read(f"{name}:{value}")
    assert meant(read(canonical(made))) == meant(made)


@pytest.mark.parametrize("sign", ["(", '"', "-(", "NOT ", "OR ", "a OR ", "a AND ", "date:[", "«"])
@pytest.mark.parametrize("tail", ["", "a"])
def test_long_nonsense_is_read(sign: str, tail: str) -> None:
    made = read(sign * (4000 // len(sign)) + tail)
    assert canonical(read(canonical(made))) == canonical(made)
