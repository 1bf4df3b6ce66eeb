"""Names of media over scripts, cases and quotation marks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from comparison.names import build_index, bundled_sources, name_key
from comparison.sounds import sound, surname_key


@dataclass(frozen=True)
class Card:
    id: str
    name: str
    owner: str
    also_known_as: tuple[str, ...] = ()


INDEX = build_index(
    [
        Card("strela_ru", "Стрела", "strela", ("Strela",)),
        Card("techas_ru", "Текущий час", "radio_meridian", ("Current Hour",)),
        Card("meridian_en", "Radio Meridian", "radio_meridian"),
        Card("listok_ru", "Городской листок", "listok"),
        Card("svoboda_ru", "Радио Свобода (RFE/RL Russian Service)", "rferl"),
        Card("tagblatt_de", "tagblatt.de", "tagblatt"),
    ],
    extra=("Крок за кроком",),
)

FOUND = [
    ("nominative", "ru", "Об этом сообщает «Стрела».", ["strela"]),
    ("genitive", "ru", "Расследование «Стрелы» вышло в среду.", ["strela"]),
    ("dative of two words", "ru", "Она рассказала Текущему часу, что было.", ["radio_meridian"]),
    ("a vowel that vanishes", "ru", "Он сказал «Городскому листку», что жив.", ["listok"]),
    ("Latin letters for a Cyrillic name", "en", "The outlet Gorodskoy Listok has the list.", ["listok"]),
    ("Cyrillic letters for a Latin name", "uk", "Про це пише «Радіо Меридіан».", ["radio_meridian"]),
    ("spaces left out", "en", "Research by RadioMeridian shows it.", ["radio_meridian"]),
    ("the half before a bracket", "ru", "Об этом пишет Радио Свобода.", ["rferl"]),
    ("a name of the report's chain that nobody bears", "uk", "Про це повідомляє видання «Крок за кроком».", ["named:krok-z-krok"]),
    ("a common noun in small letters", "ru", "Часть стрелы крана упала на дорогу.", []),
    ("a common noun at the start", "ru", "Стрела крана упала на дорогу.", []),
    ("part of a longer Latin name", "en", "It was in Business Insider on Monday.", []),
    ("a bundled name that an owner bears", "en", "RFE/RL reported it.", ["rferl"]),
    ("a bundled acronym", "de", "Kiew (dpa) - Der Winter kommt.", ["dpa"]),
]


@pytest.mark.parametrize(("why", "language", "text", "expected"), FOUND, ids=[case[0] for case in FOUND])
def test_names_in_a_text(why: str, language: str, text: str, expected: list[str]) -> None:
    assert [mention.named.key for mention in INDEX.mentions(text, language)] == expected, why


def test_a_bundled_name_belongs_to_the_outlet_that_bears_it() -> None:
    index = build_index([Card("x", "Meduza", "owner_of_meduza")])
    found = index.resolve("«Медуза»")
    assert found is not None
    assert found.key == "owner_of_meduza"


def test_the_bundled_list_names_nobody_twice() -> None:
    seen: dict[str, str] = {}
    for source in bundled_sources():
        for key in {name_key(name) for name in source.names}:
            assert seen.setdefault(key, source.id) == source.id, key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Гринчишина", "Hrynchyshyn"),
        ("Зеленського", "Selenskyj"),
        ("Зеленский", "Zelenskyy"),
        ("Гайдая", "Haidai"),
        ("Шойгу", "Schoigu"),
        ("Кличко", "Klitschko"),
    ],
)
def test_a_surname_has_one_key_over_scripts_and_cases(one: str, other: str) -> None:
    assert surname_key(one) == surname_key(other)


def test_sounds_tell_different_names_apart() -> None:
    assert len({sound(name) for name in ("Стрела", "Перегук", "Медуза", "Верстка", "Заслон", "Правда")}) == 6
