"""Place names across scripts and spellings: a consonant key to block by, and a vowelled form to confirm with.

Зайцево, Зайцеве, Zaitseve, Saizewe and Zaytsevo are one name; Валуйки is Valuyki and Waluiki. Homonyms stay one name: which of
several places is meant, a name alone cannot say.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from storage.spellings import base_forms, vowelled

LIKENESS = 78.0
"""Least rapidfuzz ratio (0..100) of two vowelled forms with one key that makes them one name."""

_NASAL = re.compile("[ęąĘĄ](?P<lips>(?=[bp]))?")
_VOWELS = str.maketrans("", "", "aeiou")


@lru_cache(maxsize=65536)
def place_key(name: str, language: str = "") -> str:
    """The consonants of :func:`vowelled`, equal for spellings of one name. Greedy: names that share a key need not be one.

    >>> place_key("Зайцеве") == place_key("Sajzewe", "de") == place_key("Zaitseve")
    True
    """
    return vowelled(name, language).translate(_VOWELS)


@lru_cache(maxsize=262144)
def same_name(left: str, right: str, left_language: str = "", right_language: str = "") -> bool:
    """Whether two spellings, in any script and case, are one place name.

    >>> same_name("Валуйках", "Waluiki", "ru", "de"), same_name("Valuyki", "Volgodonsk"), same_name("Брянка", "Брянск")
    (True, False, False)
    >>> same_name("Łęgowiec", "Ленговці", "pl", "uk"), same_name("Dąbrowa", "Домброва")
    (True, True)
    """
    for one in _forms(left):
        for other in _forms(right):
            if place_key(one, left_language) != place_key(other, right_language):
                continue
            a, b = vowelled(one, left_language), vowelled(other, right_language)
            if _alike(a, b):
                return True
    return False


_POLISH = re.compile("[ółżśćńźŁŻŚŹĆ]")
_AS_SPOKEN = tuple(
    (re.compile(letters, re.IGNORECASE), sound)
    for letters, sound in (
        ("(?<=[pkt])rz", "sh"), ("rz|ż", "zh"), ("sz", "sh"), ("cz", "ch"), ("ch", "kh"), ("w", "v"), ("ó", "u"), ("ł", "l"), ("ś", "s"),
        ("ć", "ts"), ("ń", "n"), ("ź", "z"), ("j", "i"), ("c(?!h)", "ts"),
    )
)  # fmt: skip


def _polish(name: str) -> tuple[str, ...]:
    """A name in Polish letters as other scripts write down what is heard; empty where it has none.

    >>> _polish("Przewodów"), _polish("Lublin")
    (('Pshevoduv',), ())
    """
    if _POLISH.search(name) is None:
        return ()
    for letters, sound in _AS_SPOKEN:
        name = letters.sub(sound, name)
    return (name,)


def _forms(name: str) -> tuple[str, ...]:
    """With the nasal vowels of Polish as other scripts write them down, beside their mere letters."""
    spoken = _NASAL.sub(lambda nasal: ("e" if nasal[0] in "ęĘ" else "o") + ("n" if nasal["lips"] is None else "m"), name)
    forms = base_forms(name) if spoken == name else (*base_forms(name), *base_forms(spoken))
    return (*forms, *_polish(spoken))


def _alike(left: str, right: str) -> bool:
    """Endings are left out of short names' comparison: "сватов" and "svatove" differ by what a case would add."""
    if fuzz.ratio(left, right) >= LIKENESS:
        return True
    short, long = sorted((left.rstrip("aeiou"), right.rstrip("aeiou")), key=len)
    return len(short) >= 3 and fuzz.ratio(short, long) >= LIKENESS + 6
