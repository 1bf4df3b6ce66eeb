"""The vocabulary of places: ``data/place_words.toml`` compiled, one language at a time. All expressions are for folded text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_GAP = r"(?:[^\W\d_]+ )?(?:[^\W\d_-]+(?:, | and | und | и | і | та | й | or | или | або | bis ))?"


@dataclass(frozen=True, slots=True)
class PlaceWords:
    region: re.Pattern[str]
    settlement: re.Pattern[str]
    at: re.Pattern[str]
    at_once: re.Pattern[str]
    """The same with nothing between."""
    origin: re.Pattern[str]
    motion: re.Pattern[str]
    done_before: re.Pattern[str]
    """What is done to a town that stands behind it without a preposition; ``done_behind`` to one before it."""
    done_behind: re.Pattern[str]
    district: re.Pattern[str]
    adjective: re.Pattern[str]


@cache
def place_data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "place_words.toml").read_text(encoding="utf-8"))


@cache
def place_words(language: str) -> PlaceWords:
    data = place_data()
    before = r"(?<![^\W_])"
    return PlaceWords(
        region=re.compile(rf"(?:{data['region'][language]})(?![^\W_])"),
        settlement=re.compile(rf"{before}(?:{data['settlement'][language]}) $"),
        # One adjective may stand between, and the first of two names: "in occupied Svatove", "in Brianka and Perevalsk".
        at=re.compile(rf"{before}(?:{data['at'][language]}) {_GAP}$"),
        at_once=re.compile(rf"{before}(?:{data['at'][language]}|{data['origin'][language]}) $"),
        origin=re.compile(rf"{before}(?:{data['origin'][language]}) {_GAP}$"),
        motion=re.compile(rf"{before}(?:{data['motion'][language]})(?![^\W_])"),
        done_before=re.compile(rf"{before}(?:{data['done_to'][language]}) (?:[^\W\d_]+ )?$"),
        done_behind=re.compile(rf" (?:[^\W\d_]+ ){{0,2}}(?:{data['done_to'][language]})(?![^\W_])"),
        district=re.compile(rf"(?:{data['district'][language]})(?![^\W_])"),
        adjective=re.compile(r"(?P<stem>\w+?(?:ск|цк|зк|ськ|цьк|зьк))(?:ая|ой|ую|ий|ого|ому|им|ом|а|ої|ій|у|ою|е|ие|их|і)"),
    )


@cache
def towns_given_to_persons() -> frozenset[str]:
    return frozenset(place_data()["given_names"]["all"].split("|"))


@cache
def common_words(language: str) -> frozenset[str]:
    return frozenset(place_data()["common"].get(language, "").split("|"))


@cache
def never_places() -> frozenset[str]:
    return frozenset(place_data()["never"]["all"].split("|"))


@cache
def city_districts() -> frozenset[str]:
    return frozenset(place_data()["city_districts"]["all"].split("|"))


@cache
def waters(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Rivers; towns that are rivers too; what tells these; gulfs and the like before a name."""
    data = place_data()
    return (
        re.compile(data["waters"]["all"]),
        re.compile(data["river_towns"]["all"]),
        re.compile(rf"(?<![^\W_])(?:{data['on_water']['all']}) $"),
        re.compile(rf"(?<![^\W_])(?:{data['basin'][language]}) $"),
    )


REGION_BEFORE = {
    "en": re.compile(r"(?!)"),
    "de": re.compile(r"(?<![^\W_])(?:region|großraum|raum|provinz|gebiet) $"),
    "ru": re.compile(r"(?!)"),
    "uk": re.compile(r"(?!)"),
}
"""Behind which a town's name is believed: "in der Region Valencia"."""
