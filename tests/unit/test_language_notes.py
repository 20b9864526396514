"""What cannot be read as syntax is read as words, and a sentence says so."""

from __future__ import annotations

import time
from datetime import date

import pytest

from hybridsearch.search.language import understand
from hybridsearch.search.language.fields import nearest_name
from hybridsearch.search.language.tokens import MAX_NOTES

TODAY = date(2024, 7, 17)


@pytest.mark.parametrize(
    ("text", "ranks", "told"),
    [
        ('fire "big ship', "fire big ship", "quotation mark is not closed"),
        ("(fire", "fire", "parenthesis is not closed"),
        ("fire) smoke", "fire) smoke", "closes nothing"),
        ("foo:bar", "foo bar", "“foo:” is no field"),
        ("persn:tito", "persn tito", "Did you mean “person:”?"),
        ("urn:newsml:1", "urn newsml:1", "“urn:” is no field"),
        ('foo:"a b"', "foo: a b", "“foo:” is no field"),
        ("foo:(a b)", "foo: a b", "“foo:” is no field"),
        ("place: paris", "place: paris", "“place:” has no value right behind it"),
        ("place:", "place:", "“place:” has no value"),
        ('place:"', "place:", "“place:” has no value"),
        ('place:" "', "place:", "“place:” has no value"),
        ("place:=", "place:", "“place:” has no value"),
        ("fire (by:) x", "fire by: x", "“by:” has no value"),
        ("place:---", "---", "has no word to look for"),
        ("city:---", "---", "has no value to look for"),
        ('headline:="---"', "---", "has no value to look for"),
        ("date:foo", "foo", "“date:foo” is no date and is read as words; write 1942,"),
        ("date:june", "june", 'needs a year and is read as words; write date:"june 1942".'),
        ('date:"winter 1942"', "winter 1942", 'lies in two years and is read as words'),
        ("date:5/10/1942", "5/10/1942", "may be two different days"),
        ("date:1942-13", "1942-13", "is no date of the calendar"),
        ("since:foo", "foo", "is no date"),
        ("date:[a TO b]", "[a TO b]", "is no date"),
        ("date:..", "..", "names no date"),
        (f"date:{'9' * 100}", "9" * 100, "is no date"),
        (f"until:{'9' * 100}", "9" * 100, "is no date"),
        ("has:foo", "foo", "is nothing to have and is read as words; write has:people"),
        ("has:near", "near", "is nothing to have"),
        ("is:round", "round", "is no shape of a picture and is read as words; write is:landscape"),
        ("near:Ljubljana", "Ljubljana", "needs latitude, longitude and radius"),
        ("near:91,0", "91,0", "needs latitude"),
        ("near:1,1,0km", "1,1,0km", "needs latitude"),
        ("near:1,1,99999km", "1,1,99999km", "needs latitude"),
        (f"near:{'1' * 100}", "1" * 100, "needs latitude"),
        ("box:1,2,3", "1,2,3", "needs south, west, north and east"),
        ("box:2,2,1,1", "2,2,1,1", "needs south, west, north and east"),
        ("Portland OR", "Portland OR", "“OR” joins nothing here, so it is read as a word."),
        ("AND fire", "AND fire", "“AND” joins nothing here"),
        ("fire NOT", "fire NOT", "“NOT” joins nothing here"),
        ("OR NOT", "OR NOT", "“OR” joins nothing here"),
        ("(OR) fire", "OR fire", "“OR” joins nothing here"),
        ("smoke -OR fire", "smoke fire", "“OR” joins nothing here"),
        ("fire OR OR smoke", "fire smoke", "only the first is read"),
        ("(" * 30 + "fire OR smoke" + ")" * 30, "fire smoke", "up to 16 deep"),
    ],
)  # fmt: skip
def test_it_is_read_as_words_and_told(text: str, ranks: str, told: str) -> None:
    made = understand(text, TODAY)
    assert made.text == ranks
    assert told in " ".join(map(str, made.notes))
    assert not made.filter or made.phrases or made.excluded


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date:1945..1940", "“1945..1940” were read the other way round"),
        ("-(fire smoke)", "leaves out only what has all of these words"),
        ('headline:="a b"', "The whole headline cannot be asked for"),
        ("MAN ARRESTED AND CHARGED, PRESIDENT SAYS", "AND and NOT in capitals are operators"),
    ],
)
def test_doubts_are_told(text: str, told: str) -> None:
    made = understand(text, TODAY)
    assert made.filter
    assert told in " ".join(map(str, made.notes))


@pytest.mark.parametrize(
    "text",
    [
        'fire -smoke "big ship" in:paris date:1940..1945 (a OR b) AND c',
        "NATO AND EU",
        "at 12:30 see http://x/y.jpg or C:\\photos",
        'fire "" () -() smoke',
        "she said: yes",
    ],
)
def test_what_is_clear_is_not_commented(text: str) -> None:
    assert understand(text, TODAY).notes == ()


def test_notes_are_few_and_short() -> None:
    unknown = " ".join(f"foo{'x' * n}:bar" for n in range(100))
    made = understand(f"{unknown} date:foo OR", TODAY)
    assert len(made.notes) == MAX_NOTES
    assert max(len(str(note)) for note in made.notes) < 120


def test_the_nearest_name_is_offered_only_where_it_is_near() -> None:
    assert nearest_name("capton") == "caption"
    assert nearest_name("zzz") is None


LONG = {
    "parentheses": "(" * 4000,
    "quotes": '"' * 4000,
    "phrases": '"a "a ' * 666,
    "minus": "-(" * 2000,
    "not": "NOT " * 1000,
    "or": "a OR " * 800,
    "operators": "OR AND NOT " * 360,
    "unknown fields": "".join(f"f{number:03}x:y " for number in range(470)),
    "brackets": "date:[ " * 570,
    "bad dates": "date:x " * 570,
    "spaces": f'near:"{"1 " * 1900}"',
    "clauses": "by:a " * 800,
    "hyphens": f'"a"{"-" * 3990}',
    "groups": "(a OR b " * 500,
    "words": "a " * 2000,
}


@pytest.mark.parametrize("kind", sorted(LONG))
def test_four_thousand_characters_take_linear_time(kind: str) -> None:
    """Twice the text may take at most three times as long, beyond what a clock can tell."""
    half, whole = LONG[kind][: len(LONG[kind]) // 2], LONG[kind]
    times = {text: min(_seconds(text) for _ in range(3)) for text in (half, whole)}
    assert times[whole] < 3 * times[half] + 0.005
    assert times[whole] < 0.25


def _seconds(text: str) -> float:
    started = time.process_time()
    understand(text, TODAY)
    return time.process_time() - started
