"""How much of one text stands in another in the same order: copies, translations and spun copies, by given likenesses of sentences. Pure.

Independent reports of one event share few sentences and share them in no order; whoever copies, translates or rewords keeps both.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

DERIVED_SHARE = 0.45
"""Share of a text's sentences, in order, from which it is derived as a whole (METER's "wholly derived")."""
TEASER_SHARE, TEASER_SENTENCES = 0.6, 4
"""The same for a short one: a teaser has few sentences, and nearly all of them are the other's."""
PARTLY_SHARE = 0.2
"""Below it, likeness is chance, a shared quotation or a shared statement."""
MIN_SENTENCES = 5
"""Aligned sentences below which nothing is said of a whole text: three alike sentences are one shared quotation."""
MIN_PARTLY = 3
MIN_WORDS = 5
"""A shorter sentence ("The ministry did not answer.") is alike in unrelated texts and is left out of the count."""


class Extent(StrEnum):
    WHOLLY = "wholly"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which sentences of a text stand in another, in increasing order of both."""

    pairs: tuple[tuple[int, int], ...]
    """(sentence of the text, sentence of the other)."""
    sentences: int
    """Sentences of the text that count."""

    @property
    def share(self) -> float:
        """0..1."""
        return len(self.pairs) / self.sentences if self.sentences else 0.0

    @property
    def extent(self) -> Extent:
        if self.share >= DERIVED_SHARE and len(self.pairs) >= MIN_SENTENCES:
            return Extent.WHOLLY
        if self.share >= TEASER_SHARE and len(self.pairs) >= TEASER_SENTENCES:
            return Extent.WHOLLY
        if self.share >= PARTLY_SHARE and len(self.pairs) >= MIN_PARTLY:
            return Extent.PARTLY
        return Extent.NOT


def may_follow(similarity: NDArray[np.float32], threshold: float) -> bool:
    """Whether ``align`` can find more than nothing: the same answer as its extent gives, without the pairs, for a tenth of the work.

    >>> may_follow(np.array([[0.95, 0.2], [0.1, 0.93]], dtype=np.float32), 0.9)
    False
    """
    rows, columns = np.nonzero(similarity >= threshold)
    # By row, in each the last column first: the longest run of rising columns then takes one a row.
    tails: list[int] = []
    for _, column in sorted(zip(rows.tolist(), (-columns).tolist(), strict=True)):
        place = bisect_left(tails, -column)
        tails[place : place + 1] = [-column]
    return len(tails) >= MIN_PARTLY and len(tails) / len(similarity) >= PARTLY_SHARE


def align(similarity: NDArray[np.float32], threshold: float) -> Alignment:
    """The heaviest chain of pairs with ``similarity >= threshold`` that increases in both texts.

    ``similarity`` is (sentences of the text, sentences of the other), -1..1. Each sentence is used once. Of chains of equal length the
    one with the higher sum is taken, then the one that comes first.

    >>> align(np.array([[0.95, 0.2], [0.1, 0.93]], dtype=np.float32), 0.9).pairs
    ((0, 0), (1, 1))
    """
    rows, columns = similarity.shape
    if not rows or not columns:
        return Alignment((), rows)
    # One for a pair, and less than one in sum for how alike the pairs are: length decides first.
    weight = np.where(similarity >= threshold, 1.0 + np.clip(similarity, 0, 1) / (max(rows, columns) + 1), 0.0)
    best = np.zeros((rows + 1, columns + 1))
    for i in range(1, rows + 1):
        diagonal = best[i - 1, :-1] + weight[i - 1]
        candidate = np.maximum(best[i - 1, 1:], diagonal)
        best[i, 1:] = np.maximum.accumulate(candidate)
    pairs = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
    return Alignment(tuple(reversed(pairs)), rows)
