"""Texts whose kinship is known, made from the evaluation sets' own articles: edited copies, teasers, quoted passages, independents.

Deterministic. Edits are those of sub-editors and rewriters: words replaced by words of other articles of the language, left out, put in,
and sentences exchanged, 0 to 60 of 100 words. What the sets hold of independent articles on one event stays as it is.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.eval.sets import Article, Group, bench_sets, read_set

RATES = (0.0, 0.01, 0.02, 0.04, 0.06, 0.09, 0.12, 0.18, 0.3, 0.6)
EDITED_EACH = 3
TEASER_WORDS = (40, 70)
QUOTED_WORDS = (40, 80)
READ_ON = {"en": "Read the full story.", "de": "Mehr dazu im Originalbeitrag.", "ru": "Читайте полностью.", "uk": "Читайте повністю."}


@dataclass(frozen=True, slots=True)
class Text:
    outlet: str
    language: str
    text: str
    family: str
    """Equal for texts made from one original."""
    kind: str
    """"original", "edited", "teaser", "quoting"."""
    part: str = ""
    """A teaser's or a quotation's words as they stand in the original."""


def originals() -> list[Article]:
    """The bench sets' articles that nobody copied, of 60 words and more, by set and id."""
    found = [article for folder in bench_sets() for article in read_set(folder).articles if article.group is not Group.COPY]
    return [article for article in found if len(article.body.split()) >= 60]


def known_texts(sources: Sequence[Article], seed: int = 1) -> list[Text]:
    draw = random.Random(seed)
    vocabulary: dict[str, list[str]] = defaultdict(list)
    by_language: dict[str, list[Article]] = defaultdict(list)
    for article in sources:
        vocabulary[article.language] += re.findall(r"[^\W\d_]{3,}", article.body)
        by_language[article.language].append(article)
    found = []
    for number, article in enumerate(sources):
        family, language = f"{number}", article.language
        found.append(Text(f"origin{number % 5}", language, article.body, family, "original"))
        for copy in range(EDITED_EACH):
            rate = RATES[(number * EDITED_EACH + copy) % len(RATES)]
            found.append(Text(f"editor{copy}", language, edited(article.body, rate, vocabulary[language], draw), family, "edited"))
        part = passage(article.body, TEASER_WORDS, draw, start=0)
        found.append(Text("teaser", language, f"{part} {READ_ON[language]}", family, "teaser", part))
        host = draw.choice([other for other in by_language[language] if other is not article])
        part = passage(article.body, QUOTED_WORDS, draw)
        sentences = re.split(r"(?<=[.!?…])\s+", edited(host.body, 0.6, vocabulary[language], draw))
        sentences.insert(len(sentences) // 2, f"«{part}»")
        found.append(Text("quoting", language, " ".join(sentences), family, "quoting", part))
    return found


def passage(text: str, bounds: tuple[int, int], draw: random.Random, *, start: int | None = None) -> str:
    """A run of so many words of ``text`` as it stands; the whole where it is shorter."""
    words = list(re.finditer(r"\S+", text))
    length = min(draw.randint(*bounds), len(words))
    first = draw.randint(0, len(words) - length) if start is None else start
    return text[words[first].start() : words[first + length - 1].end()]


def edited(text: str, rate: float, vocabulary: Sequence[str], draw: random.Random) -> str:
    """``text`` with this share of its words touched: half of them replaced, a quarter left out, a quarter with a word put before them.

    From a twentieth on one pair of neighbouring sentences changes places, too.
    """
    sentences = re.split(r"(?<=[.!?…])\s+", text)
    if rate > 0.05 and len(sentences) > 2:
        at = draw.randrange(len(sentences) - 1)
        sentences[at : at + 2] = reversed(sentences[at : at + 2])
    return " ".join(_words(" ".join(sentences), rate, vocabulary, draw))


def _words(text: str, rate: float, vocabulary: Sequence[str], draw: random.Random) -> Iterator[str]:
    words = text.split()
    touched = set(draw.sample(range(len(words)), round(rate * len(words))))
    for index, word in enumerate(words):
        if index not in touched:
            yield word
            continue
        act = draw.random()
        if act < 0.5:
            yield draw.choice(vocabulary)
        elif act >= 0.75:
            yield draw.choice(vocabulary)
            yield word
