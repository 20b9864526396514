"""What a person asked, made regular: the text understood, the rest checked."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

from hybridsearch.analysis.words import words_of
from hybridsearch.domain.query import Query
from hybridsearch.domain.understood import Understood
from hybridsearch.errors import QueryError
from hybridsearch.search.language import understand

MAX_LIMIT = 1000
MAX_TEXT = 4000
"""Characters; longer than any query, shorter than a pasted book."""


def parse(query: Query, today: date) -> tuple[Query, Understood]:
    """The query with its text composed, and what the text was understood to ask.

    Relative dates ("last week") are read against ``today``.

    Raises:
        QueryError: nothing was asked for, the text is too long, or the limit is out of range.
    """
    text = unicodedata.normalize("NFKC", query.text)
    if len(text) > MAX_TEXT:
        raise QueryError(
            f"The query has {len(text):,} characters, more than {MAX_TEXT:,}.", "Shorten it."
        )
    if not 1 <= query.limit <= MAX_LIMIT:
        raise QueryError(
            f"A limit of {query.limit} is out of range.", f"Ask for 1 to {MAX_LIMIT} hits."
        )
    understood = understand(text, today)
    if not words_of(understood.text):
        understood = replace(understood, text="")
    asked = understood.text or understood.filter or query.filter or query.picture or query.like
    if not asked:
        raise QueryError(
            "The query is empty.", "Give words, a filter, a picture, or an asset to look like."
        )
    return replace(query, text=text), understood
