"""What a person asked, made regular: one text, one picture, one asset, one filter."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hybridsearch.analysis.words import words_of
from hybridsearch.domain.query import Query
from hybridsearch.errors import QueryError

MAX_LIMIT = 1000
MAX_TEXT = 4000
"""Characters; longer than any query, shorter than a pasted book."""


def parse(query: Query) -> Query:
    """The query with its text composed and its spaces single.

    Raises:
        QueryError: nothing was asked for, the text is too long, or the limit is out of range.
    """
    text = " ".join(unicodedata.normalize("NFKC", query.text).split())
    if not words_of(text):
        text = ""
    if not text and query.picture is None and query.like is None:
        raise QueryError("The query is empty.", "Give words, a picture, or an asset to look like.")
    if len(text) > MAX_TEXT:
        raise QueryError(
            f"The query has {len(text):,} characters, more than {MAX_TEXT:,}.", "Shorten it."
        )
    if not 1 <= query.limit <= MAX_LIMIT:
        raise QueryError(
            f"A limit of {query.limit} is out of range.", f"Ask for 1 to {MAX_LIMIT} hits."
        )
    return replace(query, text=text)
