"""The scanner: typed text into tokens, in one pass and in time linear in the text."""

from __future__ import annotations

import re

from hybridsearch.analysis.texts import compared_words
from hybridsearch.domain.notes import NoteKind
from hybridsearch.search.language.fields import Field, Reading, field_named, nearest_name
from hybridsearch.search.language.tokens import Kind, Notes, Token, shortened

MAX_DEPTH = 16
"""Parentheses inside one another; people nest two or three."""

_HYPHENS = "-\u2010\u2011\u2212"
_QUOTES = '"\u201c\u201d\u201e\u201f\uff02«»'
_CURVED = re.compile('["\u201c\u201d\u201e\u201f\uff02]')
_GUILLEMETS = re.compile("[«»]")
# A phrase ends at the next quote of its family: „…“, “…”, ”…”, «…» and »…« are all in use.

_SPACE = re.compile(r"\s*")
_HYPHEN_RUN = re.compile(f"[{_HYPHENS}]*")
_WORD = re.compile(r"[^\s()]*")
_OPERATOR = re.compile(rf"(AND|OR|NOT)(?=[\s(){_QUOTES}]|$)")
_NAME = re.compile(r"([^\W\d_][\w-]*):")
_COMPARISON = re.compile(r"[<>]=?|[=≤≥]|")
_BRACKETS = re.compile(r"[\[{][^\[\]{}]{0,80}[\]}]")

_KINDS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}


def tokens_of(text: str, notes: Notes) -> list[Token]:
    """The tokens of a query in the order typed; parentheses are matched, none is empty."""
    scanner = _Scanner(text, notes)
    at = scanner.space_after(0)
    while at < len(text):
        at = scanner.space_after(scanner.step(at))
    return scanner.closed()


class _Scanner:
    def __init__(self, text: str, notes: Notes) -> None:
        self._text = text
        self._notes = notes
        self._tokens: list[Token] = []
        self._open: list[int | None] = []
        """Which token each open parenthesis is; None where it is too deep to count."""

    def space_after(self, at: int) -> int:
        return _end(_SPACE, self._text, at)

    def step(self, at: int) -> int:
        """Read the token that begins here, and return where it ends."""
        character = self._text[at]
        if character == ")" and self._open:
            return self._close(at, at + 1)
        if character in _HYPHENS and self._excludes(at):
            self._tokens.append(Token(Kind.MINUS, at, at + 1))
            return at + 1
        if character in _QUOTES:
            return self._phrase(at)
        if character == "(":
            return self._opened(at)
        return self._operator(at) or self._clause(at) or self._word(at)

    def closed(self) -> list[Token]:
        """All tokens; groups that are still open end here."""
        if any(each is not None for each in self._open):
            self._notes.add(NoteKind.UNCLOSED_GROUP.of())
        end = len(self._text)
        while self._open:
            self._close(end, end)
        return self._tokens

    def _excludes(self, at: int) -> bool:
        following = self._text[at + 1 : at + 2]
        return following.isalnum() or (following != "" and following in f"({_QUOTES}")

    def _quoted(self, at: int) -> tuple[str, int]:
        """The text inside the quotes that open here, and where the token ends."""
        family = _GUILLEMETS if self._text[at] in "«»" else _CURVED
        found = family.search(self._text, at + 1)
        if found is None:
            self._notes.add(NoteKind.UNCLOSED_PHRASE.of())
            return self._text[at + 1 :], len(self._text)
        return self._text[at + 1 : found.start()], self._behind(found.end())

    def _behind(self, at: int) -> int:
        """Hyphens right behind a quote or parenthesis, as in ``(1939)-1945``, belong to it."""
        return _end(_HYPHEN_RUN, self._text, at)

    def _phrase(self, at: int) -> int:
        inside, end = self._quoted(at)
        words = compared_words(inside)
        if words:
            self._tokens.append(Token(Kind.PHRASE, at, end, inside, words=words))
        else:
            self._drop_signs()
        return end

    def _opened(self, at: int) -> int:
        if len(self._open) < MAX_DEPTH:
            self._open.append(len(self._tokens))
            self._tokens.append(Token(Kind.OPEN, at, at + 1))
        else:
            self._open.append(None)
            self._drop_signs()
            self._notes.add(NoteKind.DEEP_GROUPS.of(most=MAX_DEPTH))
        return at + 1

    def _close(self, at: int, end: int) -> int:
        end = self._behind(end)
        opened = self._open.pop()
        if opened is None:
            return end
        if len(self._tokens) == opened + 1:
            self._tokens.pop()
            self._drop_signs()
        else:
            self._tokens.append(Token(Kind.CLOSE, at, end))
        return end

    def _drop_signs(self) -> None:
        """A minus or a field's name before something empty means nothing."""
        while self._tokens and self._tokens[-1].kind in (Kind.MINUS, Kind.SCOPE):
            self._tokens.pop()

    def _operator(self, at: int) -> int:
        found = _OPERATOR.match(self._text, at)
        if found is None:
            return 0
        name = found[1]
        self._tokens.append(Token(_KINDS[name], at, found.end(), name, name))
        return found.end()

    def _clause(self, at: int) -> int:
        """Read ``field:value``; 0 where it is none."""
        found = _NAME.match(self._text, at)
        if found is None or self._text.startswith("//", found.end()):
            return 0
        name, after = found[1], found.end()
        field = field_named(name)
        if field is None:
            return self._unknown(name, at, after)
        following = self._text[after : after + 1]
        end = after if following in ("", ")") or following.isspace() else 0
        end = end or self._valued(field, at, after)
        if self._tokens and self._tokens[-1].start == at:
            return end
        self._notes.add(NoteKind.FIELD_WITHOUT_VALUE.of(field=shortened(name)))
        self._tokens.append(Token(Kind.WORD, at, end, f"{name}:", f"{name}:"))
        return end

    def _valued(self, field: Field, at: int, after: int) -> int:
        """Read the value and return where it ends; there is no token where it is empty."""
        exact = field.reading in (Reading.WORDS, Reading.VALUE) and self._text[after] == "="
        begin = after + exact
        if field.reading is Reading.DATE:
            begin = _end(_COMPARISON, self._text, after)
        sign = "" if exact else self._text[after:begin]
        following = self._text[begin : begin + 1]
        if following == "(" and not sign and len(self._open) < MAX_DEPTH:
            self._tokens.append(Token(Kind.SCOPE, at, begin, field=field, exact=exact))
            return begin
        if following != "" and following in _QUOTES:
            value, end = self._quoted(begin)
        else:
            end = self._value_end(begin, field)
            value = self._text[begin:end]
        if value.strip():
            self._tokens.append(Token(Kind.CLAUSE, at, end, sign + value, field=field, exact=exact))
        return end

    def _value_end(self, begin: int, field: Field) -> int:
        brackets = _BRACKETS.match(self._text, begin) if field.reading is Reading.DATE else None
        return self._behind(brackets.end()) if brackets else self._word_end(begin)

    def _unknown(self, name: str, at: int, after: int) -> int:
        """``foo:bar`` are the words foo and bar, with a hint. ``C:\\`` looks like no field."""
        following = self._text[after : after + 1]
        if following != "" and following in f"({_QUOTES}":
            self._tokens.append(Token(Kind.WORD, at, after, f"{name}:", f"{name}:"))
            self._not_a_field(name)
            return after
        if len(name) == 1 or not following.isalnum():
            return 0
        end = self._word_end(after)
        read = f"{name} {self._text[after:end]}"
        self._tokens.append(Token(Kind.WORD, at, end, self._text[at:end], read))
        self._not_a_field(name)
        return end

    def _not_a_field(self, name: str) -> None:
        if self._notes.full:
            return
        field = shortened(name)
        near = nearest_name(field)
        if near is None:
            self._notes.add(NoteKind.NO_FIELD.of(field=field))
        else:
            self._notes.add(NoteKind.NO_FIELD_BUT_NEAR.of(field=field, near=near))

    def _word(self, at: int) -> int:
        end = self._word_end(at)
        text = self._text[at:end]
        self._tokens.append(Token(Kind.WORD, at, end, text, text))
        return end

    def _word_end(self, at: int) -> int:
        """Up to the next space, or to the parenthesis that closes the group around the word.

        Parentheses inside a word, ``f(x)``, belong to it.
        """
        inside = 0
        end = _end(_WORD, self._text, at)
        while self._text[end : end + 1] in ("(", ")"):
            inside += 1 if self._text[end] == "(" else -1
            if inside < 0:
                if self._open:
                    break
                inside = 0
                self._notes.add(NoteKind.UNOPENED_GROUP.of())
            end = _end(_WORD, self._text, end + 1)
        return end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
