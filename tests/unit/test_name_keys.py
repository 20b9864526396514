from __future__ import annotations

import pytest

from hybridsearch.analysis.name_keys import keys_of_value, name_keys


@pytest.mark.parametrize(
    ("value", "asked", "languages"),
    [
        ("Eileen Collins", "eileen collins's", ("en",)),
        ("Novo mesto", "Novem mestu", ("sl",)),
        ("Melanija Trump", "Melanijo Trump", ("en", "sl")),
        ("Banja Luka", "Banjoj Luci", ("hr",)),
        ("Angela Merkel", "angela merkels", ("de",)),
        ("Etna", "dell'Etna", ("it",)),
        ("Édith Piaf", "edith piaf", ("fr",)),
    ],
)
def test_a_name_and_its_cases_share_a_key(
    value: str, asked: str, languages: tuple[str, ...]
) -> None:
    assert set(keys_of_value("people", value, languages)) & set(name_keys(asked.split(), languages))


def test_the_first_key_is_the_form_without_accents() -> None:
    assert name_keys(["Borut", "Kremenšek"], ("sl",))[0] == "borut kremensek"


def test_what_stands_in_brackets_may_be_left_out() -> None:
    assert {"washington dc", "washington"} <= set(keys_of_value("city", "Washington (DC)", ("en",)))


def test_an_inverted_name_is_also_found_the_right_way_round() -> None:
    assert "russell lee" in keys_of_value("creator", "Lee, Russell", ("en",))
    assert "russell lee" not in keys_of_value("city", "Lee, Russell", ("en",))


def test_a_value_without_words_has_no_key() -> None:
    assert keys_of_value("city", "—", ("en",)) == ()
