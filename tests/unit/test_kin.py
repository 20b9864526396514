from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.analysis.kin import kin_rule, south_slavic_kin

CASES = (
    "Melamin Melamina Melaminu Melaminom melamin Melaminova",
    "Ljubljana Ljubljane Ljubljani Ljubljano ljubljane",
    "Kremenšek kremensek Kremenška Kremenškom kremenska",
    "Koper Kopra Kopru Koprom",
    "Celovec Celovca Celovcem",
    "Igor Igorja Igorju Igorjem Igorjev",
    "Janez Janeza Janezom",
    "Jože Jožeta Jožetu",
    "Rijeka Rijeke Rijeci Rijeku Rijekom",
    "Zadar Zadra Zadru",
    "Kennedy Kennedyja Kennedyjem",
    "Verdi Verdija",
    "Zelenski Zelenskega Zelenskemu",
    "Jesenice Jesenic Jesenicam Jesenicah Jesenicami",
    "Novi Novega Novemu Novim Novog Novoj",
    "Hopper Hopper's Hopperja",
    "Etna l'Etna dell'Etna Etne",
)


@pytest.mark.parametrize("forms", CASES)
def test_the_cases_of_a_name_share_their_kin_form(forms: str) -> None:
    assert len({south_slavic_kin(form) for form in forms.split()}) == 1


def test_names_that_only_begin_alike_stay_apart() -> None:
    names = "Maribor Marina Marko Koper Kobarid Kočevje Celje Celovec Novak Novo usa use ana ane"
    assert len({south_slavic_kin(name) for name in names.split()}) == len(names.split())


def test_numbers_stay_what_they_are() -> None:
    assert south_slavic_kin("B-24a") == "b-24a"


@given(st.text(min_size=1, max_size=30))
def test_the_kin_form_of_a_kin_form_is_itself(word: str) -> None:
    kin = south_slavic_kin(word)
    assert south_slavic_kin(kin) == kin


@given(st.text(alphabet="abcčdefghijklmnoprsštuvzž", min_size=1, max_size=15))
def test_something_is_left_of_every_word(word: str) -> None:
    assert len(south_slavic_kin(word)) >= min(len(word), 3)


def test_only_archives_that_need_it_have_a_rule() -> None:
    assert kin_rule(["en", "de", "fr", "it"]) is None
    assert kin_rule(["en", "sl-SI"]) is kin_rule(["HR"]) is south_slavic_kin
