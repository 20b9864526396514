from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridsearch.analysis.terms import Form
from hybridsearch.domain.plan import PlannedTerm
from hybridsearch.search.forms import weighed_forms

ASSETS = 1000


def idf(documents: int) -> float | None:
    """As the port defines it; None where no document has the term."""
    if documents == 0:
        return None
    return math.log(1 + (ASSETS - documents + 0.5) / (documents + 0.5))


def terms(
    written: int, stem: int, kin: int | None = None, folded: int | None = None
) -> tuple[PlannedTerm, ...]:
    """The forms of one word, by how many documents have each; the analyzer's own weights."""
    spellings = 1 if folded is None else 2
    made = [PlannedTerm(1, "w", Form.WRITTEN, "word", 1 / spellings, idf(written))]
    if folded is not None:
        made.append(PlannedTerm(2, "f", Form.FOLDED, "word", 1 / spellings, idf(folded)))
    made.append(PlannedTerm(3, "~s", Form.STEM, "word", 0.5, idf(stem)))
    if kin is not None:
        made.append(PlannedTerm(4, "^k", Form.KIN, "word", 0.5, idf(kin)))
    return tuple(made)


def weights(given: tuple[PlannedTerm, ...]) -> dict[str, float]:
    """Of the terms that some document has."""
    return {term.text: term.weight for term in weighed_forms(given) if term.idf is not None}


def test_forms_that_the_archive_has_keep_their_weights() -> None:
    assert weights(terms(written=5, stem=9)) == {"w": 1.0, "~s": 0.5}


def test_a_missing_form_passes_its_weight_on() -> None:
    assert weights(terms(written=0, stem=9)) == {"~s": 1.5}
    assert weights(terms(written=0, stem=0, kin=3)) == {"^k": 1.5}
    assert weights(terms(written=0, folded=4, stem=9)) == {"f": 1.0, "~s": 0.5}


def test_a_word_of_no_document_stays_in_the_plan() -> None:
    assert [term.weight for term in weighed_forms(terms(0, 0, 0))] == [1.0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("stem", "kin", "share"), [(9, 9, None), (9, 99, 0.9045), (49, 99, 0.5025)]
)
def test_the_kin_form_counts_for_what_nearer_forms_do_not_reach(
    stem: int, kin: int, share: float | None
) -> None:
    found = weights(terms(written=5, stem=stem, kin=kin)).get("^k")
    assert found == (None if share is None else pytest.approx(0.5 * share, abs=1e-4))


def test_where_no_document_has_the_word_as_written_kin_stands_beside_the_stem() -> None:
    found = weights(terms(written=0, stem=9, kin=99))
    assert found["~s"] == 1.5
    assert found["^k"] == pytest.approx(1.5 * (1 - 9.5 / 99.5))


def test_stems_of_several_languages_share_what_they_were_given() -> None:
    both = (
        *terms(written=0, stem=9),
        PlannedTerm(5, "~other", Form.STEM, "word", 0.25, idf(4)),
    )
    assert weights(both) == {"~s": 0.875, "~other": 0.875}


def test_other_forms_and_other_words_are_let_be() -> None:
    spelling = PlannedTerm(9, "x", Form.SPELLING, "word", 0.4, idf(7))
    other = PlannedTerm(10, "y", Form.WRITTEN, "other", 1.0, idf(7))
    found = weighed_forms((*terms(0, 9), spelling, other))
    assert (spelling in found, other in found) == (True, True)


COUNTS = st.integers(0, ASSETS)


@given(COUNTS, COUNTS, COUNTS)
def test_weights_are_never_negative_and_nothing_is_counted_twice(
    written: int, stem: int, kin: int
) -> None:
    found = weights(terms(written, stem, kin))
    assert all(weight > 0 for weight in found.values())
    assert sum(found.values()) <= 3.0 + 1e-9
