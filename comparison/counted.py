"""What a number of a text counts, beyond its unit: which persons, what is said of them, and which other thing. Pure.

"12 miners" and "186 rescuers" are both persons, and no two figures for one thing; "81 cases" and "64 Fällen" are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from comparison.folding import fold, known_language
from comparison.place_keys import place_key
from storage.claim_records import Number
from storage.lemmas import lemmatise

STATE_REACH = 44
"""Characters to each side of a number within which its clause says what happened to those counted."""
MAX_ADJECTIVES = 3
MIN_NOUN = 3
"""Letters from which a noun's consonants tell it from others."""
TELLING = 5.0
"""A figure from which a noun that no list has is worth comparing: "two sides" are everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one number counts; each field is empty where the text does not say."""

    kind: str
    """Which persons: "child", "helper" …; behind "part " where they are a part of those counted before ("four of them")."""
    states: frozenset[str]
    """What is said of them: "missing", "detained" …"""
    is_room: bool
    """Whether it says how many there is room for, or how many somebody owns."""
    thing: str
    """A listed thing ("attack"), or the consonants of a noun behind "~"."""

    def may_equal(self, other: Counted) -> bool:
        """Whether two counts of one unit may be of the same: not children beside rescuers, nor the missing beside the rescued."""
        if self.is_room != other.is_room:
            return False
        if self.thing != other.thing or (
            self.kind != other.kind and not {self.kind, other.kind} <= LOOSE_KINDS and {self.kind, other.kind} != _OFFICERS
        ):
            return False
        if self.kind and other.kind and self.kind != other.kind and {self.kind, other.kind} != _OFFICERS:
            return False
        return not self.states or not other.states or bool(self.states & other.states)


_OFFICERS = frozenset({"officer", "police"})
"""English calls policemen officers as well."""

LOOSE_KINDS = frozenset({"", "worker", "soldier", "passenger", "student", "official"})
"""Kinds that a text may also call people; two different ones are never the same, though."""


@dataclass(frozen=True, slots=True)
class _Words:
    kinds: re.Pattern[str]
    states: Mapping[str, re.Pattern[str]]
    room: re.Pattern[str]
    things: re.Pattern[str]
    vague: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "counted.toml").read_text(encoding="utf-8"))


@cache
def _words(language: str) -> _Words:
    data = _data()
    before, behind = r"(?<![^\W_])", r"(?![^\W_])"
    # Longer expressions first: "criminal cases" before "cases".
    things = sorted(data["things"].items(), key=lambda item: " " not in item[1][language])
    return _Words(
        kinds=re.compile(rf"{before}(?:{'|'.join(f'(?P<{kind}>{words[language]})' for kind, words in data['kinds'].items())}){behind}"),
        states={state: re.compile(rf"{before}(?:{words[language]}){behind}") for state, words in data["states"].items()},
        room=re.compile(rf"{before}(?:{data['room'][language]}) (?:[^\W\d_]+ )?$"),
        things=re.compile("|".join(f"(?P<{thing}>{words[language]})" for thing, words in things)),
        vague=re.compile(data["vague"][language]),
    )


@lru_cache(maxsize=16384)
def read_counted(text: str, number: Number, language: str) -> Counted:
    """What ``number`` of ``text`` counts.

    >>> from comparison.numbers import find_numbers
    >>> text = "Bei 64 Angriffen wurden elf Kinder gerettet, acht Retter vermisst."
    >>> [(c.kind, sorted(c.states), c.thing) for n in find_numbers(text, "de") for c in [read_counted(text, n, "de")]]
    [('', [], 'attack'), ('child', ['saved'], ''), ('helper', ['missing'], '')]
    """
    language = known_language(language)
    folded, words = fold(text), _words(language)
    kind = words.kinds.search(folded, number.start, number.end) if number.unit else None
    part = "part " if _OF_THEM.match(folded, number.end) is not None else ""
    thing = "" if number.unit else _thing(text, folded, number, language, words)
    is_room = words.room.search(folded, max(0, number.start - STATE_REACH), number.start) is not None
    states = _states(folded, number, words) if number.unit in ("person", "relative", "professional") else frozenset()
    return Counted(kind=part + ((kind.lastgroup or "") if kind is not None else ""), states=states, is_room=is_room, thing=thing)


def _states(folded: str, number: Number, words: _Words) -> frozenset[str]:
    """What the clause around a number says: behind it first, else before it, in both up to the next number."""
    within = {state for state, pattern in words.states.items() if pattern.search(folded, number.start, number.end)}
    if within:
        return frozenset(within)
    behind = _CLAUSE.match(folded, number.end, min(len(folded), number.end + STATE_REACH))
    before = _CLAUSE_BEFORE.search(folded, max(0, number.start - STATE_REACH), number.start)
    return frozenset(
        state
        for state, pattern in words.states.items()
        if (behind is not None and pattern.search(behind.group())) or (before is not None and pattern.search(before.group()))
    )


_OF_THEM = re.compile(r" (?:of them|of these|of those|of whom|von ihnen|davon|из них|из которых|з них|із них|з яких|із яких)(?![^\W_])")
_CLAUSE = re.compile(r"[^\d.,;:!?()]*")
# "Twelve miners are trapped and 186 rescuers": what stands before "and" is of the others.
_CLAUSE_BEFORE = re.compile(r"(?:(?!(?<![^\W_])(?:and|und|while|и|а|і|та|й) )[^\d.,;:!?()])*$")


def _thing(text: str, folded: str, number: Number, language: str, words: _Words) -> str:
    whole = _OF_WHOLE.match(folded, number.end)
    position, adjectives = whole.end() if whole is not None else number.end, 0
    while (match := _NEXT.match(folded, position)) is not None:
        word = match[1]
        for phrase in (match[2] and f"{word} {match[2]}", word):
            named = words.things.fullmatch(phrase) if phrase else None
            if named is not None:
                return named.lastgroup or ""
        if _is_noun(text[match.start(1) : match.end(1)], word, language):
            value = number.high or number.low or 0.0
            if value < TELLING or words.vague.fullmatch(word) is not None:
                return ""
            lemma = (lemmatise(word, language) or [""])[0]
            if _VERB[language].search(lemma) is not None:
                return ""
            # By its consonants, as places are: "протоколи" and "протоколы" are one noun.
            return f"~{place_key(lemma, language)}" if len(lemma) > MIN_NOUN else ""
        if adjectives == MAX_ADJECTIVES or _ADJECTIVE[language].fullmatch(word) is None:
            return ""
        adjectives, position = adjectives + 1, match.end(1)
    return ""


# A word, and the one behind it without being taken.
_NEXT = re.compile(r"(?: |-)(?:(?:of|the|von|der|из|із|з) )?([^\W\d_][\w'-]*)(?= ([^\W\d_][\w'-]*)|)")
# "146 of the 720 seats" are seats.
_OF_WHOLE = re.compile(
    r"(?: out)?(?: of(?: the| its| their)?| der| von(?: den| insgesamt)?| из| із| з)(?: insgesamt| общих)? \d[\d.,]*(?= )"
)
_NEVER = re.compile(r"(?!)")
_VERB = {"en": _NEVER, "de": _NEVER, "ru": re.compile(r"[аяеиуоы]ть(?:ся)?$|ти(?:сь)?$"), "uk": re.compile(r"ти(?:ся)?$")}
_ADJECTIVE = {
    "en": re.compile(r"(?!(?:in|on|at|to|of|for|from|with|by|and|or|but|was|were|is|are|had|has|have|while|when|as|after|since)$)[a-z'-]+"),
    "de": re.compile(r"[a-zäöüß]+(?:e|en|er|es|em)(?<!oder)(?<!aber)(?<!unter)(?<!über)"),
    "ru": re.compile(r"\w+(?:ых|их|ые|ие|ими|ыми)"),
    "uk": re.compile(r"\w+(?:их|ими|ні|ві|кі|рі|лі)"),
}
_NOUN = {
    "en": re.compile(r"[a-z-]{3,}(?:[^su]s|sses|ches)"),
    "de": re.compile(r"\w{4,}"),
    "ru": re.compile(r"\w{2,}(?:ов|ев|ей|ий|ек|ок|ик|т|д|р|н|м|л|з|с|к|г|ц|б|п|в|ш|ж|ч|а|ы|и)(?<!ся)"),
    "uk": re.compile(r"\w{2,}(?:ів|їв|ей|ень|ань|ок|ек|ик|т|д|р|н|м|л|з|с|к|г|ц|б|п|ш|ж|ч|и|і)(?<!ся)"),
}
_NO_NOUN = re.compile(
    r"(?:из|от|под|над|при|без|для|после|через|или|что|как|уже|еще|они|был|были|тем|там|так|вчера|від|під|при|без|для|після|через|або|чи"
    r"|що|як|вже|ще|вони|був|були|там|так|щоб|also|plus|was|has|does|thus|perhaps|always|less|across|plus|versus|besides)"
)


def _is_noun(written: str, word: str, language: str) -> bool:
    if _NO_NOUN.fullmatch(word) is not None or _NOUN[language].fullmatch(word) is None:
        return False
    if written.isupper():
        return False
    return language != "de" or written[0].isupper()
