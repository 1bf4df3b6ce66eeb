"""Articles by the thousand in four languages, in the shape of news, with copies that are known. Deterministic.

Words are drawn from the lemmatiser's dictionaries (some 40,000 forms a language) with the frequencies of Zipf's law, places from the
gazetteer, each in the spelling of its language; an article has 120 to 700 words. One in ten is a copy of one of the last 2,000
articles of its language at another outlet: word for word, edited (2 % of its words changed), or its first third.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import simplemma.strategies.dictionaries.dictionary_factory as dictionaries

from config.outlet import Outlet

LANGUAGES = ("en", "de", "ru", "uk")
OUTLETS_EACH = 15
VOCABULARY = 40_000
COPIES = 0.10
REMEMBERED = 2_000
PLACES = {
    "en": ("Svatove", "Zaitseve", "Valuyki", "Kyiv", "Kharkiv", "Zaporizhzhia", "Luhansk", "Dnipro", "Kreminna", "Perevalsk"),
    "de": ("Swatowe", "Sajzewe", "Waluiki", "Kiew", "Charkiw", "Saporischschja", "Luhansk", "Dnipro", "Kreminna", "Perewalsk"),
    "ru": ("Сватово", "Зайцево", "Валуйках", "Киеве", "Харькове", "Запорожье", "Луганске", "Днепре", "Кременной", "Перевальске"),
    "uk": ("Сватовому", "Зайцевому", "Валуйках", "Києві", "Харкові", "Запоріжжі", "Луганську", "Дніпрі", "Кремінній", "Перевальську"),
}
COMMON = {
    "en": "the of and to in a said that on for was with is by at from he as were it",
    "de": "der die und in den von zu mit das auf für sich des ist im dem nicht eine sagte wurde",
    "ru": "в и на что по с не из за о от к он был это для как года его сказал",
    "uk": "в і на що з не до у за про від він був це для як року його та сказав",
}
_LETTERS = {"en": re.compile(r"[a-z]{3,14}"), "de": re.compile(r"[A-Za-zäöüß]{3,16}")}
_CYRILLIC = re.compile(r"[а-яіїєґ]{3,16}")


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    outlet: str
    language: str
    title: str
    text: str
    original: int | None
    """Number of the article that this is a copy of."""
    kind: str
    """"exact", "near", "contained"; empty for an article of its own."""

    @property
    def url(self) -> str:
        return f"https://{self.outlet.replace('_', '-')}.example/news/{self.number}-item.html"


def outlets() -> list[Outlet]:
    return [
        Outlet.model_validate(
            {
                "id": f"paper{number}_{language}",
                "name": f"Paper {number} ({language})",
                "language": language,
                "owner": f"owner{number}",
                "homepage": f"https://paper{number}-{language}.example/",
                "domains": [f"paper{number}-{language}.example"],
                "identity": {"id_pattern": r"/(\d+)-item\.html"},
            }
        )
        for language in LANGUAGES
        for number in range(OUTLETS_EACH)
    ]


def vocabulary(language: str) -> list[str]:
    """The most frequent word first."""
    draw = random.Random(language)
    allowed = _LETTERS.get(language, _CYRILLIC)
    known = [word for word in dictionaries.DefaultDictionaryFactory().get_dictionary(language) if allowed.fullmatch(word)]
    common = COMMON[language].split()
    return [*common, *draw.sample(sorted(set(known) - set(common)), VOCABULARY - len(common))]


def generate(count: int, seed: int = 1) -> Iterator[Item]:
    """``count`` articles, numbered from 1. A larger count begins with the same articles."""
    draw = random.Random(seed)
    words = {language: vocabulary(language) for language in LANGUAGES}
    # Zipf's law, a little flattened at the top as in news.
    weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
    recent: dict[str, deque[Item]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
    for number in range(1, count + 1):
        language = draw.choice(LANGUAGES)
        outlet = f"paper{draw.randrange(OUTLETS_EACH)}_{language}"
        known = recent[language]
        if len(known) > 20 and draw.random() < COPIES:
            item = _copy(draw, number, outlet, draw.choice(known), words[language], weights)
            if item is not None:
                yield item
                continue
        text = _text(draw, language, words[language], weights)
        title = " ".join(draw.choices(words[language], cum_weights=weights, k=7)).capitalize()
        item = Item(number, outlet, language, f"{title} {draw.choice(PLACES[language])}", text, None, "")
        known.append(item)
        yield item


def _text(draw: random.Random, language: str, words: list[str], weights: list[float]) -> str:
    paragraphs, left = [], draw.randint(120, 700)
    while left > 0:
        sentences = []
        for _ in range(draw.randint(2, 4)):
            length = draw.randint(7, 24)
            left -= length
            sentence = draw.choices(words, cum_weights=weights, k=length)
            if draw.random() < 0.25:
                sentence[draw.randrange(length)] = draw.choice(PLACES[language])
            if draw.random() < 0.3:
                sentence[draw.randrange(length)] = str(draw.randint(2, 900))
            sentence[0] = sentence[0].capitalize()
            sentences.append(" ".join(sentence) + ".")
        paragraphs.append(" ".join(sentences))
    return "\n".join(paragraphs)


def _copy(draw: random.Random, number: int, outlet: str, of: Item, words: list[str], weights: list[float]) -> Item | None:
    if of.outlet == outlet:
        return None
    kind = draw.choices(("exact", "near", "contained"), weights=(4, 4, 2))[0]
    text = of.text
    if kind == "near":
        parts = re.split(r"(\s+)", text)
        for place in draw.sample(range(0, len(parts), 2), max(1, len(parts) // 100)):
            parts[place] = draw.choices(words, cum_weights=weights)[0]
        text = "".join(parts)
    elif kind == "contained":
        paragraphs = text.split("\n")
        text = "\n".join(paragraphs[: max(1, len(paragraphs) // 3)])
    return Item(number, outlet, of.language, f"{of.title} {number}", text, of.number, kind)
