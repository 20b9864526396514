"""How much each form of a query's word counts, knowing which forms the archive has.

In: planned terms with the weights of the analyzer and the idf of the store. Out: the same terms,
weighed so that a word counts as much in whatever form the archive has it.

- A form that no document has passes its weight on to the nearest form that some document has:
  written, then stem, then kin. Otherwise an inflected name ("Melaminu", where the archive has
  Melamin) would count a third of any other word, and captions with only the others would win.
- The kin form counts for the share of its documents that no nearer form reaches. Where the stem
  already finds them all it would only count the same word twice; where the word is not in the
  archive in any nearer form it is all there is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hybridsearch.analysis.terms import Form
from hybridsearch.domain.plan import PlannedTerm

_WRITTEN = (Form.WRITTEN, Form.FOLDED)
_NEAR = (*_WRITTEN, Form.STEM)


def weighed_forms(terms: Sequence[PlannedTerm]) -> tuple[PlannedTerm, ...]:
    """The terms in the order given, without kin forms that find nothing more.

    Terms of no document keep the weight that they passed on, for the plan to be read.
    """
    words: dict[str, list[PlannedTerm]] = {}
    for term in terms:
        words.setdefault(term.word, []).append(term)
    weights = {
        (term.word, term.id): weight
        for of_word in words.values()
        for term, weight in _weighed(of_word)
    }
    found = (replace(term, weight=weights.get((term.word, term.id), term.weight)) for term in terms)
    return tuple(term for term in found if term.weight > 0)


def _weighed(terms: Sequence[PlannedTerm]) -> list[tuple[PlannedTerm, float]]:
    """The new weights of one word's terms."""
    written = [term for term in terms if term.form in _WRITTEN and term.idf is not None]
    stems = [term for term in terms if term.form == Form.STEM and term.idf is not None]
    kin = [term for term in terms if term.form == Form.KIN and term.idf is not None]
    as_written = sum(term.weight for term in terms if term.form in _WRITTEN)
    as_near = sum(term.weight for term in terms if term.form in _NEAR)
    unreached = _unreached([*written, *stems], kin)
    if written:
        return [
            *((term, as_written / len(written)) for term in written),
            *((term, (as_near - as_written) / len(stems)) for term in stems),
            *((term, term.weight * unreached) for term in kin),
        ]
    return [
        *((term, as_near / len(stems)) for term in stems),
        *((term, as_near * unreached) for term in kin),
    ]


def _unreached(near: Sequence[PlannedTerm], kin: Sequence[PlannedTerm]) -> float:
    """The share of the kin form's documents that the widest of the nearer forms does not have.

    With ``idf = ln((N + 1) / (df + 0.5))`` the ratio of two document frequencies is
    ``exp`` of the difference of their idf, whatever N is.
    """
    if not near or not kin:
        return 1.0
    widest = min(_idf(term) for term in near)
    return max(0.0, 1.0 - math.exp(min(_idf(term) for term in kin) - widest))


def _idf(term: PlannedTerm) -> float:
    return term.idf if term.idf is not None else math.inf
