"""Which articles have sentences that say the same as another's, by given sentence vectors: the few that are worth aligning. Pure.

An article is multiplied with those of the days around it, many articles at a time: no pair is left out, so that nothing depends on what
else is looked at. The work grows with the square of the related articles of a month, by a few microseconds for two of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comparison.alignment import MIN_PARTLY
from comparison.encoders import Encoder
from comparison.passages import Span

WINDOW_DAYS = 30.0
"""Days between two publications beyond which one is not looked for in the other; an undated one is compared with all."""
UNSURE_DAYS = 4.0
"""By how much a text may seem to be published after one that was taken from it: two days without a clock, of zones far apart, and some."""
BLOCK_ROWS = 512
"""Sentences that are multiplied at a time: products of so many take a fifth of the time for each."""
BLOCK_COLUMNS = 16_384
"""Sentences that a block is multiplied with at a time, or those of one article: the product is 32 MB."""
BLOCK_DAYS = 2.0
"""Between the first and the last article of a block: their windows must be nearly one."""

NEVER = 2.0
"""A cosine that no two sentences have."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines from which two sentences say the same, for one encoder.

    Set on the tuning part of the evaluation sets: with these, 24 of 25 copies have more than .45 of their sentences in order, and no
    other pair of related articles has; USE separates wider than E5.
    """

    same_language: float
    across: float
    across_ukrainian: float

    def of(self, one: str, other: str) -> float:
        if one == other:
            return self.same_language
        # Russian and Ukrainian are near to each other; both far from the rest, where the model knows less Ukrainian.
        return self.across_ukrainian if "uk" in (one, other) and "ru" not in (one, other) else self.across


E5_THRESHOLDS = Thresholds(0.90, 0.88, 0.87)
OTHER_THRESHOLDS = Thresholds(0.68, 0.56, 0.56)

HUB_THRESHOLDS = Thresholds(0.82, 0.78, 0.76)
"""For a model of the user's own, set on EmbeddingGemma: needed only where the packaged encoders are not installed. With these no pair of
articles that are no copies of each other is aligned, partly or wholly, of 11,014 on the tuning part, and 54 of 65 pairs of a copy with
one of its family are; in one language there is room from .82 to .90, across languages from .78 to .80."""

E5_ALONE, OTHER_ALONE, HUB_ALONE = Thresholds(0.92, 0.90, 0.89), Thresholds(0.72, 0.68, 0.68), Thresholds(0.86, 0.84, 0.80)
"""The same for sentences that stand alone. In an alignment the order of the others speaks too, so that less likeness is enough."""


def thresholds_for(encoder: Encoder, *, alone: bool = False) -> Thresholds:
    """What ``encoder``'s cosines must reach, for sentences in the order of a text or ``alone``."""
    if encoder.short == "hub":
        return HUB_ALONE if alone else HUB_THRESHOLDS
    if encoder.languages is None:
        return E5_ALONE if alone else E5_THRESHOLDS
    return OTHER_ALONE if alone else OTHER_THRESHOLDS


@dataclass(frozen=True, slots=True)
class ArticleVectors:
    """The sentences of one article that count, with their vectors."""

    spans: tuple[Span, ...]
    rows: NDArray[np.float32]
    """(len(spans), dimensions)."""


class View:
    """The sentences of many articles as one encoder sees them, in one matrix, in the order of time.

    Where times of publication are given, an article is compared with those within WINDOW_DAYS and with undated ones: none else can be
    its source. Over years of articles that is a small part.
    """

    def __init__(
        self,
        vectors: Mapping[int, ArticleVectors],
        languages: Mapping[int, str],
        thresholds: Thresholds,
        days: Mapping[int, float] | None = None,
    ) -> None:
        self.thresholds = thresholds
        self.languages = languages
        """Of every article in ``vectors``."""
        self._day_of = days or {}
        # The undated stand first, then the others by time.
        dated = (article_id for article_id, own in vectors.items() if len(own.spans))
        self._ids = sorted(dated, key=lambda article_id: (self._day_of.get(article_id, -np.inf), article_id))
        self._place_of = {article_id: place for place, article_id in enumerate(self._ids)}
        self._days = np.array([self._day_of.get(article_id, -np.inf) for article_id in self._ids])
        counts = [len(vectors[article_id].spans) for article_id in self._ids]
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        """One a place, and the end."""
        self._owner: Places = np.repeat(np.arange(len(self._ids)), counts)
        """Row -> place."""
        self._rows = (
            np.concatenate([vectors[article_id].rows for article_id in self._ids]) if counts else np.empty((0, 0), dtype=np.float32)
        )
        # Views into the one matrix: the given rows can go.
        self.vectors = {
            article_id: ArticleVectors(vectors[article_id].spans, self._rows[self._starts[place] : self._starts[place + 1]])
            for article_id, place in self._place_of.items()
        }
        self._needed: dict[str, NDArray[np.float32]] = {}

    def pairs(self, one: str, other: str) -> bool:
        """Whether this view compares texts of these two languages."""
        return True

    def near(self, article_ids: Iterable[int]) -> dict[int, list[int]]:
        """Each article -> the others, by id, that have a sentence like at least ``MIN_PARTLY`` of its own and may be its source by their
        times, with some that may not."""
        found: dict[int, list[int]] = {}
        for rows, columns in self._alike(article_ids, before=WINDOW_DAYS + 1, after=UNSURE_DAYS):
            for one, other in self._often(rows, columns, self._owner[rows], self._owner[columns]):
                found.setdefault(one, []).append(other)
        return {one: sorted(others) for one, others in found.items()}

    def followers(self, article_ids: Iterable[int]) -> set[int]:
        """All articles of whose sentences at least ``MIN_PARTLY`` are like one of one of these articles."""
        found: set[int] = set()
        for rows, columns in self._alike(article_ids, before=UNSURE_DAYS, after=WINDOW_DAYS + 1):
            found.update(one for one, _ in self._often(columns, rows, self._owner[columns], self._owner[rows]))
        return found

    def touching(self, article_ids: Iterable[int]) -> set[int]:
        """Those of these articles of which a sentence is like any other article's."""
        found: set[int] = set()
        for rows, columns in self._alike(article_ids, before=WINDOW_DAYS + 1, after=WINDOW_DAYS + 1):
            places = self._owner[rows]
            found.update(self._ids[place] for place in np.unique(places[places != self._owner[columns]]))
        return found

    def _often(self, rows: Places, columns: Places, ones: Places, others: Places) -> Iterator[tuple[int, int]]:
        """(article, other) of which enough rows of the article are like some of the other's. ``ones`` and ``others`` are their places."""
        count = len(self._ids)
        apart = ones != others
        # Each row once for each other article, then each pair of articles with how many rows.
        once = np.unique(rows[apart] * count + others[apart])
        pairs, times = np.unique(self._owner[once // count] * count + once % count, return_counts=True)
        for pair in pairs[times >= MIN_PARTLY].tolist():
            yield self._ids[pair // count], self._ids[pair % count]

    def _alike(self, article_ids: Iterable[int], *, before: float, after: float) -> Iterator[tuple[Places, Places]]:
        """Rows of these articles with rows of others within so many days that say the same, block by block: each pair of articles stands
        in one of them only."""
        places = sorted(self._place_of[article_id] for article_id in article_ids if article_id in self._place_of)
        for block in self._blocks(places):
            by_language: dict[str, list[int]] = {}
            for place in block:
                by_language.setdefault(self.languages[self._ids[place]], []).append(place)
            for first, last in self._runs(block[0], block[-1], before, after):
                start, end = int(self._starts[first]), int(self._starts[last])
                for language, own in by_language.items():
                    rows = np.concatenate([np.arange(self._starts[place], self._starts[place + 1]) for place in own])
                    needed = self._needed_of(language)[self._owner[start:end]]
                    # Of texts that this view leaves to another one no product is made.
                    others = np.flatnonzero(needed < NEVER) + start
                    right = self._rows[start:end] if len(others) == end - start else self._rows[others]
                    found, at = np.nonzero(self._rows[rows] @ right.T >= needed[others - start])
                    columns = others[at]
                    is_in = self._is_within(self._owner[rows[found]], self._owner[columns], before, after)
                    yield rows[found[is_in]], columns[is_in]

    def _is_within(self, ones: Places, others: Places, before: float, after: float) -> NDArray[np.bool_]:
        """Exactly: a block's window is a little wider than that of each of its articles."""
        one, other = self._days[ones], self._days[others]
        found: NDArray[np.bool_] = np.isinf(one) | np.isinf(other) | ((other >= one - before) & (other <= one + after))
        return found

    def _blocks(self, places: Collection[int]) -> Iterator[list[int]]:
        block: list[int] = []
        size = 0
        for place in places:
            count = int(self._starts[place + 1] - self._starts[place])
            # All undated ones have one window; the distance to them is infinite.
            is_far = bool(block) and self._days[place] > self._days[block[0]] + BLOCK_DAYS
            if block and (is_far or size + count > BLOCK_ROWS):
                yield block
                block, size = [], 0
            block.append(place)
            size += count
        if block:
            yield block

    def _runs(self, first: int, last: int, before: float, after: float) -> list[tuple[int, int]]:
        """The places to look at for those from ``first`` to ``last``, from each run's first to before its last."""
        undated = int(np.searchsorted(self._days, -np.inf, side="right"))
        if first < undated:
            runs = [(0, len(self._ids))]
        else:
            window = np.searchsorted(self._days, [self._days[first] - before, self._days[last] + after])
            runs = [(0, undated), (max(undated, int(window[0])), int(window[1]))]
        return [part for start, end in runs for part in self._parts(start, end)]

    def _parts(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        while first < last:
            end = int(np.searchsorted(self._starts, self._starts[first] + BLOCK_COLUMNS, side="right")) - 1
            end = min(max(end, first + 1), last)
            yield first, end
            first = end

    def _needed_of(self, language: str) -> NDArray[np.float32]:
        """One cosine a place."""
        if language not in self._needed:
            needed = [
                self.thresholds.of(language, self.languages[other]) if self.pairs(language, self.languages[other]) else NEVER
                for other in self._ids
            ]
            self._needed[language] = np.array(needed, dtype=np.float32)
        return self._needed[language]
