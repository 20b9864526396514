from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.errors import LabelError
from hybridsearch.labels.label import MOST_LETTERS, Label, labels_from, read_labels
from hybridsearch.labels.templates import LANGUAGES, TEMPLATES, filled, plain_prompt, prompts


def written(folder: Path, text: str) -> Path:
    path = folder / "labels.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_every_kind_of_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "\ufeff# things\nfire\n\n  ship :  boat,   steam  boat # of all kinds\r\n"
        "person = 0.6: man, woman\n16:9\nC#\n[sl]\nkonj: žrebec\n[ de ]\nPferd:\n",
    )
    assert read_labels(path) == (
        Label("fire"),
        Label("ship", ("boat", "steam boat")),
        Label("person", ("man", "woman"), share=0.6),
        Label("16:9"),
        Label("C#"),
        Label("konj", ("žrebec",), "sl"),
        Label("Pferd", (), "de"),
    )


def test_labels_given_one_by_one_are_lines_too() -> None:
    [label] = labels_from(["požar: ogenj, Požar, ogenj"], "sl")
    assert label == Label("požar", ("ogenj",), "sl")
    assert label.names == ("požar", "ogenj")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (": fire", "label is empty"),
        ("fire: flames,, smoke", "synonym 2 is empty"),
        ("fire: flames,", "synonym 2 is empty"),
        ("DOG", "stands there twice, first in"),
        ("fire = 1", "the share '1' is no number between 0 and 1"),
        ("fire = often", "the share 'often'"),
        ("fire = nan", "the share 'nan'"),
        ("[xx]", "no templates for labels in 'xx'"),
        ("x" * (MOST_LETTERS + 1), "has 201 letters"),
        ("fire\x00alarm", "characters that are no text"),
    ],
)
def test_a_line_that_is_no_label_is_named_with_its_number(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(LabelError) as error:
        read_labels(written(tmp_path, f"# first\ndog\n{line}\n"))
    assert "labels.txt, line 3" in error.value.message
    assert told in error.value.message
    assert error.value.remedy


def test_a_file_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="cannot be read: No such file"):
        read_labels(tmp_path / "nowhere.txt")
    with pytest.raises(LabelError, match="gives no label"):
        read_labels(written(tmp_path, "# nothing\n\n[sl]\n"))
    latin = tmp_path / "latin.txt"
    latin.write_bytes("Kočevje požar".encode("cp1250"))
    with pytest.raises(LabelError, match="not in UTF-8"):
        read_labels(latin)
    with pytest.raises(LabelError, match="there are no templates for labels in 'xx'"):
        read_labels(written(tmp_path, "dog"), "xx")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=",#=:[]"),
    min_size=1,
    max_size=20,
)
LISTS = st.lists(
    st.tuples(NAMES, st.lists(NAMES, max_size=3), st.sampled_from(LANGUAGES)),
    min_size=1,
    max_size=8,
    unique_by=lambda each: each[0].casefold(),
)


@given(LISTS)
def test_what_is_written_is_read_back(rows: list[tuple[str, list[str], str]]) -> None:
    lines = []
    for name, synonyms, language in rows:
        lines += [f"[{language}]", f"{name}: {', '.join(synonyms)}" if synonyms else name]
    found = labels_from(lines)
    assert [(each.name, each.language) for each in found] == [(row[0], row[2]) for row in rows]
    for label, (name, synonyms, _) in zip(found, rows, strict=True):
        assert set(label.synonyms) == {
            each for each in synonyms if each.casefold() != name.casefold()
        }


@given(st.text(max_size=80))
def test_any_text_is_labels_or_an_error_with_a_remedy(text: str) -> None:
    try:
        found = labels_from(text.split("\n"))
    except LabelError as error:
        assert error.remedy
    else:
        assert found
        assert all(name.strip() == name != "" for label in found for name in label.names)


def test_every_language_has_sentences_of_its_own_and_the_bare_word() -> None:
    assert set(LANGUAGES) == {"en", "sl", "hr", "de", "fr", "it"}
    for language, templates in TEMPLATES.items():
        assert len(set(templates)) == len(templates) >= 3
        assert all(each.count("{}") == 1 for each in templates)
        assert "{}" in templates
        others = {each for key, rest in TEMPLATES.items() if key != language for each in rest}
        assert set(templates) & others == {"{}"}


def test_prompts_put_every_name_into_every_sentence() -> None:
    made = prompts(("dog", "{puppy}"), "en")
    assert len(made) == 2 * len(TEMPLATES["en"])
    assert "a photo of a {puppy}." in made
    assert plain_prompt("konj", "sl") == "fotografija, na kateri je konj."
    assert plain_prompt("hest", "no") == "a photo of a hest."
    assert filled("a {} b", "{}") == "a {} b"
