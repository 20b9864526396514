"""Names of months, seasons and days in the languages of the newsrooms served, without accents.

In: a word without case and accents. Out: the month it names, or the first month of the season.
English, Slovene, Croatian, German, French and Italian; the forms that follow a day's number
("5. junija", "5. lipnja") are listed beside the name itself.
"""

from __future__ import annotations

_MONTHS = (
    "january jan januar januarja januara jenner janner sijecanj sijecnja janvier janv gennaio gen",
    "february feb februar februarja februara feber veljaca veljace fevrier fevr febbraio febb",
    "march mar marec marca marz mrz ozujak ozujka mars marzo",
    "april apr aprila travanj travnja avril avr aprile",
    "may maj maja mai svibanj svibnja maggio mag",
    "june jun junij junija juni juna lipanj lipnja juin giugno giu",
    "july jul julij julija juli jula srpanj srpnja juillet juil luglio lug",
    "august aug avgust avgusta avg kolovoz kolovoza aout agosto ago",
    "september sep sept septembra rujan rujna septembre settembre set sett",
    "october oct oktober oktobra okt listopad listopada octobre ottobre ott",
    "november nov novembra studeni studenog studenoga novembre",
    "december dec decembra dezember dez prosinac prosinca decembre dicembre dic",
)
MONTHS: dict[str, int] = {
    name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()
}
"""Month names and abbreviations to 1..12."""

_SEASONS = {
    3: "spring pomlad pomladi fruhling fruhjahr proljece printemps primavera",
    6: "summer poletje poleti sommer ljeto ete estate",
    9: "autumn fall jesen jeseni herbst automne autunno",
    12: "winter zima zime hiver inverno",
}
SEASONS: dict[str, int] = {
    name: month for month, names in _SEASONS.items() for name in names.split()
}
"""Seasons to the month they begin in, as meteorologists of the northern half count them."""

WINTER = 12

_DAYS = {
    0: "now today danes danas heute aujourd'hui oggi",
    1: "yesterday vceraj jucer gestern hier ieri",
}
DAYS_AGO: dict[str, int] = {name: ago for ago, names in _DAYS.items() for name in names.split()}
"""Names of days to how many days ago they are."""

_FILLERS = "of the in st nd rd th er de le am im dne"
FILLERS: frozenset[str] = frozenset(_FILLERS.split())
"""Words that stand between the parts of a date and say nothing."""
