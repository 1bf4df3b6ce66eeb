"""One name in two scripts and many spellings: Сватове, Сватово, Svatove, Swatowe. Pure.

The spellings of English, German, Russian and Ukrainian are folded into one row of Latin letters. What is left of it without the
vowels that case and transliteration change is the key under which the full-text index finds a name. Homonyms stay one name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

_UKRAINIAN = str.maketrans({"і": "и", "ї": "и", "є": "е", "ґ": "г", "ў": "в", "ё": "е", "'": "", "ъ": "", "ь": ""})
_CYRILLIC = re.compile(r"[а-яіїєґў]")
_STRIPPED = re.compile(
    r"(?:ами|ями|ому|ого|ему|его|ими|ыми|ах|ях|ам|ям|ом|ем|им|ым|ою|ею|єю|ов|ев|ів|їв|их|ых|ої|ій|ой|ей|[аяуюеєиіїыоьй])$"
)
_NAME_SUFFIXES = ("ов", "ев", "ів", "їв")
"""Endings of a case and of many a town's name: Харьков is no form of "Харьк"."""

_NO_LETTER = re.compile(r"[^a-z]+")
_GERMAN_CH = re.compile(r"(?<!s)ch")
_CLUSTER = re.compile(r"schtsch|shch|tsch|sch|[sztc]h|t[sz]|[cs]z|kh|ph|ck|c(?=[eiy])|x")
_DOUBLED = re.compile(r"(.)\1+")
_LETTERS = str.maketrans("wyjqzch", "viikskg")
_VOWELS = re.compile(r"[aeiou]+")

NAME_MARK = "0"
"""Opens a name's key in the index. No lemma of a text opens so and goes on with a letter."""
MIN_NAME = 4
"""Letters of a name that gets a key: Kyiv has four."""
MIN_KEY = 4
"""Letters of a key; too many words would share a shorter one."""
SHORT_NAMES = ("Kyiv", "Kiev", "Sumy", "Riga", "Rome", "Sofia", "Baku", "Tula")
"""Cities that news name often and whose keys have three letters; those are kept."""
_LANGUAGES_OF_CH = ("", "de")
"""German and Polish write х as "ch", English ч: a query does not say which it is."""


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
    text = name.lower().translate(_UKRAINIAN)
    native = _CYRILLIC.search(text) is not None
    if not text.isascii():
        text = anyascii(text).lower()
    text = _NO_LETTER.sub("", text)
    if not native and "ch" in text and language in ("de", "pl"):
        text = _GERMAN_CH.sub("h", text)
    text = _CLUSTER.sub(_one_letter, text).translate(_LETTERS)
    return _DOUBLED.sub(r"\1", text)


@lru_cache(maxsize=65536)
def base_forms(word: str) -> tuple[str, ...]:
    """A Cyrillic name and what is left of it without a case ending, longest first; other scripts as they are.

    >>> base_forms("Валуйках")
    ('Валуйках', 'Валуйк')
    """
    lowered = word.lower().replace("ё", "е")
    if len(lowered) != len(word) or not _CYRILLIC.search(lowered):
        return (word, word[:-1]) if word.endswith("s") and len(word) > 5 else (word,)
    if len(lowered) > 3 and lowered.endswith(("зі", "ці", "сі")):
        # Ukrainian changes the last consonant in the locative: Брянка, у Брянці; Прага, у Празі; Ріг, у Розі.
        return (word, word[:-1], word[:-2] + {"зі": "г", "ці": "к", "сі": "х"}[lowered[-2:]])
    if len(lowered) > 4 and lowered.endswith(("ек", "єк")) and lowered[-3] in "аоуеиіыюя":
        # The genitive of plurals in -йки has a vowel of its own: Валуйки, из Валуек.
        return (word, word[:-2] + "йк")
    match = _STRIPPED.search(lowered)
    if match is None or match.start() < 3:
        return (word,)
    return (word, word[: match.start()])


@lru_cache(maxsize=65536)
def name_keys(word: str, language: str = "") -> tuple[str, ...]:
    """The keys under which a text's name is indexed, each with NAME_MARK before it; none for a short word.

    Vowels inside a word are told apart only as a or another, those at its end not at all.

    >>> name_keys("Сватовому") == name_keys("Swatowe", "de") == name_keys("Svatove") == ('0svatev',)
    False
    >>> set(name_keys("Сватовому")) & set(name_keys("Swatowe", "de"))
    {'0svatev'}
    """
    if len(word) < MIN_NAME:
        return ()
    keys = (_key(vowelled(base, language)) for base in base_forms(word))
    return tuple(dict.fromkeys(NAME_MARK + key for key in keys if key))


@lru_cache(maxsize=4096)
def query_name_keys(word: str) -> tuple[str, ...]:
    """The keys that a name in a query may be indexed under, in whatever script, language and case it was typed.

    >>> query_name_keys("Charkow") == query_name_keys("charkow"), "0garkev" in query_name_keys("Charkow")
    (True, True)
    """
    forms = [base for number, base in enumerate(base_forms(word)) if not number or not word.lower().endswith(_NAME_SUFFIXES)]
    keys = (_key(vowelled(form, language)) for form in forms for language in _LANGUAGES_OF_CH)
    return tuple(dict.fromkeys(NAME_MARK + key for key in keys if key)) if len(word) >= MIN_NAME else ()


def _key(letters: str) -> str:
    """Empty when too little is left."""
    key = _shorten(letters)
    return key if len(key) >= MIN_KEY or key in _short_keys() else ""


def _shorten(letters: str) -> str:
    return _VOWELS.sub(lambda run: "a" if "a" in run[0] else "e", letters.rstrip("aeiou"))


@lru_cache(maxsize=1)
def _short_keys() -> frozenset[str]:
    return frozenset(_shorten(vowelled(name)) for name in SHORT_NAMES)
