"""The language of an asset that names none: told from its texts, or not at all.

In: an asset, and the languages of its archive. Out: the asset with its language, where the texts
leave no doubt. An asset in doubt is read in every language of the archive, as all are without
detection. Captions are short and full of names, so doubt is frequent; ``python -m eval.names
languages`` measures it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hybridsearch.analysis.words import words_of
from hybridsearch.domain.asset import Asset, Provenance
from hybridsearch.errors import ConfigError

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

CONFIDENT = 0.9
"""The probability, among the archive's languages, below which a language is in doubt."""

FEWEST_WORDS = 3
"""Fewer are mostly a name, whose language says nothing."""


class LanguageDetector:
    """Chooses among the languages of an archive.

    Raises:
        ConfigError: the package that does it is not installed.
    """

    def __init__(self, languages: Iterable[str]) -> None:
        self._languages = tuple(dict.fromkeys(each.split("-")[0].lower() for each in languages))
        if find_spec("py3langid") is None:
            raise ConfigError(
                "Languages cannot be told: the package py3langid is not installed.",
                "Install hybridsearch[languages], or set analysis.detect_language to false.",
            )

    @cached_property
    def _identifier(self) -> LanguageIdentifier:
        """Read when first asked: it takes most of a second."""
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        identifier.set_languages(list(self._languages))
        return identifier

    def detect(self, text: str) -> str | None:
        """The language of a text; None where it is in doubt."""
        if len(words_of(text)) < FEWEST_WORDS:
            return None
        if len(self._languages) == 1:
            return self._languages[0]
        language, probability = self._identifier.classify(text)
        return str(language) if probability >= CONFIDENT else None


def with_language(asset: Asset, detector: LanguageDetector) -> Asset:
    """The asset with the language of its headline and caption, unless it names one."""
    text = ". ".join(filter(None, (asset.headline, asset.caption)))
    language = None if asset.language else detector.detect(text)
    if language is None:
        return asset
    provenance = {**asset.provenance, "language": Provenance.DETECTED}
    return replace(asset, language=language, provenance=provenance)
