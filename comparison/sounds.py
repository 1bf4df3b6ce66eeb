"""Words and names brought to what they sound like, so that one name is found in two scripts and in any case ending. Pure.

Not a transliteration to show to people: a key to compare. ``Медузе`` and ``Meduza`` share one, ``Перегук`` and ``Perehuk`` too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")

# Case endings of Russian and Ukrainian nouns and adjectives, longest first, in letters folded to Russian ones
# (і, ї as и; є as е; ґ as г). What is left must have two letters.
_ENDINGS = (
    "ьому", "ього", "иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "ови", "еви", "ення", "енем", "ени", "иям", "иях",
    "ею", "ою", "ью", "ом", "ем", "ам", "ям", "ах", "ях", "ов", "ев", "ив", "ей", "ой", "ий", "ый", "ия", "ие", "ии", "ию",
    "ым", "им", "ых", "их", "ую", "юю", "ая", "яя", "ое", "ее", "ые",
    "а", "я", "у", "ю", "е", "и", "ы", "о", "ь", "й", "ъ",
)  # fmt: skip

_SURNAME_ENDINGS = ("ого", "ому", "ови", "еви", "ой", "ою", "ым", "им", "ом", "ем", "ий", "ый", "ая", *"аяуюеийь")

# Spellings of one sound over Latin transliterations of Cyrillic (English, German, scientific) and over Cyrillic itself.
_FOLDS = (
    ("shch", "s"), ("schtsch", "s"), ("stsch", "s"), ("tsch", "c"), ("sch", "s"), ("sh", "s"), ("zh", "z"), ("ch", "c"),
    ("kh", "g"), ("ts", "z"), ("tz", "z"), ("ph", "f"), ("ck", "k"), ("x", "ks"), ("w", "v"), ("h", "g"),
    ("j", "i"), ("y", "i"), ("'", ""), ("ii", "i"),
)  # fmt: skip


def is_cyrillic(word: str) -> bool:
    """Whether any letter is Cyrillic."""
    return bool(_CYRILLIC.search(word))


@lru_cache(maxsize=100_000)
def plain(word: str) -> str:
    """Lower case, ё as е, Ukrainian letters as their Russian neighbours, Latin letters without marks.

    >>> plain("Вёрстка"), plain("Радіо"), plain("Müncher")
    ('верстка', 'радио', 'muncher')
    """
    low = word.casefold().replace("ё", "е").replace("і", "и").replace("ї", "и").replace("є", "е").replace("ґ", "г")
    if is_cyrillic(low):
        return re.sub(r"['’ʼ]", "", low)
    marks = unicodedata.normalize("NFKD", low)
    return "".join(char for char in marks if not unicodedata.combining(char)).replace("ß", "ss").replace("’", "'")


@lru_cache(maxsize=100_000)
def stems(word: str) -> tuple[str, ...]:
    """What may be left of a Cyrillic word without its case ending, the whole word first; a Latin word is left as it is.

    >>> stems("Стреле")
    ('стреле', 'стрел')
    """
    low = plain(word)
    if not is_cyrillic(low):
        return (low,)
    found = [low]
    found += [low[: -len(ending)] for ending in _ENDINGS if low.endswith(ending) and len(low) - len(ending) >= 2]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """A word in any script as lower-case Latin letters that stand for its sounds.

    >>> sound("Перегук") == sound("Perehuk"), sound("Щастя") == sound("Shchastya")
    (True, True)
    """
    text = anyascii(plain(word)).casefold()
    for written, heard in _FOLDS:
        text = text.replace(written, heard)
    return "".join(char for char in text if char.isalnum())


@lru_cache(maxsize=20_000)
def surname_key(name: str) -> str:
    """One key for a surname over scripts, spellings and case endings; for grouping statements of one speaker within one report.

    Vowels are dropped, since transliterations disagree about them; a name with fewer than three consonants keeps its vowels.

    >>> surname_key("Гринчишину") == surname_key("Hrynchyshyn")
    True
    >>> surname_key("Зеленського") == surname_key("Selenskyj") == surname_key("Zelensky")
    True
    """
    low = plain(name.rsplit(maxsplit=1)[-1]) if name.split() else ""
    if is_cyrillic(low):
        for ending in (
            "ого",
            "ому",
            "ови",
            "еви",
            "ой",
            "ою",
            "ым",
            "им",
            "ом",
            "ем",
            "ий",
            "ый",
            "ая",
            "а",
            "я",
            "у",
            "ю",
            "е",
            "и",
            "й",
            "ь",
        ):
            if low.endswith(ending) and len(low) - len(ending) >= 3:
                low = low[: -len(ending)]
                break
    else:
        low = re.sub(r"(?:yi|yj|yy|ij|iy|ii|y|i|j)$", "", low.removesuffix("'s"))
    heard = sound(low).replace("z", "s").replace("i", "")
    consonants = re.sub(r"(.)\1", r"\1", re.sub(r"[aeou]", "", heard))
    return consonants if len(consonants) >= 3 else heard.rstrip("aeou")


def words(text: str) -> list[tuple[str, int, int]]:
    """The words of ``text`` with their spans.

    >>> words("Крым.Реалии")
    [('Крым', 0, 4), ('Реалии', 5, 11)]
    """
    return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
