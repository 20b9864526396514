"""The query language by example: what ranks, what is required, what is excluded."""

from __future__ import annotations

from datetime import date

import pytest

from hybridsearch.analysis.payload import TEXT_KEYS
from hybridsearch.domain.filters import (
    AnyOf,
    Condition,
    Filter,
    HasPhrase,
    Pictured,
    Present,
    WithinBox,
    WithinRadius,
)
from hybridsearch.domain.understood import PartKind, Phrase, Understood
from hybridsearch.search.language import canonical, understand, without
from hybridsearch.search.language.fields import FIELDS
from hybridsearch.search.language.reading import MAX_CONDITIONS

TODAY = date(2024, 7, 17)


def read(text: str) -> Understood:
    return understand(text, TODAY)


def anywhere(*words: str) -> HasPhrase:
    return HasPhrase(TEXT_KEYS, words)


def in_field(field: str, *words: str) -> HasPhrase:
    return HasPhrase((f"text.{field}",), words)


def all_of(*must: Condition, but: tuple[Condition, ...] = ()) -> Filter:
    return Filter(must=must, must_not=but)


def one_of(*should: Condition) -> Filter:
    return Filter(should=should)


@pytest.mark.parametrize(
    "text",
    [
        "explosion at Melamin factory",
        "rock-n-roll e-mail Novo-mesto 5-year-old C++",
        "man or woman, not in a boat and at sea",
        "12:30 C:\\photos http://x/y.jpg https://afp.com/a(1).jpg",
        '5\'10" tall, 24" screen',
        "f(x) Smith(left) O'Neill",
        "🔥 & – * !",
        "1939-1945",
        "a - b -- c",
        "Note: this",
        ":) =",
    ],
)
def test_plain_text_is_words_as_typed(text: str) -> None:
    made = read(text)
    assert made.text == text
    assert made.filter == Filter()
    assert [(part.kind, part.start, part.end) for part in made.parts] == [
        (PartKind.WORDS, 0, len(text))
    ]


def test_nothing_typed_is_nothing_asked() -> None:
    assert read("") == read(" \n ") == Understood()


@pytest.mark.parametrize(
    "typed",
    [
        '"Novo mesto"',
        "“Novo mesto”",
        "„Novo mesto“",
        "«Novo mesto»",
        "»Novo mesto«",
        "”Novo mesto”",
        '„Novo mesto"',
        '"novo-mesto',
    ],
)
def test_a_phrase_is_required_and_ranks(typed: str) -> None:
    made = read(f"fire {typed}")
    assert made.filter == all_of(anywhere("novo", "mesto"))
    assert made.phrases == (Phrase(("novo", "mesto"), typed.strip('"“”„«»')),)
    assert made.text == " ".join(["fire", made.phrases[0].text])


@pytest.mark.parametrize(
    ("text", "ranks", "wanted"),
    [
        ("fire -smoke", "fire", all_of(but=(anywhere("smoke"),))),
        ("fire −smoke", "fire", all_of(but=(anywhere("smoke"),))),
        ("fire NOT smoke", "fire", all_of(but=(anywhere("smoke"),))),
        ('fire -"Big Ben"', "fire", all_of(but=(anywhere("big", "ben"),))),
        ("-Kremenšek", "", all_of(but=(anywhere("kremensek"),))),
        ("-by:Lange x", "x", all_of(but=(in_field("creator", "lange"),))),
        ("NOT NOT fire", "fire", Filter()),
        ("-(-fire)", "fire", Filter()),
        ("NOT NOT -fire x", "x", all_of(but=(anywhere("fire"),))),
        ("NOT NOT (-fire) x", "x", all_of(but=(anywhere("fire"),))),
        ("-(fire OR smoke) x", "x", all_of(but=(anywhere("fire"), anywhere("smoke")))),
        (
            "-(fire smoke) x",
            "x",
            all_of(but=(all_of(anywhere("fire"), anywhere("smoke")),)),
        ),
        ("NOT(fire) x", "x", all_of(but=(anywhere("fire"),))),
        ("-Wi-Fi x", "x", all_of(but=(anywhere("wi", "fi"),))),
        ("(1939)-1945", "1939 1945", Filter()),
    ],
)
def test_exclusion(text: str, ranks: str, wanted: Filter) -> None:
    made = read(text)
    assert made.text == ranks
    assert made.filter == wanted


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ('-Smoke NOT fire -"Big  Ben"', ("Smoke", "fire", "Big Ben")),
        ("-(a OR b)", ("a", "b")),
        ("-(a b)", ()),
        ("x AND NOT b", ("b",)),
        ("x OR -b", ()),
        ("-(x OR -b)", ("x",)),
        ("-by:Lange -date:1942", ()),
        ("NOT &", ()),
    ],
)
def test_what_no_hit_may_have(text: str, excluded: tuple[str, ...]) -> None:
    assert read(text).excluded == excluded


@pytest.mark.parametrize(
    ("text", "ranks", "wanted"),
    [
        ("fire OR smoke", "fire smoke", Filter()),
        ("fire OR smoke factory", "fire smoke factory", Filter()),
        ("(fire smoke) OR (fog)", "fire smoke fog", Filter()),
        ("a AND b", "a b", all_of(anywhere("a"), anywhere("b"))),
        ("a AND b c", "a b c", all_of(anywhere("a"), anywhere("b"))),
        (
            "a AND b OR c",
            "a b c",
            all_of(one_of(all_of(anywhere("a"), anywhere("b")), anywhere("c"))),
        ),
        (
            "a AND (b OR c)",
            "a b c",
            all_of(anywhere("a"), one_of(anywhere("b"), anywhere("c"))),
        ),
        (
            "fire OR in:paris",
            "fire",
            all_of(one_of(anywhere("fire"), in_field("place", "paris"))),
        ),
        ("(fire in:paris)", "fire", all_of(anywhere("fire"), in_field("place", "paris"))),
        ("fire in:paris", "fire", all_of(in_field("place", "paris"))),
        ('a "b c"', "a b c", all_of(anywhere("b", "c"))),
        (
            '"a b" OR "c d"',
            "a b c d",
            all_of(one_of(anywhere("a", "b"), anywhere("c", "d"))),
        ),
        ("a AND NOT b", "a", all_of(anywhere("a"), but=(anywhere("b"),))),
        (
            "a OR NOT b",
            "a",
            all_of(one_of(anywhere("a"), all_of(but=(anywhere("b"),)))),
        ),
        ("(in:paris)", "", all_of(in_field("place", "paris"))),
        ("a AND &", "a &", all_of(anywhere("a"))),
        ("(& OR *) AND +", "& * +", Filter()),
        ("-(& AND NOT a)", "a", all_of(anywhere("a"))),
        (
            "in:a OR (in:b OR by:c)",
            "",
            all_of(
                one_of(in_field("place", "a"), in_field("place", "b"), in_field("creator", "c"))
            ),
        ),
        (
            "id:a OR id:b OR id:c",
            "",
            all_of(AnyOf("match.id", ("a", "b", "c"))),
        ),
    ],
)
def test_operators(text: str, ranks: str, wanted: Filter) -> None:
    made = read(text)
    assert made.text == ranks
    assert made.filter == wanted
    assert made.notes == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("person:tito", in_field("people", "tito")),
        ("PERSON:Tito", in_field("people", "tito")),
        ('by:"Dorothea Lange"', in_field("creator", "dorothea", "lange")),
        ("in:Novo-mesto", in_field("place", "novo", "mesto")),
        ("credit:AFP", in_field("credit", "afp")),
        ("tag:fire", in_field("keywords", "fire")),
        ("org:NATO", in_field("organisations", "nato")),
        ("rights:editorial", in_field("usage_terms", "editorial")),
        ("usage-terms:editorial", in_field("usage_terms", "editorial")),
        ("text:exit", in_field("ocr_text", "exit")),
        ('by:="Dorothea Lange"', AnyOf("match.creator", ("dorothea lange",))),
        ("keyword:=FIRE", AnyOf("match.keywords", ("fire",))),
        (
            "in:=Paris",
            one_of(*(AnyOf(f"match.{n}", ("paris",)) for n in ("city", "region", "country"))),
        ),
        ("city:Ljubljana", AnyOf("match.city", ("ljubljana",))),
        ("id:AFP/1(a).JPG", AnyOf("match.id", ("AFP/1(a).JPG",))),
        ("lang:SL", AnyOf("match.language", ("sl",))),
        ("type:jpg", AnyOf("match.media_type", ("image/jpeg",))),
        ("type:image/PNG", AnyOf("match.media_type", ("image/png",))),
        ("has:people", Present("text.people")),
        ("has:city", Present("match.city")),
        ("has:gps", Present("match.location")),
        ("has:date", Present("match.date_first")),
        ("has:picture", Pictured()),
        ("is:portrait", AnyOf("match.orientation", ("portrait",))),
        ("is:horizontal", AnyOf("match.orientation", ("landscape", "panorama"))),
        ("near:46.05,14.5,10km", WithinRadius("match.location", 46.05, 14.5, 10_000)),
        ('near:"46.05, 14.5, 5 mi"', WithinRadius("match.location", 46.05, 14.5, 8046.72)),
        ("near:-33.9,151.2,500m", WithinRadius("match.location", -33.9, 151.2, 500)),
        ("near:46,14", WithinRadius("match.location", 46, 14, 10_000)),
        ("box:45.4,13.4,46.9,16.6", WithinBox("match.location", 45.4, 13.4, 46.9, 16.6)),
        (
            'person:(tito OR "edvard kardelj")',
            one_of(in_field("people", "tito"), in_field("people", "edvard", "kardelj")),
        ),
        ("person:(tito)", in_field("people", "tito")),
        (
            "person:=(Tito OR Kardelj)",
            AnyOf("match.people", ("tito", "kardelj")),
        ),
    ],
)
def test_fields(text: str, wanted: Condition) -> None:
    made = read(f"fire {text}")
    assert made.text == "fire"
    assert made.filter == all_of(wanted)
    assert made.notes == ()
    assert read(f"-{text}").filter.must == ()
    (part,) = read(text).parts
    assert (part.start, part.end) == (0, len(text))


def test_words_of_a_field_group_are_all_required() -> None:
    assert read("person:(tito kardelj -broz)").filter == all_of(
        in_field("people", "tito"),
        in_field("people", "kardelj"),
        but=(in_field("people", "broz"),),
    )


def test_a_field_inside_a_field_group_is_its_own() -> None:
    assert read("person:(tito by:lange)").filter == all_of(
        in_field("people", "tito"), in_field("creator", "lange")
    )


def test_every_name_of_a_field_is_read() -> None:
    values = {"has": "people", "is": "square", "near": "1,1", "box": "0,0,1,1", "date": "1942"}
    for name, field in FIELDS.items():
        made = read(f"{name}:{values.get(field.name, '1942')}")
        assert made.filter, name
        assert made.parts[0].field == field.name


def test_parts_tell_what_was_understood() -> None:
    text = 'big fire „Novo mesto“ -smoke by:=Lange -date:"june 1942" has:GPS near:1,2 (a AND b)'
    told = [
        (part.kind, text[part.start : part.end], part.text, part.field, part.value, part.negated)
        for part in read(text).parts
    ]
    assert told == [
        (PartKind.WORDS, "big fire", "big fire", None, None, False),
        (PartKind.PHRASE, "„Novo mesto“", '"Novo mesto"', None, "Novo mesto", False),
        (PartKind.WORDS, "-smoke", "smoke", None, None, True),
        (PartKind.FIELD, "by:=Lange", "creator:=Lange", "creator", "Lange", False),
        (
            PartKind.DATE,
            '-date:"june 1942"',
            'date:"june 1942"',
            "date",
            "1942-06-01..1942-06-30",
            True,
        ),
        (PartKind.HAS, "has:GPS", "has:GPS", "has", "gps", False),
        (PartKind.PLACE, "near:1,2", "near:1,2", "near", "1,2,10km", False),
        (PartKind.GROUP, "(a AND b)", "a AND b", None, None, False),
    ]


def test_a_part_can_be_taken_out() -> None:
    text = 'fire -smoke "big ship"'
    made = read(text)
    assert without(text, made.parts[1]) == 'fire   "big ship"'
    assert read(without(text, made.parts[1])).excluded == ()


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("fire   NOT  smoke", "fire -smoke"),
        ("„Novo mesto“ by:'x", '"Novo mesto" creator:"\'x"'),
        ("NOT (a OR b)", "-(a OR b)"),
        ("NOT 'x", "NOT 'x"),
        ("(fire smoke)", "fire smoke"),
        ("(a OR (b AND c)) x", "a OR b AND c x"),
        ("(a OR f(b ) AND c", "(a OR f(b ) AND c"),
        ("by:“»a”", 'creator:"»a"'),
        ("by:(a AND foo:b“c»)", 'creator:(a AND "foo b c»")'),
        ("by:a“b»", "creator:a“b»"),
        ("-by:(a OR b AND (c OR d))", "-creator:(a OR b AND (c OR d))"),
        ("NOT NOT (a b)", "(a b)"),
        ("a AND (b OR c)", "a AND (b OR c)"),
        ("place:(a OR -(b c))", "place:(a OR -(b c))"),
        ('person:=("A B" OR C)', 'people:=("A B" OR C)'),
        ('date:>"june 1942"', 'date:">june 1942"'),
        ("date:[1940 TO 1945]", "date:[1940 TO 1945]"),
        ("Portland OR", "Portland (OR)"),
        ("-(fire OR smoke", "-(fire OR smoke)"),
        ('«a "b" c»', '«a "b" c»'),
        ('by:=("A" by:b)', "creator:=(A creator:b)"),
    ],
)
def test_links_are_written_regularly(text: str, link: str) -> None:
    assert canonical(read(text)) == link


def test_conditions_are_bounded() -> None:
    clauses = [f"by:w{number}" for number in range(MAX_CONDITIONS + 2)]
    made = read(" ".join(clauses))
    assert len(made.filter.must) == MAX_CONDITIONS
    assert len(made.notes) == 2
    assert "creator:w100" in str(made.notes[0])
    alternatives = read(f"({' OR '.join(clauses)}) fire -smoke")
    assert alternatives.filter == all_of(but=(anywhere("smoke"),))
    assert alternatives.text == "fire"
    assert alternatives.notes
