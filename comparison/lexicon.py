"""What two texts share in words, without any model: concepts of a small four-language vocabulary, names, numbers, lemmas.

Low recall, and fast: the crawl's order rests on it, and so does the comparison where no encoder is installed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources

from comparison.background import background_sentences
from comparison.folding import LANGUAGES, fold, known_language
from comparison.place_keys import place_key
from storage.lemmas import lemmatise
from storage.spellings import base_forms

Features = Mapping[str, float]
"""Feature -> weight. A feature opens with its kind: "c" concept, "k" name key, "n" number, "l" lemma of one language."""

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_DIGITS = re.compile(r"(?<![\w.,])\d{2,6}(?![\w.,]\d)")


@cache
def function_words() -> frozenset[str]:
    text = (resources.files("comparison") / "data" / "function-words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def concept_names() -> tuple[str, ...]:
    """All concepts, in the order of their list."""
    return tuple(row[0] for row in _concept_rows())


@cache
def _concept_rows() -> tuple[tuple[str, ...], ...]:
    text = (resources.files("comparison") / "data" / "concepts.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _concept_patterns() -> dict[str, re.Pattern[str]]:
    """Language -> one expression whose groups are concepts, matched from a folded word's start (German "+": anywhere)."""
    patterns = {}
    for column, language in enumerate(LANGUAGES, start=1):
        groups = []
        for row in _concept_rows():
            stems = (stem for stem in row[column].split(" ") if stem)
            groups.append(rf"(?P<{row[0]}>{'|'.join(_stem_pattern(stem) for stem in stems)})")
        patterns[language] = re.compile("|".join(groups))
    return patterns


def concept_stems(language: str) -> Iterator[tuple[str, str]]:
    """Concept and stem, for every stem of a language as it is written."""
    column = LANGUAGES.index(language) + 1
    for row in _concept_rows():
        for stem in row[column].split(" "):
            if stem:
                yield row[0], stem.removeprefix("+")


def _stem_pattern(stem: str) -> str:
    """A stem of up to three letters is a whole word: "son" is no part of "song"."""
    if stem.startswith("+"):
        return rf"\w*{stem[1:]}"
    return rf"{re.escape(stem)}s?$" if len(stem) <= 3 else re.escape(stem)


@lru_cache(maxsize=100_000)
def concept(word: str, language: str) -> str:
    """The concept a folded word belongs to, empty when it belongs to none.

    >>> concept("подвале", "ru"), concept("weinkeller", "de"), concept("song", "en")
    ('cellar', 'cellar', 'music')
    """
    match = _concept_patterns()[language].match(word)
    return match.lastgroup or "" if match is not None else ""


def features(text: str, language: str, *, lemmas: bool = True) -> dict[str, float]:
    """The weighted features of a text. Weights say how rare a feature is in the bundled background; unknown ones are rare."""
    language = known_language(language)
    found: Counter[str] = Counter()
    for index, match in enumerate(_WORD.finditer(text)):
        word = match.group()
        folded = fold(word)
        if folded in function_words():
            continue
        named = concept(folded, language)
        if named:
            found[f"c:{named}"] = 1
        elif word[0].isupper() and index and len(word) > 3 and (language != "de" or not is_german_noun(word)):
            key = place_key(base_forms(word)[-1], language)
            if len(key) >= 2:
                found[f"k:{key}"] = 1
    for match in _DIGITS.finditer(text):
        found[f"n:{match.group()}"] = 1
    if lemmas:
        for lemma in lemmatise(text, language):
            if len(lemma) > 3 and lemma not in function_words():
                found[f"l:{language}:{lemma}"] = 1
    return {feature: weight_of(feature) for feature in found}


def weight_of(feature: str) -> float:
    """How rare a feature is in the bundled background; one that it does not have is rare."""
    return _weights().get(feature, _RARE[feature[0]])


_RARE = {"c": 3.5, "k": 4.5, "n": 3.0, "l": 3.5}
"""Weights of features that the background does not have; a name in common says most, a bare number least."""


@lru_cache(maxsize=50_000)
def is_german_noun(word: str) -> bool:
    """German capitalises every noun: those that the lemmatiser knows are no names."""
    lemma = lemmatise(word, "de")
    return bool(lemma) and lemma[0] != word.lower()


@cache
def _weights() -> dict[str, float]:
    """Inverse document frequency over the bundled background sentences of all languages."""
    counts: Counter[str] = Counter()
    total = 0
    for language in LANGUAGES:
        for sentence in background_sentences(language):
            total += 1
            words = {fold(match.group()) for match in _WORD.finditer(sentence)}
            counts.update({f"c:{named}" for word in words if (named := concept(word, language))})
    return {feature: max(0.5, math.log((total + 1) / (count + 1)) * 0.6) for feature, count in counts.items()}


SHRINKAGE = 20.0
"""Added to each side's square: two short texts that share their only known word are not yet alike. On the development set
(tests/bench/claims_dev.toml) it doubles the average precision, .14 to .33."""


def likeness(left: Features, right: Features) -> float:
    """Shrunken cosine of two texts' features, 0..1. Lemmas count only where both texts are of one language."""
    dot = sum(weight * right[feature] for feature, weight in left.items() if feature in right)
    if dot == 0.0:
        return 0.0
    shared_kinds = _kinds(left) & _kinds(right)
    return dot / math.sqrt((_square(left, shared_kinds) + SHRINKAGE) * (_square(right, shared_kinds) + SHRINKAGE))


def _kinds(side: Features) -> set[str]:
    """ "c", "k", "n" always; "l:en" and its like only where the text has lemmas."""
    return {"c", "k", "n"} | {feature[:4] for feature in side if feature[0] == "l"}


def _square(side: Features, kinds: set[str]) -> float:
    return sum(weight * weight for feature, weight in side.items() if (feature[:4] if feature[0] == "l" else feature[0]) in kinds) or 1.0


def merged(parts: Iterable[Features]) -> dict[str, float]:
    """One bag for several texts; a feature that many of them have weighs more, by the root of their number."""
    counts: Counter[str] = Counter()
    weights: dict[str, float] = {}
    for part in parts:
        for feature, weight in part.items():
            counts[feature] += 1
            weights[feature] = weight
    return {feature: weight * math.sqrt(counts[feature]) for feature, weight in weights.items()}
