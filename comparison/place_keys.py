"""Place names across scripts and spellings: a consonant key to block by, and a vowelled form to confirm with.

Зайцево, Зайцеве, Zaitseve, Saizewe and Zaytsevo are one name; Валуйки is Valuyki and Waluiki. Homonyms stay one name: which of
several places is meant, a name alone cannot say.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz import fuzz

from comparison.folding import fold

LIKENESS = 78.0
"""Least rapidfuzz ratio (0..100) of two vowelled forms with one key that makes them one name."""

_UKRAINIAN = str.maketrans({"і": "и", "ї": "и", "є": "е", "ґ": "г", "ў": "в", "'": "", "ъ": "", "ь": ""})
_CYRILLIC = re.compile(r"[а-яіїєґў]")
_STRIPPED = re.compile(
    r"(?:ами|ями|ому|ого|ему|его|ими|ыми|ах|ях|ам|ям|ом|ем|им|ым|ою|ею|єю|ов|ев|ів|їв|их|ых|ої|ій|ой|ей|[аяуюеєиіїыоьй])$"
)


_NO_LETTER = re.compile(r"[^a-z]+")
_GERMAN_CH = re.compile(r"(?<!s)ch")
_CLUSTER = re.compile(r"schtsch|shch|tsch|sch|[sztc]h|t[sz]|[cs]z|kh|ph|ck|c(?=[eiy])|x")
_DOUBLED = re.compile(r"(.)\1+")
_LETTERS = str.maketrans("wyjqzch", "viikskg")
_VOWELS = str.maketrans("", "", "aeiou")


def _one_letter(match: re.Match[str]) -> str:
    cluster = match.group()
    return {"kh": "g", "ph": "f", "ck": "k", "x": "ks", "th": "t"}.get(cluster, "s")


@lru_cache(maxsize=65536)
def vowelled(name: str, language: str = "") -> str:
    """Latin letters with the spellings of four languages folded together, vowels kept.

    ``language`` decides only what "ch" is in Latin script: German and Polish write х with it, English ч.

    >>> vowelled("Зайцево"), vowelled("Saizewe", "de"), vowelled("Zaytsevo")
    ('saisevo', 'saiseve', 'saisevo')
    >>> vowelled("Charkiw", "de"), vowelled("Харків"), vowelled("Kharkiv")
    ('garkiv', 'garkiv', 'garkiv')
    """
    text = fold(name).translate(_UKRAINIAN)
    native = _CYRILLIC.search(text) is not None
    if not text.isascii():
        text = anyascii(text).lower()
    text = _NO_LETTER.sub("", text)
    if not native and "ch" in text and language in ("de", "pl"):
        text = _GERMAN_CH.sub("h", text)
    text = _CLUSTER.sub(_one_letter, text).translate(_LETTERS)
    return _DOUBLED.sub(r"\1", text)


@lru_cache(maxsize=65536)
def place_key(name: str, language: str = "") -> str:
    """The consonants of :func:`vowelled`, equal for spellings of one name. Greedy: names that share a key need not be one.

    >>> place_key("Зайцеве") == place_key("Sajzewe", "de") == place_key("Zaitseve")
    True
    """
    return vowelled(name, language).translate(_VOWELS)


@lru_cache(maxsize=65536)
def base_forms(word: str) -> tuple[str, ...]:
    """A Cyrillic name and what is left of it without a case ending, longest first; other scripts as they are.

    >>> base_forms("Валуйках")
    ('Валуйках', 'Валуйк')
    """
    folded = fold(word)
    if not _CYRILLIC.search(folded):
        return (word, word[:-1]) if word.endswith("s") and len(word) > 5 else (word,)
    if len(folded) > 4 and folded.endswith(("ек", "єк")) and folded[-3] in "аоуеиіыюя":
        # The genitive of plurals in -йки has a vowel of its own: Валуйки, из Валуек.
        return (word, word[:-2] + "йк")
    match = _STRIPPED.search(folded)
    if match is None or match.start() < 3:
        return (word,)
    return (word, word[: match.start()])


@lru_cache(maxsize=262144)
def same_name(left: str, right: str, left_language: str = "", right_language: str = "") -> bool:
    """Whether two spellings, in any script and case, are one place name.

    >>> same_name("Валуйках", "Waluiki", "ru", "de"), same_name("Valuyki", "Volgodonsk"), same_name("Брянка", "Брянск")
    (True, False, False)
    """
    for one in base_forms(left):
        for other in base_forms(right):
            if place_key(one, left_language) != place_key(other, right_language):
                continue
            a, b = vowelled(one, left_language), vowelled(other, right_language)
            if _alike(a, b):
                return True
    return False


def _alike(left: str, right: str) -> bool:
    """Endings are left out of short names' comparison: "сватов" and "svatove" differ by what a case would add."""
    if fuzz.ratio(left, right) >= LIKENESS:
        return True
    short, long = sorted((left.rstrip("aeiou"), right.rstrip("aeiou")), key=len)
    return len(short) >= 3 and fuzz.ratio(short, long) >= LIKENESS + 6
