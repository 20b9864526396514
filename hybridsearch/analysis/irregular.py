"""Plurals that no stemmer brings to their singular: the few that captions are full of.

English "-men" is a rule here (firemen, policemen, fishermen); names that happen to end so
(Carmen, Bremen) lose nothing, since they change alike wherever they stand. Plurals that are also
forms of another word (leaves, lives) are left out.
"""

from __future__ import annotations

_LISTS = {
    "en": """children child feet foot teeth tooth geese goose mice mouse oxen ox wives wife
        knives knife wolves wolf calves calf halves half shelves shelf loaves loaf thieves thief
        scarves scarf hooves hoof buses bus gases gas""",
    "fr": """travaux travail vitraux vitrail émaux émail coraux corail yeux œil cieux ciel
        jeux jeu feux feu lieux lieu vœux vœu""",
    "it": "uomini uomo buoi bue",
}
_SINGULARS = {
    language: dict(zip(words[::2], words[1::2], strict=True))
    for language, words in ((language, text.split()) for language, text in _LISTS.items())
}


def singular(word: str, language: str) -> str:
    """The singular of an irregular plural, without a possessive ending; any other word as it is."""
    plain = word.removesuffix("'s").removesuffix("'")
    known = _SINGULARS.get(language, {}).get(plain)
    if known is not None:
        return known
    if language == "en" and plain.endswith("men") and plain not in _NO_PLURALS:
        return f"{plain[:-3]}man"
    return word


_NO_PLURALS = frozenset({"specimen", "regimen", "abdomen", "omen", "amen", "acumen"})
