"""Function words: the closed classes of a language that a query may hold but does not mean.

Articles, prepositions, conjunctions, pronouns, auxiliaries, nothing else. General stop-word
lists were looked at and left: they hold "fire", "home", "face", "world" and "young", which is
what newsrooms search for. Captions keep all their words; only queries leave these out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

_LISTS = {
    "en": """a an the this that these those and or but nor so if than then as at by for from in
        into of off on onto out over to under up upon with within without about after before
        between through during is am are was were be been being has have had do does did will
        would shall should can could may might must not no it its he him his she her hers they
        them their theirs we us our ours you your yours i me my mine who whom whose which what
        where when there here some any each""",
    "sl": """in ali pa ter ne da se si je so sem smo ste sta bi bil bila bilo bili bile bo bodo
        bom v na ob za z s k h o od do iz po pri pred pod nad med skozi brez proti čez ki ko kot
        ker če kjer kdo kaj ta to te tega tem tej ti jih jo ga mu ji jim mi vi on ona ono oni naj
        še že tudi le""",
    "hr": """i ili a ali pa te ne da se je su sam smo ste bi bio bila bilo bili bile će ću u na
        o od do iz po pri pred pod nad među kroz bez protiv za s sa k ka koji koja koje što tko
        kao jer ako gdje taj ta to te tog tom toj ih ju ga mu joj im mi vi on ona ono oni li""",
    "de": """der die das den dem des ein eine einer eines einem einen und oder aber denn weil dass
        wenn als wie am an auf aus bei bis durch für gegen im in ins mit nach ohne um unter über
        vom von vor zu zum zur zwischen ist sind war waren wird werden wurde wurden hat haben
        hatte nicht es er sie wir ihr ich du sein seine ihre sich auch""",
    "fr": """le la les l un une des du de d et ou mais ni car que qui quoi dont où à au aux en dans
        par pour sur sous avec sans chez vers entre est sont était étaient être été a ont avait ne
        pas il elle ils elles on nous vous je tu se sa son ses leur leurs ce cet cette ces""",
    "it": """il lo la i gli le l un uno una e ed o od ma né che chi cui di a ad da in con su per tra
        fra del dello della dei degli delle al allo alla ai agli alle dal dalla dai dagli dalle
        nel nello nella nei negli nelle sul sulla sui sugli sulle è sono era erano essere ha hanno
        non si egli ella loro noi voi io tu suo sua suoi sue questo questa quel quella""",
}
_WORDS = {language: frozenset(text.split()) for language, text in _LISTS.items()}

_EVERY: frozenset[str] = frozenset().union(*_WORDS.values())


def is_function_word(word: str, languages: Sequence[str] | None = None) -> bool:
    """Whether the word is one in any of the languages (in any that is known, where none is given).

    Its case does not matter.
    """
    if languages is None:
        return word.casefold() in _EVERY
    return word.casefold() in _known(tuple(languages))


@cache
def _known(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(_WORDS.get(each.split("-")[0], ()) for each in languages))


def content_words(words: Sequence[str], languages: Sequence[str]) -> list[str]:
    """The words that carry meaning; all of them where that would leave none.

    A capital is taken as part of a name ("Will Smith", "US Navy") and kept, unless it only
    opens the query: the first word counts as a name where the second has a capital too.
    """
    known = _known(tuple(languages))
    kept = [
        word
        for position, word in enumerate(words)
        if word.casefold() not in known or _is_name(words, position)
    ]
    return kept or list(words)


def _is_name(words: Sequence[str], position: int) -> bool:
    word = words[position]
    if not word[:1].isupper():
        return False
    if position > 0:
        return True
    return len(words) > 1 and words[1][:1].isupper() and not words[1].isupper()
