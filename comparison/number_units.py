"""What a number counts: the unit behind it, before it, or earlier in its clause; and persons who are counted apart."""

from __future__ import annotations

import re

from comparison.number_text import NumberText
from comparison.number_words import unit_of

MAX_ADJECTIVES = 3
EARLIER_TOKENS = 8
"""How far back in its clause a number at the end may look for what it counts."""

ROLE_REACH = 30
"""Characters to each side of a number within which "killed" or "wounded" says which persons are counted."""

_CURRENCY = {"$": "USD", "€": "EUR", "₽": "RUB", "₴": "UAH", "£": "GBP"}
_SIGNS = {**_CURRENCY, "%": "percent", "°": "degree"}
_STEMS = (
    ("jährig", "year"), ("tägig", "day"), ("stündig", "hour"), ("километров", "km"), ("кілометров", "km"), ("дневн", "day"),
    ("денн", "day"),
)  # fmt: skip
_SUBSTANTIVE = re.compile(r"\w+(?:ых|их|ые|ие|ыми|ими|ім|им)")
"""Russian and Ukrainian adjectives that may stand for persons ("военных") or before what is counted ("военных машин")."""
_THING_AFTER = re.compile(r"\w+(?:ий|ов|ев|ств|ків|тів|нів|рів|лів|ень|ль)")
_CLAUSE_MARKS = ".;:!?,"


def unit_after(source: NumberText, index: int) -> tuple[str, int]:
    """(unit, where its word ends) of what stands from a token on; at most three adjectives may come first. ("", 0) for none."""
    adjectives = 0
    position = index
    while position < len(source):
        word = source.word(position)
        if word in _SIGNS:
            return _SIGNS[word], source.end(position)
        if word == "-" and position == index and position + 1 < len(source) and source.start(position + 1) == source.end(position):
            position += 1  # "three-day", "300-километровый"
            continue
        if not word[0].isalpha():
            return "", 0
        unit, end = _unit_at(source, position)
        if unit:
            return unit, end
        if source.words.between.fullmatch(word) is None:
            if word in source.words.stop or source.words.adjective.fullmatch(word) is None or adjectives == MAX_ADJECTIVES:
                return "", 0
            adjectives += 1
        position += 1
    return "", 0


def _unit_at(source: NumberText, position: int) -> tuple[str, int]:
    word, follower = source.word(position), source.word(position + 1)
    joined = bool(follower) and source.joined(position, position + 1)
    if joined and (pair := unit_of(f"{word} {follower}", source.language)):
        return pair, source.end(position + 1)
    unit = unit_of(word, source.language) or next((unit for stem, unit in _STEMS if word.startswith(stem)), "")
    if unit == "person" and joined and source.language in ("ru", "uk") and _SUBSTANTIVE.fullmatch(word):
        counted = unit_of(follower, source.language)
        if counted:
            return counted, source.end(position + 1)
        if _THING_AFTER.fullmatch(follower) and follower not in source.words.stop:
            return "", 0
    return unit, source.end(position)


def unit_before(source: NumberText, start: int) -> tuple[str, int, bool]:
    """(unit, where its word starts, whether the order makes the number a guess): "человек двести" is about two hundred people."""
    index = source.token_before(start)
    word = source.word(index)
    if index >= 0 and word in _CURRENCY and source.end(index) == start:
        return _CURRENCY[word], source.start(index), False
    if index >= 0 and word in source.words.inverted and source.is_gap(source.end(index), start):
        return unit_of(word, source.language), source.start(index), True
    return "", start, False


def unit_earlier(source: NumberText, start: int, last: int) -> str:
    """The persons named earlier in the clause of a number that closes it: "Die Zahl der Gefangenen liegt bei 250."."""
    if last + 1 < len(source) and (source.word(last + 1)[0].isalnum() or source.word(last + 1) in "-–"):
        return ""
    index = source.token_before(start)
    for position in range(index, max(-1, index - EARLIER_TOKENS), -1):
        word = source.word(position)
        if not word[0].isalpha():
            return ""
        unit = unit_of(word, source.language)
        if unit:
            return unit if unit in ("person", "dead", "wounded") else ""
    return ""


def role_of(source: NumberText, unit: str, start: int, end: int) -> str:
    """``unit``, or "dead" or "wounded" where the clause says so of persons."""
    if unit != "person":
        return unit
    folded = source.folded
    left = max(folded.rfind(mark, 0, start) for mark in _CLAUSE_MARKS) + 1
    right = min((found for mark in _CLAUSE_MARKS if (found := folded.find(mark, end)) >= 0), default=len(folded))
    for role, pattern in source.words.roles:
        if pattern.search(folded, max(left, start - ROLE_REACH), start) or pattern.search(folded, end, min(right, end + ROLE_REACH)):
            return role
    return unit
