"""Places named in a text, with a key that is equal across scripts and spellings, and how two places relate."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache

from simplemma import is_known

from comparison.folding import fold, known_language
from comparison.gazetteer import AREA, COUNTRY, DISTRICT, NEAR, REGION, TOWN, Gazetteer, Town, load_gazetteer
from comparison.given_names import is_given_name
from comparison.place_keys import place_key, same_name
from comparison.place_words import (
    REGION_BEFORE,
    PlaceWords,
    city_districts,
    common_words,
    never_places,
    place_data,
    place_words,
    towns_given_to_persons,
    waters,
)
from storage.claim_records import Place
from storage.spellings import base_forms

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
# "Syria's" is Syria: an English s behind an apostrophe is none of the name.
_ENGLISH_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-](?!s(?![^\W\d_]))[^\W\d_]+)*")
_OF_PERSONS = re.compile(r"(?<![^\W_])(?:за|для|к|ко|от|с|со|у|по|про|через|до|від|із|з) $")
_CAMEL = re.compile(r"\w*[a-zа-я][A-ZА-Я]")
_PLAIN_PREPOSITION = re.compile(r"(?<![^\W_])(?:in|nach|bei|aus|from|near|at|to|в|у|из|з|із|под|під|до) $")
_WORLD_CITY = 300_000
"""As ``_BIG_CITY``, outside the countries of the war."""
_BIG_CITY = 100_000
"""Inhabitants from which a town is believed without a preposition before it; smaller ones are too often also a surname."""


_CLAUSE = re.compile(r"[^.,;:!?]*")
MOTION_REACH = 48
"""Characters behind "from" and a place within which a verb may say that somebody left it."""


class Relation(StrEnum):
    """How a passage's place stands to a claim's."""

    SAME = "same"
    WITHIN = "within"
    """The passage's lies in the claim's: Svatove in Luhansk region."""
    AROUND = "around"
    """The passage's contains the claim's: true, and less precise."""
    OTHER = "other"


@lru_cache(maxsize=4096)
def find_places(text: str, language: str) -> tuple[Place, ...]:
    """Countries, areas, regions and towns named in ``text``, in order.

    A town no list has is found behind a word such as "village". A key is an id for countries and regions ("UA.14"), the
    folded main name of a known town, and the consonants of an unknown one; which of several homonyms is meant stays open.

    >>> [(p.key, p.text) for p in find_places("Его держат в подвале в Зайцево, в Луганской области.", "ru")]
    [('saiseve', 'Зайцево'), ('UA.14', 'Луганской области')]
    """
    language = known_language(language)
    gazetteer, words, folded = load_gazetteer(), place_words(language), fold(text)
    tokens = list((_ENGLISH_WORD if language == "en" else _WORD).finditer(text))
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
    text: str, folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: PlaceWords
) -> tuple[str, int] | None:
    """(key, index of the last token) of the place that opens at ``index``, None when none does."""
    token = tokens[index]
    before = folded[max(0, token.start() - 40) : token.start()]
    if _is_water(folded[token.start() : token.end()], before, language):
        return None
    region = _region_at(folded, tokens, index, language, gazetteer, words)
    if region is not None:
        return region
    if _names_city_district(folded, tokens, index, words):
        return None
    for length in (3, 2, 1):
        last = index + length - 1
        if last >= len(tokens) or not _joined(text, tokens, index, last):
            continue
        phrase = folded[token.start() : tokens[last].end()]
        known = _word_id(phrase)
        if known and not (length == 1 and language in ("en", "de") and _is_surname(text, tokens, index)):
            return known, last
        if length > 1 and text[tokens[last].start()].isupper():
            town = gazetteer.town_of_words([item.group() for item in tokens[index : last + 1]], language)
            if town is not None:
                return town.key, last
    return _town_at(text, folded, tokens, index, language, gazetteer, words, before)


_MASCULINE = re.compile(r"\w+(?:ском|цком|ському|цькому|ським|цьким)")
_INSTRUMENTAL = re.compile(r"(?<![^\W_])(?:под|над|за|перед|между|рядом с|с|із|з|зі|під|перед|між|поруч із) $")


def _is_described(folded: str, tokens: list[re.Match[str]], index: int, before: str) -> bool:
    """Whether an adjective stands before what it describes: "на Киевском вокзале" names no town that is called "Киевск"."""
    word = folded[tokens[index].start() : tokens[index].end()]
    joined = folded[tokens[index].end() : tokens[index + 1].start()] == " "
    return joined and _MASCULINE.fullmatch(word) is not None and _INSTRUMENTAL.search(before) is None


_FEMININE = re.compile(r"\w+(?:ськ|ск|цьк|цк)(?:ої|ой)")


def _is_water(word: str, before: str, language: str) -> bool:
    """Whether a capitalised word is a river, or belongs to the name of a gulf or strait: "на Дунае", "на Днепре", "Gulf of Finland"."""
    rivers, river_towns, on_water, basin = waters(language)
    if rivers.fullmatch(word) is not None or basin.search(before) is not None:
        return True
    return river_towns.fullmatch(word) is not None and on_water.search(before) is not None


def _town_at(
    text: str, folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: PlaceWords, before: str
) -> tuple[str, int] | None:
    token = tokens[index]
    name = token.group()
    if len(name) < 3 or (name.isupper() and len(name) < 5):
        return None
    settled = words.settlement.search(before) is not None
    placed = (
        settled
        or REGION_BEFORE[language].search(before) is not None
        or words.at.search(before) is not None
        or words.origin.search(before) is not None
    )
    if (fold(name) in towns_given_to_persons() and not placed) or fold(name) in never_places() or _CAMEL.match(name) is not None:
        return None
    if language in ("ru", "uk") and not settled and _OF_PERSONS.search(before) is not None and is_given_name(name):
        # "За Олесю", "у Марії": somebody, and no town of that name.
        return None
    follows_name = index + 1 < len(tokens) and _joined(text, tokens, index, index + 1) and text[tokens[index + 1].start()].isupper()
    after_name = index > 0 and _joined(text, tokens, index - 1, index) and text[tokens[index - 1].start()].isupper()
    at_once = words.at_once.search(before) is not None
    if fold(name) in common_words(language) and _PLAIN_PREPOSITION.search(before) is None:
        return None
    if settled:
        known = _town(name, language, strict=language in ("en", "de"))
        if known is None and language in ("en", "de") and is_known(name, lang=language):
            # "In der Stadt Menschen …": an ordinary noun behind the word is no name.
            return None
        return (known.key if known is not None else place_key(_shortest(name), language)), index
    if not settled and index + 1 < len(tokens) and not follows_name and _is_described(folded, tokens, index, before):
        return None
    if not at_once and index + 1 < len(tokens) and not follows_name and _FEMININE.fullmatch(fold(name)) is not None:
        # "Київської школи економіки": an adjective before what it describes, no town.
        return None
    town = _town(name, language, strict=not placed or language in ("en", "de"), placed=at_once)
    if town is None:
        return _attribute_at(text, tokens, index, language, gazetteer)
    if language in ("en", "de") and not town.own and not gazetteer.is_spelled(name, town, language) and is_known(name, lang=language):
        # "Im Jahr" sounds like a town on the White Sea; an ordinary noun is a town only where it is spelled as one.
        return None
    if not town.own and not town.parents & NEAR and town.population < _BIG_CITY and not at_once:
        return None
    if placed and not (follows_name and not town.own and language != "de"):
        return town.key, index
    if after_name or follows_name or not (town.own or gazetteer.is_spelled(name, town, language)):
        return None
    believed = (
        town.population >= (_BIG_CITY if town.parents & NEAR else _WORLD_CITY) or town.own or _is_acted_on(folded, token, before, words)
    )
    return (town.key, index) if believed else None


def _attribute_at(text: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer) -> tuple[str, int] | None:
    """A German town before what belongs to it: "Leipziger Schulen", "die Brüsseler Innenstadt"."""
    name = tokens[index].group()
    if language != "de" or index + 1 >= len(tokens) or not _joined(text, tokens, index, index + 1):
        return None
    if not name.endswith("er") or len(name) <= SHORTEST_ATTRIBUTE or not text[tokens[index + 1].start()].isupper():
        return None
    base = name.removesuffix("er")
    for one in (base, f"{base}e", f"{base[:-1]}e{base[-1]}"):
        # "Dresdner" and "Bremer" drop a vowel of the town's.
        town = _town(one, language, strict=True, placed=True)
        if town is not None and (town.own or town.population >= _BIG_CITY) and gazetteer.is_spelled(one, town, language):
            return town.key, index
    return None


SHORTEST_ATTRIBUTE = 6
"""Letters from which a German word that ends in "er" may be made of a town's name."""


@lru_cache(maxsize=32768)
def _town(name: str, language: str, *, strict: bool, placed: bool = False) -> Town | None:
    """As ``Gazetteer.town``: news names the same few places over and over."""
    return load_gazetteer().town(name, language, strict=strict, placed=placed)


def _is_acted_on(folded: str, token: re.Match[str], before: str, words: PlaceWords) -> bool:
    """Whether something is done to what the token names: "Kunduz verlassen", "освободили Лиман"."""
    return words.done_before.search(before) is not None or words.done_behind.match(folded, token.end()) is not None


def _region_at(
    folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: PlaceWords
) -> tuple[str, int] | None:
    token = tokens[index]
    word = folded[token.start() : token.end()]
    following = index + 1 < len(tokens) and folded[token.end() : tokens[index + 1].start()] in (" ", "-")
    if (following or language in ("ru", "uk")) and not _names_city_district(folded, tokens, index, words):
        district = _district_at(folded, tokens, index, language, gazetteer, words)
        if district is not None:
            return district
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
    if re.search(rf"(?<![^\W_])(?:{place_data()['region'][language]}) (?:of )?$", before):
        found = gazetteer.region(word, language) or gazetteer.region(word.removesuffix("s"), language)
        return (found, index) if found else None
    return None


def _district_at(
    folded: str, tokens: list[re.Match[str]], index: int, language: str, gazetteer: Gazetteer, words: PlaceWords
) -> tuple[str, int] | None:
    """A district named for its town: "в Старобельском районе", "Starobilsk district"."""
    if index + 1 >= len(tokens) or words.district.fullmatch(folded[tokens[index + 1].start() : tokens[index + 1].end()]) is None:
        return None
    word = folded[tokens[index].start() : tokens[index].end()]
    stems = [word]
    if language in ("ru", "uk"):
        match = words.adjective.fullmatch(word)
        if match is None:
            return None
        stems = [match["stem"], re.sub(r"(?:ськ|ск|цьк|цк|зьк|зк)$", "", match["stem"])]
    for stem in stems:
        town = _town(stem, language, strict=stem is not stems[0])
        if town is not None and (town.own or town.parents & NEAR):
            return DISTRICT + town.key, index + 1
    return None


def _names_city_district(folded: str, tokens: list[re.Match[str]], index: int, words: PlaceWords) -> bool:
    """Whether a token is the name of one of the districts that every second city has: "в Октябрьском районе"."""
    if index + 1 >= len(tokens) or words.district.fullmatch(folded[tokens[index + 1].start() : tokens[index + 1].end()]) is None:
        return False
    match = words.adjective.fullmatch(folded[tokens[index].start() : tokens[index].end()])
    return match is not None and match["stem"] in city_districts()


@lru_cache(maxsize=32768)
def _word_id(phrase: str) -> str:
    """Id of the country or area that a folded word or phrase names, empty when none."""
    if _any_word().fullmatch(phrase) is None:
        return ""
    return next(place_id for place_id, _, _, pattern in load_gazetteer().words if pattern.fullmatch(phrase))


@cache
def _any_word() -> re.Pattern[str]:
    """All countries and areas at once: most phrases are none."""
    return re.compile("|".join(f"(?:{pattern.pattern})" for _, _, _, pattern in load_gazetteer().words))


def _joined(text: str, tokens: list[re.Match[str]], first: int, last: int) -> bool:
    return all(
        (gap := text[tokens[number].end() : tokens[number + 1].start()]) in (" ", "\u00a0")
        # "St. Petersburg"
        or (gap in (". ", ".\u00a0") and tokens[number].group() in ("St", "Ste", "Mt", "Ft"))
        for number in range(first, last)
    )


def _is_surname(text: str, tokens: list[re.Match[str]], index: int) -> bool:
    """Whether a given name stands before a token: "Peter Wales"."""
    return index > 0 and _joined(text, tokens, index - 1, index) and is_given_name(tokens[index - 1].group())


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
    if claim_key.startswith(DISTRICT) != passage_key.startswith(DISTRICT):
        # Which villages lie in a district no list tells: any of the same region may.
        wide, narrow = (claim_key, passage_key) if claim_key.startswith(DISTRICT) else (passage_key, claim_key)
        if wide == DISTRICT + narrow or (is_town(narrow) and _regions(gazetteer, wide) & _regions(gazetteer, narrow)):
            return Relation.WITHIN if wide == claim_key and wide == DISTRICT + narrow else Relation.AROUND
    if claim_key in gazetteer.ancestors(passage_key):
        return Relation.WITHIN
    if passage_key in gazetteer.ancestors(claim_key):
        return Relation.AROUND
    return Relation.OTHER


def _regions(gazetteer: Gazetteer, key: str) -> frozenset[str]:
    return frozenset(parent for parent in gazetteer.ancestors(key) if "." in parent)


def is_homonym(key: str) -> bool:
    """Whether several small places bear the name, so that which is meant stays open."""
    return load_gazetteer().is_homonym(key)


def is_town(key: str) -> bool:
    return load_gazetteer().level(key) == TOWN


def is_region(key: str) -> bool:
    """Whether it is a region or an area of several, between town and country."""
    return load_gazetteer().level(key) in (AREA, REGION)


def is_country(key: str) -> bool:
    return load_gazetteer().level(key) == COUNTRY


def comes_from(text: str, place: Place, language: str) -> bool:
    """Whether the text names the place as where somebody or something comes from: "the warning from Poland"."""
    words = place_words(known_language(language))
    before = fold(text[max(0, place.start - 40) : place.start])
    if words.origin.search(before) is None or words.motion.search(before) is not None:
        return False
    # "The men withdrew from Lyman", "aus Lyman zogen sie ab" were there; "a man from Lyman" may be anywhere.
    clause = _CLAUSE.match(fold(text), place.end, min(len(text), place.end + MOTION_REACH))
    return clause is None or words.motion.search(clause.group()) is None


def is_only_origin(text: str, place: Place, language: str) -> bool:
    """Whether the text names the place as where somebody comes from, or in passing, and not as where something happens."""
    words = place_words(known_language(language))
    before = fold(text[max(0, place.start - 40) : place.start])
    if words.origin.search(before) is not None:
        return comes_from(text, place, language)
    if words.at.search(before) is not None or words.settlement.search(before) is not None:
        return False
    named = re.sub(rf"(?:{place_data()['region'][known_language(language)]}) (?:of )?$", "", before)
    if named != before and words.at.search(named) is not None:
        return False
    # Regions and countries stand in the genitive after a noun ("житель Тверской области"): no place of an event either.
    return not is_town(place.key) or not _is_acted_on_at(text, place, before, words)


def _is_acted_on_at(text: str, place: Place, before: str, words: PlaceWords) -> bool:
    return words.done_before.search(before) is not None or words.done_behind.match(fold(text), place.end) is not None


@lru_cache(maxsize=131072)
def names_place(word: str, name: str, language: str, name_language: str) -> bool:
    """Whether one capitalised word of a text is the given place name in some script and case, gazetteer or not."""
    return word[:1].isupper() and len(word) > 2 and same_name(word, name, language, name_language)
