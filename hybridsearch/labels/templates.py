"""Sentences that a label is put into before it is embedded, language by language.

In: a label's words. Out: prompts. An encoder learnt from captions, and a caption is a sentence:
the mean of several is a better vector than the bare word's (Radford et al., "Learning transferable
visual models from natural language supervision", 2021, section 3.1.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DEFAULT_LANGUAGE = "en"

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "a photo of a {}.",
        "{}",
        "a close-up photo of a {}.",
        "a black and white photo of a {}.",
        "a photo with a {} in it.",
    ),
    "sl": (
        "fotografija, na kateri je {}.",
        "{}",
        "posnetek od blizu: {}.",
        "črno-bela fotografija: {}.",
        "na sliki je {}.",
    ),
    "hr": (
        "fotografija na kojoj je {}.",
        "{}",
        "snimka izbliza: {}.",
        "crno-bijela fotografija: {}.",
        "na slici je {}.",
    ),
    "de": (
        "ein Foto, auf dem {} zu sehen ist.",
        "{}",
        "eine Nahaufnahme: {}.",
        "ein Schwarz-Weiß-Foto: {}.",
        "auf dem Bild: {}.",
    ),
    "fr": (
        "une photo où l'on voit : {}.",
        "{}",
        "un gros plan : {}.",
        "une photo en noir et blanc : {}.",
        "sur l'image : {}.",
    ),
    "it": (
        "una foto in cui si vede: {}.",
        "{}",
        "un primo piano: {}.",
        "una foto in bianco e nero: {}.",
        "nell'immagine: {}.",
    ),
}
"""The first of each language is the plain one. The word stands in its dictionary form, so the
sentences of languages that inflect ask for no other."""

LANGUAGES: tuple[str, ...] = tuple(TEMPLATES)


def prompts(names: Sequence[str], language: str) -> tuple[str, ...]:
    """Every name in every template of the language, which must be one of ``LANGUAGES``."""
    return tuple(filled(each, name) for name in names for each in TEMPLATES[language])


def plain_prompt(name: str, language: str) -> str:
    """The name in the plainest sentence; English where the language has no templates."""
    return filled(TEMPLATES.get(language, TEMPLATES[DEFAULT_LANGUAGE])[0], name)


def filled(template: str, name: str) -> str:
    """The template with the name in its place, whatever braces the name itself holds."""
    before, _, after = template.partition("{}")
    return f"{before}{name}{after}"
