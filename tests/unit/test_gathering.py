"""What an ingest learns of names and words from the assets it writes."""

from __future__ import annotations

from hybridsearch.domain.asset import Asset
from hybridsearch.domain.names import TEXT, ArchiveWord, KnownName
from tests.lexicons import contents_of


def word(assets: list[Asset], folded: str, languages: tuple[str, ...] = ("en",)) -> ArchiveWord:
    [found] = [each for each in contents_of(assets, languages).words if each.folded == folded]
    return found


def test_values_are_counted_under_their_compared_form_and_shown_as_mostly_written() -> None:
    assets = [
        Asset("1", city="Kočevje", people=("Ana Novak", "Ana Novak")),
        Asset("2", city="Kočevje"),
        Asset("3", city="KOCEVJE"),
    ]
    values = {each for each, _ in contents_of(assets).values}
    assert values == {
        KnownName("city", "kocevje", "Kočevje", 3),
        KnownName("people", "ana novak", "Ana Novak", 1),
    }


def test_only_names_have_keys() -> None:
    contents = contents_of([Asset("1", city="Koper", credit="Agency", keywords=("fire",))])
    assert {each.field: bool(keys) for each, keys in contents.values} == {
        "city": True,
        "credit": False,
        "keywords": False,
    }
    assert contents.info.names == 1


def test_words_count_the_assets_that_have_them_and_those_that_name_them() -> None:
    assets = [
        Asset("1", headline="Fire", caption="A fire, a fire in Reading", city="Reading"),
        Asset("2", caption="Firemen at the fire's edge"),
    ]
    fire, reading = word(assets, "fire"), word(assets, "reading")
    assert (fire.documents, fire.named) == (2, 0)
    assert (reading.documents, reading.named) == (1, 1)
    assert fire.display == "fire"


def test_capitals_are_counted_inside_sentences_only() -> None:
    caption = "Children read books at school. Reading is taught in Reading, and reading pleases"
    reading = word([Asset("1", caption=caption)], "reading")
    assert (reading.capital, reading.small) == (1, 1)


def test_titles_and_german_nouns_tell_nothing_by_capitals() -> None:
    title = word([Asset("1", headline="The Bridge of Sighs in Venice")], "bridge")
    german = word([Asset("1", caption="Ein altes Haus steht unten am Fluss")], "haus", ("de",))
    own = Asset("1", caption="Ein altes Haus steht unten am Fluss", language="de")
    assert [(each.capital, each.small) for each in (title, german, word([own], "haus"))] == [
        (0, 0)
    ] * 3


def test_names_that_running_text_repeats_are_names() -> None:
    caption = "They met at the White House, near the Office of War Information's building"
    said = contents_of([Asset("1", caption=caption), Asset("2", caption=caption)])
    names = {each.display: keys for each, keys in said.values if each.field == TEXT}
    assert sorted(names) == ["Office of War Information", "White House"]
    assert "white house" in names["White House"]
    once = contents_of([Asset("1", caption=caption)])
    assert not any(keys for _, keys in once.values)


def test_a_name_of_running_text_reaches_over_no_comma() -> None:
    caption = "Farmers wait in Butte, Montana for rain"
    assert not contents_of([Asset("1", caption=caption), Asset("2", caption=caption)]).values
