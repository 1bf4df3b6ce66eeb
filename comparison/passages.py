"""Sentences of a text and the windows over them that are compared with claims. Spans are half-open, in code points."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from comparison.folding import LANGUAGES


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """``text[start:end]``, without spaces at its ends."""

    start: int
    end: int


MAX_SENTENCE = 700
"""Characters; a longer one is a list or a table and is cut at semicolons, then hard."""

MAX_PAIR = 700
"""Characters of two sentences taken together; beyond it a passage says too many things to be one."""

_END = re.compile(r"[.!?…]+[\"'»”“’)\]]*")
_CLOSERS = "\"'»”’)]"
_OPENERS = "\"'«„“‘([—–-"

_LAST_WORD = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?|\d+)\.$")


@cache
def _abbreviations() -> dict[str, frozenset[str]]:
    """By language, and under "closing" and "before_numbers"; "all" is what any language has."""
    data = tomllib.loads((resources.files("comparison") / "data" / "abbreviations.toml").read_text(encoding="utf-8"))
    read = {name: frozenset(words.split()) for name, words in data.items()}
    return {**read, "all": frozenset().union(*(read[language] for language in LANGUAGES))}


@cache
def function_words(language: str) -> frozenset[str]:
    """Words of two letters or more that are too common to be a name, or to say what a text is about."""
    lines = (resources.files("comparison") / "data" / "function-words.txt").read_text(encoding="utf-8").splitlines()
    spoken = dict(zip(LANGUAGES, (line.split() for line in lines if not line.startswith("#")), strict=True))
    return frozenset(word for word in spoken.get(language, ()) if len(word) > 1)


def sentences(text: str, language: str) -> tuple[Span, ...]:
    """The sentences of ``text``, in order. A line break always ends one, since it ends a paragraph.

    >>> text = "Er kam am 14. November z. B. mit Dr. Rot. Dann ging er."
    >>> [text[s.start:s.end] for s in sentences(text, "de")]
    ['Er kam am 14. November z. B. mit Dr. Rot.', 'Dann ging er.']
    """
    found: list[Span] = []
    offset = 0
    for line in text.split("\n"):
        start = offset
        for match in _END.finditer(text, offset, offset + len(line)):
            if match.end() > start and _breaks(text, match, offset + len(line), language):
                found.extend(_trimmed(text, start, match.end()))
                start = match.end()
        found.extend(_trimmed(text, start, offset + len(line)))
        offset += len(line) + 1
    return tuple(found)


def _breaks(text: str, match: re.Match[str], line_end: int, language: str) -> bool:
    """Whether a full stop or its like ends a sentence."""
    position = match.end()
    if position >= line_end:
        return True
    if not text[position].isspace():
        return False
    while position < line_end and (text[position].isspace() or text[position] in _OPENERS):
        position += 1
    if position >= line_end:
        return True
    following = text[position]
    if following.islower():
        return False
    mark = match.group()
    if mark[0] != "." or len(mark.rstrip(_CLOSERS)) > 1:
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - 30), match.start() + 1)
    if word is None:
        return True
    last = word[1]
    if last.isdigit():
        # "am 14. November", "die 3. Armee": in German a short number with a full stop is an ordinal before a noun.
        return not (language == "de" and len(last) <= 2 and following.isupper() and mark == ".")
    lowered = last.lower()
    known = _abbreviations().get(language) or _abbreviations()["all"]
    if len(last) == 1 and (last.isupper() or lowered in known):
        # "J. Smith" is a name, "a post on X. The army" two sentences: no surname is an article or a pronoun.
        opener = re.match(r"[^\W\d_]+", text[position:line_end])
        if last.isupper() and opener is not None and opener.group().casefold() in function_words(language):
            return True
        return lowered in ("г", "р") and last.islower() and _opens_word(text, position)
    if lowered in _abbreviations()["before_numbers"]:
        return not following.isdigit()
    if lowered in known:
        return lowered in _abbreviations()["closing"] and following.isupper() and _opens_word(text, position)
    return True


def _opens_word(text: str, position: int) -> bool:
    return position + 1 < len(text) and text[position + 1].isalpha()


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if not any(char.isalnum() for char in text[start:end]):
        return []
    if end - start <= MAX_SENTENCE:
        return [Span(start, end)]
    cut = text.rfind("; ", start + 1, start + MAX_SENTENCE)
    cut = cut + 1 if cut > start else text.rfind(" ", start + 1, start + MAX_SENTENCE)
    cut = cut if cut > start else start + MAX_SENTENCE
    return [*_trimmed(text, start, cut), *_trimmed(text, cut, end)]


def windows(text: str, language: str) -> tuple[Span, ...]:
    """All passages to compare: each sentence, then each pair of neighbours that is not too long. Sorted by start, then end."""
    single = sentences(text, language)
    return tuple(sorted((*single, *pairs(single))))


def pairs(single: tuple[Span, ...]) -> tuple[Span, ...]:
    """Two neighbouring sentences each, over a paragraph's end too: many news pages print one sentence a paragraph."""
    return tuple(Span(left.start, right.end) for left, right in pairwise(single) if right.end - left.start <= MAX_PAIR)
