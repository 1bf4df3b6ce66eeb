"""Words by which a crawl tells pages on a report's subject from others, learned from the pages that it has read. Pure.

A word weighs what it separates: the logarithm of how much more often it stands in headlines and openings on the subject than in
others, language by language. So the words of an outlet's furniture, and of all news, weigh nothing, and those of another subject less.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from comparison.focus import entry_stems, stems
from comparison.folding import known_language
from config.outlet import Outlet
from storage.records import Entry, Extraction

OPENING = 400
"""Characters of a text that are learned from: what an announcement would say."""
NEEDED = 3
"""Pages that must have a word, on one side, before it weighs anything; and pages on the subject before any word of a language does."""
MAX_WEIGHT = 2.0
"""Bound of a word's weight: one that stands seven times as often in what is on the subject. More is mostly chance."""
SHRINKAGE = 8
"""Words that are added to an entry's own: of three words, two are soon in common."""
LEARNED = 1.0
"""What an entry gains, or loses, all of whose many words weigh MAX_WEIGHT."""
CHANGED = 0.02
"""Change of a promise that is worth writing down."""
HIGHEST = 0.89
"""Below what is cited by an article on the subject (``storage.citations``)."""


@dataclass(slots=True)
class _Counts:
    """Pages of one language, and in how many of them each word stands: on the subject, and not."""

    near: int = 0
    far: int = 0
    in_near: Counter[str] = field(default_factory=Counter)
    in_far: Counter[str] = field(default_factory=Counter)

    def weights(self) -> dict[str, float]:
        if self.near < NEEDED:
            return {}
        found = {}
        for word in {*self.in_near, *self.in_far}:
            near, far = self.in_near[word], self.in_far[word]
            odds = math.log((near + 0.5) / (self.near + 1)) - math.log((far + 0.5) / (self.far + 1))
            if (near if odds > 0 else far) >= NEEDED:
                found[word] = max(-MAX_WEIGHT, min(MAX_WEIGHT, odds))
        return found


@dataclass(slots=True)
class _Waiting:
    language: str
    words: tuple[str, ...]
    first: float
    """What the page promises by itself."""
    promise: float


class LearnedWords:
    """What was learned in one crawl, and the promises of the pages that wait in it."""

    def __init__(self, relevance: Callable[[Entry, Outlet], float]) -> None:
        self._relevance = relevance
        self._counts: dict[str, _Counts] = {}
        self._waiting: dict[int, _Waiting] = {}
        self.pages = 0
        """Pages learned from so far."""

    def learn(self, extraction: Extraction, *, near: bool) -> None:
        """Take in a page that was read; ``near``: it is on the subject of a report."""
        language = known_language(extraction.language)
        words = stems(f"{extraction.title}. {extraction.text[:OPENING]}", language)
        counts = self._counts.setdefault(language, _Counts())
        if near:
            counts.near += 1
            counts.in_near.update(words)
        else:
            counts.far += 1
            counts.in_far.update(words)
        self.pages += 1

    def watch(self, visit_id: int, entry: Entry, outlet: Outlet, promise: float) -> None:
        """Remember a waiting page, with the ``promise`` that is written down for it."""
        language, words = entry_stems(entry, outlet)
        self._waiting[visit_id] = _Waiting(language, tuple(sorted(words)), self._relevance(entry, outlet), promise)

    def forget(self, visit_ids: Iterable[int]) -> None:
        """Pages that wait no more."""
        for visit_id in visit_ids:
            self._waiting.pop(visit_id, None)

    def reconsider(self) -> list[tuple[int, float]]:
        """(visit, promise 0..1) of all waiting pages whose promise has changed by what was learned since the last time."""
        weights = {language: counts.weights() for language, counts in self._counts.items()}
        changed = []
        for visit_id, page in self._waiting.items():
            gain = _gain(page.words, weights.get(page.language, {}))
            promise = max(0.0, min(HIGHEST, page.first + gain))
            if abs(promise - page.promise) >= CHANGED:
                page.promise = promise
                changed.append((visit_id, round(promise, 4)))
        return changed

    def telling(self, count: int = 5) -> Mapping[str, tuple[str, ...]]:
        """Language -> the stems that speak most for the subject, each with its weight: why the order is what it is."""
        found = {}
        for language, counts in sorted(self._counts.items()):
            best = sorted(counts.weights().items(), key=lambda item: (-item[1], -counts.in_near[item[0]], item[0]))[:count]
            if best:
                found[language] = tuple(f"{word} {weight:+.1f}" for word, weight in best)
        return found


def _gain(words: tuple[str, ...], weights: Mapping[str, float]) -> float:
    """What the words of an entry add to its promise, -LEARNED..LEARNED."""
    if not words or not weights:
        return 0.0
    total = sum(weights.get(word, 0.0) for word in words)
    return LEARNED * total / MAX_WEIGHT / math.sqrt(len(words) * (len(words) + SHRINKAGE))
