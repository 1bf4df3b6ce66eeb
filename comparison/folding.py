"""One folding for all readers of facts: same length as the text, so that offsets into it are offsets into the text."""

from __future__ import annotations

import re
from functools import lru_cache

_APOSTROPHES = "’‘ʼ`´ʹ′"
_SPACES = "\u00a0\u202f\u2009\u2007\u2008\u3000"
_DASHES = "‐‑‒–—―−"
_FIXED = {ord("ё"): "е", ord("Ё"): "е", ord("\u0301"): "\u0301"}
_FIXED |= {ord(mark): "'" for mark in _APOSTROPHES}
_FIXED |= {ord(space): " " for space in _SPACES}
_FIXED |= {ord(dash): "-" for dash in _DASHES}


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, ё as е, one apostrophe, one dash and one space. Always ``len(fold(text)) == len(text)``.

    >>> fold("П’ЯТЬ – ещё")
    "п'ять - еще"
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        # A few capitals (the Turkish dotted I) grow when lowered; they stay as they are, since offsets must not move.
        lowered = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    return lowered.translate(_FIXED)


LANGUAGES = ("en", "de", "ru", "uk")
"""Languages whose words for numbers, dates and speech are known."""


def known_language(language: str) -> str:
    """The language itself where its words are known, else English: digits and most place names are read all the same.

    >>> known_language("uk"), known_language("pl")
    ('uk', 'en')
    """
    return language[:2] if language[:2] in LANGUAGES else "en"


@lru_cache(maxsize=4096)
def language_of_sentence(text: str) -> str:
    """As :func:`language_by_letters`, with German told from English by its little words where no letter tells.

    >>> language_of_sentence("Vier Soldaten starben bei dem Angriff."), language_of_sentence("Four soldiers died in the attack.")
    ('de', 'en')
    """
    language = language_by_letters(text)
    if language != "en":
        return language
    return "de" if len(_GERMAN.findall(text)) > len(_ENGLISH.findall(text)) else "en"


_GERMAN = re.compile(
    r"\b(?:der|die|das|dem|den|des|im|von|vom|zum|zur|bei|beim|mit|nach|aus|eine?|eine[nmr]|ist|sind|wurden?|hat|haben|auf|sich|nicht"
    r"|als|auch|seit|laut|zu|noch|dort|sie|wie|vor|nur|kamen|waren|sagte|durch|bis|unter|mehr|und)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:the|of|and|to|a|an|is|are|had|has|have|for|on|at|by|with|from|that|which|who|said|it|they|he|his|its|their|after|not|been|as"
    r"|or|but|about|than|least|there|near|when|were)\b",
    re.IGNORECASE,
)


def language_by_letters(text: str) -> str:
    """One of the known languages by its letters alone: enough to choose words by, not to name a text's language.

    >>> language_by_letters("Підвал у Зайцевому"), language_by_letters("Подвал"), language_by_letters("Cellar")
    ('uk', 'ru', 'en')
    """
    letters = set(text.lower())
    if letters & set("іїєґ"):
        return "uk"
    if any("а" <= letter <= "я" for letter in letters):
        return "ru"
    return "de" if letters & set("äöüß") else "en"
