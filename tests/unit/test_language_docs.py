"""The page on the query language is true: every example does what its row says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from hybridsearch.adapters.stores.matching import passes
from hybridsearch.analysis.payload import Stamp, payload_of
from hybridsearch.domain.asset import Asset, Location
from hybridsearch.search.language import canonical, understand
from hybridsearch.search.language.fields import FIELDS
from hybridsearch.search.language.reading import MAX_CONDITIONS
from hybridsearch.search.language.scan import MAX_DEPTH

PAGE = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text(encoding="utf-8")
TODAY = date(2024, 7, 17)

Row = dict[str, str]


def tables() -> list[list[Row]]:
    """Each table as its rows, by column."""
    made = []
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, flags=re.MULTILINE):
        lines = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
        ]
        made.append([dict(zip(lines[0], cells, strict=True)) for cells in lines[2:]])
    return made


def rows(column: str) -> list[Row]:
    """The rows of all tables that have the column."""
    return [row for table in tables() for row in table if column in row]


def typed(row: Row) -> str:
    return row["typed"].strip("`")


def asset(row: Row) -> Asset:
    width, height = (
        (int(side) for side in row["size"].split(" × ")) if row["size"] else (None, None)
    )
    return Asset(
        row["picture"],
        caption=row["caption"] or None,
        people=(row["people"],) if row["people"] else (),
        city=row["city"] or None,
        country=row["country"] or None,
        creator=row["creator"] or None,
        date_created=row["date"] or None,
        location=Location(*map(float, row["coordinates"].split(",")))
        if row["coordinates"]
        else None,
        width=width,
        height=height,
    )


PICTURES = {
    made.id: payload_of(made, Stamp(None, None, None, ""), {})
    for made in (asset(row) for row in rows("picture"))
}


def test_the_page_has_its_examples() -> None:
    assert len(PICTURES) == 7
    assert len(rows("may be shown")) >= 40
    assert len(rows("days")) >= 25
    assert date(2024, 7, 17).strftime("%A") == "Wednesday"


@pytest.mark.parametrize("row", rows("may be shown"), ids=typed)
def test_pictures_that_may_be_shown(row: Row) -> None:
    made = understand(typed(row), TODAY)
    found = [key for key, payload in PICTURES.items() if passes(payload, made.filter)]
    assert " ".join(found) == row["may be shown"]
    assert made.text == row.get("ranks by", "")
    again = understand(canonical(made), TODAY)
    assert (again.text, again.filter) == (made.text, made.filter)


@pytest.mark.parametrize("row", rows("days"), ids=typed)
def test_days_of_dates(row: Row) -> None:
    (part,) = understand(typed(row), TODAY).parts
    assert part.value is not None
    first, last = part.value.split("..")
    assert f"{first or 'any'} to {last or 'any'}" == row["days"]


def test_every_name_of_a_field_is_listed_with_its_field() -> None:
    listed = [re.findall(r"`([a-z_]+):`", row["names that may be typed"]) for row in rows("field")]
    assert sorted(name for names in listed for name in names) == sorted(FIELDS)
    for names in listed:
        assert len({FIELDS[name] for name in names}) in (1, len(names))


def test_plain_examples_are_words() -> None:
    (plain,) = re.findall(r"^    (.+)$", PAGE, flags=re.MULTILINE)
    assert understand(plain, TODAY).text == plain
    assert not understand(plain, TODAY).filter


def test_the_limits_are_those_of_the_code() -> None:
    assert f"up to {MAX_DEPTH} deep" in PAGE
    assert f"at most {MAX_CONDITIONS} conditions" in PAGE


def test_what_is_said_not_to_be_read_is_not() -> None:
    assert not understand("date:5/10/1942", TODAY).filter
    assert understand("date:13/10/1942", TODAY).filter
    assert understand("foo:bar", TODAY).text == "foo bar"
    assert understand("Portland OR", TODAY).text == "Portland OR"
