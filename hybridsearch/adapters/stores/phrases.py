"""All texts of a point in one: what an engine keeps and indexes instead of many text fields.

In: a payload with texts at the schema's text keys. Out: the payload with one string in their
place, and back. The string holds every word twice: tagged with the field that it stands in
(``caption| caption|steam caption|engine``), and bare. A phrase of one field is a phrase of
tagged words; a phrase of any field is one of bare words, and so one condition, not fourteen.

Why: an engine keeps 32 MB in memory for each text index, even an empty one (embedded engine
0.9.0): for fourteen fields 448 MB, for one 32.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any

from hybridsearch.domain.filters import Condition, Filter, HasPhrase, Present
from hybridsearch.errors import ConfigError

PHRASES = "_phrases"
"""The payload key that holds the tagged words; no payload may bring it along."""

_TAGGED = "|"
"""Stands in no word (Unicode Standard Annex 29)."""

_BARE = "\u00aa"
"""Stands before the bare words of each field. To a tokenizer it is a letter, and yet no word is
written so: normalised (NFKC) it is an a."""


def check_text_keys(text_keys: Sequence[str]) -> None:
    """Refuse keys whose words could not be told apart.

    Raises:
        ConfigError: two keys end in the same name.
    """
    tags = [tag_of(key) for key in text_keys]
    if len(set(tags)) < len(tags):
        raise ConfigError(
            f"Of the text keys {', '.join(text_keys)} two end in the same name.",
            "Give each its own last name: it marks the words of that text.",
        )


def text_fault(payload: Mapping[str, Any], text_keys: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with a payload's texts, and the remedy; None when nothing is."""
    if PHRASES in payload:
        return f"its payload has the key {PHRASES}, which stores need", "Name it otherwise."
    for path, keys in _by_object(tuple(text_keys)).items():
        for name, text in _object_at(payload, path).items():
            if name in keys and text is not None and not _is_worded(text):
                return (
                    f"its text at {keys[name]} is no words with single spaces between",
                    "Write it with analysis.texts, and no text where there are no words.",
                )
    return None


def _is_worded(text: Any) -> bool:
    return isinstance(text, str) and bool(text) and " ".join(text.split()) == text


@lru_cache(maxsize=16)
def _by_object(text_keys: tuple[str, ...]) -> Mapping[tuple[str, ...], Mapping[str, str]]:
    """The text keys by the object that they are in: its path, then key by last name."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for key in text_keys:
        *path, name = key.split(".")
        found.setdefault(tuple(path), {})[name] = key
    return found


def _object_at(payload: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    found: Any = payload
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def tag_of(key: str) -> str:
    """What marks the words of a text key: its last name. Alone, it stands before the first."""
    return key.rpartition(".")[2] + _TAGGED


def rewritten(condition: Condition, text_keys: Sequence[str]) -> Condition:
    """The condition on the one text: a phrase of tagged words for each key, any of them."""
    if isinstance(condition, Filter):
        return rewritten_filter(condition, text_keys)
    if isinstance(condition, HasPhrase):
        if text_keys and set(condition.keys) == set(text_keys):
            return HasPhrase((PHRASES,), condition.words)
        words = [tuple(_tagged(key, condition.words)) for key in condition.keys]
        # Without a key there is nowhere to look, and an empty ``should`` would pass everything.
        phrases = tuple(HasPhrase((PHRASES,), each) for each in words or [()])
        return Filter(should=phrases)
    if isinstance(condition, Present) and condition.key in text_keys:
        return HasPhrase((PHRASES,), (tag_of(condition.key),))
    return condition


def rewritten_filter(condition: Filter, text_keys: Sequence[str]) -> Filter:
    """The same for each condition in a filter."""

    def each_of(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(rewritten(each, text_keys) for each in conditions)

    return Filter(each_of(condition.must), each_of(condition.should), each_of(condition.must_not))


def _tagged(key: str, words: Sequence[str]) -> list[str]:
    tag = tag_of(key)
    return [tag + word for word in " ".join(words).split()]


def gathered(payload: Mapping[str, Any], text_keys: Sequence[str]) -> dict[str, Any]:
    """The payload with its texts taken out and put into one; unchanged where it has none.

    The payload must have passed ``text_fault``.
    """
    kept = dict(payload)
    tagged: list[str] = []
    bare: list[str] = []
    for path, keys in _by_object(tuple(text_keys)).items():
        texts = {
            name: text
            for name, text in _object_at(payload, path).items()
            if name in keys and text is not None
        }
        if texts:
            _leave_out(kept, path, texts)
            tagged += [_all_tagged(tag_of(keys[name]), text) for name, text in texts.items()]
            bare += texts.values()
    if tagged:
        kept[PHRASES] = f" {_BARE} ".join([" ".join(tagged), *bare])
    return kept


def _all_tagged(tag: str, text: str) -> str:
    """The tag alone, then every word with it."""
    return f"{tag} {tag}{text.replace(' ', f' {tag}')}"


def _leave_out(kept: dict[str, Any], path: Sequence[str], names: Container[str]) -> None:
    """Remove the names from the object at the path; objects on the way are copied."""
    inside = kept
    for step in path:
        inside[step] = dict(inside[step])
        inside = inside[step]
    for name in [each for each in inside if each in names]:
        del inside[name]


def scattered(stored: Mapping[str, Any], text_keys: Sequence[str]) -> dict[str, Any]:
    """The inverse of ``gathered``."""
    payload = dict(stored)
    phrases = payload.pop(PHRASES, None)
    if phrases is not None:
        tagged, _, _ = phrases.partition(f" {_BARE} ")
        paths = {tag_of(key): key.split(".") for key in text_keys}
        for tag, words in _by_tag(tagged).items():
            _put(payload, paths[tag], " ".join(words))
    return payload


def with_phrases(keys: Sequence[str], text_keys: Sequence[str]) -> list[str]:
    """The payload keys to ask the engine for, so that ``scattered`` can give what was asked."""
    wanted = list(keys)
    if any(_overlap(key, text_key) for key in keys for text_key in text_keys):
        wanted.append(PHRASES)
    return wanted


def _overlap(key: str, other: str) -> bool:
    return f"{key}.".startswith(f"{other}.") or f"{other}.".startswith(f"{key}.")


def _by_tag(tagged: str) -> dict[str, list[str]]:
    by_tag: dict[str, list[str]] = {}
    for each in tagged.split(" "):
        tag, mark, word = each.partition(_TAGGED)
        words = by_tag.setdefault(tag + mark, [])
        if word:
            words.append(word)
    return by_tag


def _put(payload: dict[str, Any], path: Sequence[str], text: str) -> None:
    for name in path[:-1]:
        payload = payload.setdefault(name, {})
    payload[path[-1]] = text
