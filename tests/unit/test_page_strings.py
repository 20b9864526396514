"""The page's strings: both languages say the same things, and the page uses all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="the page needs hybridsearch[serve]")

from hybridsearch.domain.notes import NoteKind
from hybridsearch.errors import HybridSearchError
from hybridsearch.search.language.clauses import SHAPES
from services.api.problems import (
    Refusal,
    defect,
    invalid_request,
    overloaded,
    problem_of,
    too_many,
)
from services.web.language import LANGUAGES, chosen_language, preferred, strings_of

PLURALS = {"en": {"one", "other"}, "sl": {"one", "two", "few", "other"}}
"""Unicode CLDR's categories of each language for whole numbers."""

TABLES = ("help.key_list", "help.query_list", "clauses", "fields", "shapes")
"""Read as a whole: rows, and names that come from the archive."""

FOLDER = files("services.web")


def leaves(strings: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every string with its path; one with plurals is one."""
    for name, value in strings.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict) and "other" not in value:
            yield from leaves(value, here)
        else:
            yield here, value


def names_in(value: Any) -> set[str]:
    """What is filled in: ``{count}``."""
    forms = value.values() if isinstance(value, dict) else [str(value)]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


def source(suffix: str, folder: str) -> str:
    return "\n".join(
        each.read_text("utf-8")
        for each in (FOLDER / folder).iterdir()
        if each.name.endswith(suffix)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    first = dict(leaves(strings_of("en")))
    own = {name: value for name, value in strings_of(language).items() if name != "server"}
    other = dict(leaves(own))
    assert first.keys() == other.keys()
    for path, value in other.items():
        if isinstance(value, list):
            assert len(value) == len(first[path]), path
            continue
        assert names_in(value) == names_in(first[path]), path
        if isinstance(value, dict):
            assert value.keys() == PLURALS[language], path


SERVERS_LANGUAGE = "en"
"""In it the server's own words are shown as they come."""


@pytest.mark.parametrize("language", set(LANGUAGES) - {SERVERS_LANGUAGE})
def test_every_note_of_the_planner_is_said_in_every_other_language(language: str) -> None:
    told = strings_of(language)["server"]["notes"]
    assert told.keys() == {kind.key for kind in NoteKind}
    for kind in NoteKind:
        assert names_in(told[kind.key]) == names_in(kind.value), kind


@pytest.mark.parametrize("language", set(LANGUAGES) - {SERVERS_LANGUAGE})
def test_every_problem_that_a_reader_meets_is_named_in_every_other_language(language: str) -> None:
    met = [
        *(problem_of(kind("what", "remedy")) for kind in kinds_of_errors()),
        problem_of(too_many(1)),
        problem_of(overloaded()),
        problem_of(Refusal(403, "what", "remedy")),
        invalid_request([]),
        defect(),
    ]
    told = strings_of(language)["server"]["problems"]
    assert told.keys() == {each.type.rpartition(":")[2] for each in met}
    assert all(each.keys() in ({"what"}, {"what", "remedy"}) for each in told.values())


def kinds_of_errors() -> Iterator[type[HybridSearchError]]:
    """Every class of error that the product raises."""
    waiting: list[type[HybridSearchError]] = [HybridSearchError]
    while waiting:
        kind = waiting.pop()
        if kind.__module__ == HybridSearchError.__module__:
            yield kind
            waiting.extend(kind.__subclasses__())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shape_has_a_name(language: str) -> None:
    assert strings_of(language)["shapes"].keys() == SHAPES.keys()


def test_the_servers_language_is_that_of_no_strings() -> None:
    assert "server" not in strings_of(SERVERS_LANGUAGE)


def test_what_the_page_asks_for_is_there_and_nothing_else() -> None:
    known = dict(leaves(strings_of("en")))
    modules, template = source(".js", "static"), source(".html", "templates")
    asked = set(re.findall(r"""\bt\(\s*["']([\w.]+)["']""", modules))
    assert asked <= known.keys()
    asked |= set(re.findall(r"""["'](\w+\.\w+)["']""", modules))
    asked |= {f"detail.{name}" for name in re.findall(r'button\("\w+", "(\w+)"', modules)}
    asked |= set(re.findall(r"\bt\.(\w+(?:\.\w+)*)", template))
    begun = set(re.findall(r"\bt\(`(\w+)\.\$\{", modules)) | {"order", "settings"}
    unused = {
        path
        for path in known.keys() - asked
        if path.partition(".")[0] not in begun and not path.startswith(TABLES)
    }
    assert unused == set()


def test_the_documentation_tells_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "page.md").read_text("utf-8")
    told = text[text.index("## Keys\n") : text.index("## Keys of")]
    arrows = {"←", "→", "↑", "↓"}
    for keys, _ in strings_of("en")["help"]["key_list"]:
        for key in set(keys) - arrows:
            assert key in told, key


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("sl", "sl"),
        ("sl-SI,sl;q=0.9,en;q=0.8", "sl"),
        ("de,en;q=0.5,sl;q=0.7", "sl"),
        ("en-GB,sl;q=0.9", "en"),
        ("fr,de", "en"),
        ("SL;q=0", "en"),
        ("sl;q=much,en", "en"),
    ],
)
def test_the_browsers_preference_is_followed(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


@given(st.text())
def test_any_header_gives_a_language(accepted: str) -> None:
    assert preferred(accepted) in LANGUAGES


def test_the_readers_choice_goes_first() -> None:
    assert chosen_language({"accept-language": "sl"}, {"language": "en"}) == "en"
    assert chosen_language({"accept-language": "sl"}, {"language": "xx"}) == "sl"
