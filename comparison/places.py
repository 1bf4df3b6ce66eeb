"""Places named in a text, with a key that is equal across scripts and spellings, and how two places relate."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from comparison.folding import fold, known_language
from comparison.gazetteer import AREA, COUNTRY, REGION, TOWN, Gazetteer, load_gazetteer
from comparison.place_keys import place_key, same_name
from storage.records import Place
from storage.spellings import base_forms

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_BIG_CITY = 100_000
"""Inhabitants from which a town is believed without a preposition before it; smaller ones are too often also a surname."""


_GAP = r"(?:[^\W\d_]+ )?(?:[^\W\d_-]+(?:, | and | und | и | і | та | й | or | или | або | bis ))?"


class Relation(StrEnum):
    """How a passage's place stands to a claim's."""

    SAME = "same"
    WITHIN = "within"
    """The passage's lies in the claim's: Svatove in Luhansk region."""
    AROUND = "around"
    """The passage's contains the claim's: true, and less precise."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Words:
    region: re.Pattern[str]
    settlement: re.Pattern[str]
    at: re.Pattern[str]
    origin: re.Pattern[str]
    adjective: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "place_words.toml").read_text(encoding="utf-8"))


@cache
def _words(language: str) -> _Words:
    data = _data()
    before = r"(?<![^\W_])"
    return _Words(
        region=re.compile(rf"(?:{data['region'][language]})(?![^\W_])"),
        settlement=re.compile(rf"{before}(?:{data['settlement'][language]}) $"),
        # One adjective may stand between, and the first of two names: "in occupied Svatove", "in Brianka and Perevalsk".
        at=re.compile(rf"{before}(?:{data['at'][language]}) {_GAP}$"),
        origin=re.compile(rf"{before}(?:{data['origin'][language]}) {_GAP}$"),
        adjective=re.compile(r"(?P<stem>\w+?(?:ск|цк|зк|ськ|цьк|зьк))(?:ая|ой|ую|ий|ого|ому|им|ом|а|ої|ій|у|ою|е|ие|их|і)"),
    )


@cache
def _given_names() -> frozenset[str]:
    return frozenset(_data()["given_names"]["all"].split("|"))


def find_places(text: str, language: str) -> tuple[Place, ...]:
    """Countries, areas, regions and towns named in ``text``, in order.

    A town no list has is found behind a word such as "village". A key is an id for countries and regions ("UA.14"), the
    folded main name of a known town, and the consonants of an unknown one; which of several homonyms is meant stays open.

    >>> [(p.key, p.text) for p in find_places("Его держат в подвале в Зайцево, в Луганской области.", "ru")]
    [('saiseve', 'Зайцево'), ('UA.14', 'Луганской области')]
    """
    language = known_language(language)
    gazetteer, words, folded = load_gazetteer(), _words(language), fold(text)
    tokens = list(_WORD.finditer(text))
    found: list[Place] = []
    index = 0
    while index < len(tokens):
        if not text[tokens[index].start()].isupper():
            index += 1
            continue
        hit = _at(text, folded, tokens, index, language, gazetteer, words)
        if hit is None:
            index += 1
            continue
        key, last = hit
        start, end = tokens[index].start(), tokens[last].end()
        found.append(Place(key=key, text=text[start:end], start=start, end=end))
        index = last + 1
    return tuple(found)


def _at(
    text: str, folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: _Words
) -> tuple[str, int] | None:
    """(key, index of the last token) of the place that opens at ``index``, None when none does."""
    token = tokens[index]
    before = folded[max(0, token.start() - 40) : token.start()]
    region = _region_at(folded, tokens, index, language, gazetteer, words)
    if region is not None:
        return region
    for length in (3, 2, 1):
        last = index + length - 1
        if last >= len(tokens) or not _joined(text, tokens, index, last):
            continue
        phrase = folded[token.start() : tokens[last].end()]
        known = _word_id(phrase)
        if known:
            return known, last
        if length > 1 and text[tokens[last].start()].isupper():
            town = gazetteer.town(text[token.start() : tokens[last].end()], language, strict=True)
            if town is not None and len(_WORD.findall(town.name)) == length:
                return town.key, last
    return _town_at(text, folded, tokens, index, language, gazetteer, words, before)


def _town_at(
    text: str, folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: _Words, before: str
) -> tuple[str, int] | None:
    token = tokens[index]
    name = token.group()
    if len(name) < 3 or (name.isupper() and len(name) < 5):
        return None
    settled = words.settlement.search(before) is not None
    placed = settled or words.at.search(before) is not None or words.origin.search(before) is not None
    if fold(name) in _given_names() and not placed:
        return None
    follows_name = index + 1 < len(tokens) and _joined(text, tokens, index, index + 1) and text[tokens[index + 1].start()].isupper()
    after_name = index > 0 and _joined(text, tokens, index - 1, index) and text[tokens[index - 1].start()].isupper()
    if settled:
        known = gazetteer.town(name, language, strict=False)
        return (known.key if known is not None else place_key(_shortest(name), language)), index
    town = gazetteer.town(name, language, strict=not placed or language in ("en", "de"))
    if town is None:
        return None
    if placed and not (follows_name and not town.own and language != "de"):
        return town.key, index
    believed = town.population >= _BIG_CITY or town.own
    return (town.key, index) if believed and not after_name and not follows_name else None


def _region_at(
    folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: _Words
) -> tuple[str, int] | None:
    token = tokens[index]
    word = folded[token.start() : token.end()]
    following = index + 1 < len(tokens) and folded[token.end() : tokens[index + 1].start()] in (" ", "-")
    if language in ("ru", "uk"):
        match = words.adjective.fullmatch(word)
        for last in (index + 1, index + 2):
            if match is not None and last < len(tokens) and words.region.fullmatch(folded[tokens[last].start() : tokens[last].end()]):
                found = gazetteer.region(match["stem"], language)
                # "Луганская народная республика": one word may stand between.
                return (found, last) if found else None
        ending = re.fullmatch(
            r"(\w+(?:щин|ччин))(?:а|и|і|у|ою|ы|е|ой)|(\w+(?:атт|ощ|осков))(?:я|ю|ям|і|е|ье|ья|ьи)|(волин|буковин)(?:ь|і|ні|ню|а|и|у|ю)",
            word,
        )
        if ending is not None:
            found = gazetteer.regions.get(next(group for group in ending.groups() if group), "")
            return (found, index) if found else None
        return None
    if following and words.region.fullmatch(folded[tokens[index + 1].start() : tokens[index + 1].end()]):
        stem = word.removesuffix("er") if language == "de" and word not in gazetteer.regions else word
        found = gazetteer.region(stem, language)
        return (found, index + 1) if found else None
    before = folded[max(0, token.start() - 24) : token.start()]
    if re.search(rf"(?<![^\W_])(?:{_data()['region'][language]}) (?:of )?$", before):
        found = gazetteer.region(word, language) or gazetteer.region(word.removesuffix("s"), language)
        return (found, index) if found else None
    return None


@lru_cache(maxsize=32768)
def _word_id(phrase: str) -> str:
    """Id of the country or area that a folded word or phrase names, empty when none."""
    for place_id, _, _, pattern in load_gazetteer().words:
        if pattern.fullmatch(phrase):
            return place_id
    return ""


def _joined(text: str, tokens: list[re.Match[str]], first: int, last: int) -> bool:
    return all(text[tokens[number].end() : tokens[number + 1].start()] in (" ", "\u00a0") for number in range(first, last))


def _shortest(name: str) -> str:
    return base_forms(name)[-1]


def relate(claim_key: str, passage_key: str) -> Relation:
    """How the place of a passage stands to the place of a claim, both as keys of :func:`find_places`.

    >>> relate("UA.14", "svatove"), relate("svatove", "UA.14"), relate("saiseve", "perevalsk")
    (<Relation.WITHIN: 'within'>, <Relation.AROUND: 'around'>, <Relation.OTHER: 'other'>)
    """
    gazetteer = load_gazetteer()
    if claim_key == passage_key:
        return Relation.SAME
    if claim_key in gazetteer.ancestors(passage_key):
        return Relation.WITHIN
    if passage_key in gazetteer.ancestors(claim_key):
        return Relation.AROUND
    return Relation.OTHER


def is_town(key: str) -> bool:
    return load_gazetteer().level(key) == TOWN


def is_region(key: str) -> bool:
    """Whether it is a region or an area of several, between town and country."""
    return load_gazetteer().level(key) in (AREA, REGION)


def is_country(key: str) -> bool:
    return load_gazetteer().level(key) == COUNTRY


def is_only_origin(text: str, place: Place, language: str) -> bool:
    """Whether the text names the place as where somebody comes from, or in passing, and not as where something happens."""
    words = _words(known_language(language))
    before = fold(text[max(0, place.start - 40) : place.start])
    if words.origin.search(before) is not None:
        return True
    # Regions and countries stand in the genitive after a noun ("житель Тверской области"): no place of an event either.
    return words.at.search(before) is None and words.settlement.search(before) is None


@lru_cache(maxsize=131072)
def names_place(word: str, name: str, language: str, name_language: str) -> bool:
    """Whether one capitalised word of a text is the given place name in some script and case, gazetteer or not."""
    return word[:1].isupper() and len(word) > 2 and same_name(word, name, language, name_language)
