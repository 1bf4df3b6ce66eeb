"""Windows over one article's text with their scores: each sentence and each pair of neighbours, scored with as little encoding as
possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from comparison.evidence import find_lonely, find_rivals, weigh
from comparison.kernels import kernel
from comparison.number_facts import states_figure
from comparison.numbers import find_numbers
from comparison.passages import Span, pairs, sentences
from comparison.relevance import names_town
from comparison.scoring import ClaimScorer, Scored, Scores
from comparison.thresholds import PACKAGED, Thresholds
from storage.claim_records import Number, Place
from storage.records import StoredArticle

PAIR_GAIN = 0.15
"""What a pair must gain over the better of its sentences: the shorter passage is the better quotation."""


class Windowed:
    """One article with its windows and their scores so far."""

    def __init__(self, article: StoredArticle, towns: Mapping[str, Place], report_language: str) -> None:
        self.article = article
        self.single = sentences(article.text, article.language)
        self.spans: list[Span] = list(self.single)
        self.scored = 0
        """Windows of ``spans`` that have a score; the rest wait."""
        self.total: Scores = np.empty((0, 0))
        self.parts: dict[str, Scores] = {}
        self.evidence: Scores = np.empty((0, 0))
        """What candidates are chosen by; see comparison.evidence. Set by :meth:`weigh`."""
        self._towns = [(key, town) for key, town in towns.items() if names_town(article.text, town, article.language, report_language)]
        self._report_language = report_language

    def add(self, spans: Sequence[Span]) -> None:
        self.spans.extend(spans)

    def text(self, column: int) -> str:
        span = self.spans[column]
        return self.article.text[span.start : span.end]

    def towns_in(self, column: int) -> set[str]:
        """Keys of the claims' small towns that a window names."""
        return {key for key, town in self._towns if names_town(self.text(column), town, self.article.language, self._report_language)}

    def parts_of(self, column: int) -> list[Span]:
        """The sentences of a pair; none for a sentence."""
        span = self.spans[column]
        if column < len(self.single):
            return []
        return [one for one in self.single if span.start <= one.start and one.end <= span.end]

    def near_pairs(self, door: float) -> list[Span]:
        best = self.total.max(axis=0, initial=-np.inf)
        near = {span for column, span in enumerate(self.single) if best[column] >= door}
        return [pair for pair in pairs(self.single) if any(pair.start == span.start or pair.end == span.end for span in near)]

    def weigh(self, scorer: ClaimScorer, *, model_free: bool) -> None:
        """Set ``evidence`` from the scores of all windows; where no encoder is, it is the likeness of words alone."""
        if model_free or not self.spans:
            self.evidence = self.total
            return
        language = self.article.language
        words = scorer.lexical([kernel(self.text(column), language) for column in range(len(self.spans))], language)
        self.parts["words"] = words
        by = scorer.thresholds
        self.evidence = weigh(self.total, words, len(self.single), find_rivals(scorer.of_claims, by.sibling), by)
        figures = self._states_figures(scorer)
        # A part that is nan is not shown: where no figure is stated, that says nothing.
        self.parts["figure"] = np.where(figures, by.figure, np.nan)
        self.evidence = self.evidence + by.figure * figures

    def discount(self, *, is_elsewhere: bool, close: float, by: Thresholds = PACKAGED) -> None:
        """Take from ``evidence`` what the article as a whole speaks against its being of the report's event. Once, after :meth:`weigh`.

        ``is_elsewhere``: it names nothing of the report's. ``close``: the evidence of a close passage in its language.
        """
        self.evidence = self.evidence - by.elsewhere * is_elsewhere
        lonely = np.broadcast_to(find_lonely(self.evidence, close)[:, np.newaxis], self.evidence.shape)
        self.evidence = self.evidence - by.alone * lonely
        self.parts["elsewhere"] = np.full_like(self.evidence, -by.elsewhere if is_elsewhere else np.nan)
        self.parts["alone"] = np.where(lonely, -by.alone, np.nan)

    def _states_figures(self, scorer: ClaimScorer) -> NDArray[np.bool_]:
        """(claims, windows): whether a window states a figure of the claim. Asked only where it could matter."""
        found = np.zeros_like(self.evidence, dtype=np.bool_)
        for row, claim in enumerate(scorer.report.claims):
            if not claim.numbers:
                continue
            for column in np.flatnonzero(self.evidence[row] >= scorer.thresholds.figures_from).tolist():
                if numbers := self._numbers_in(column):
                    found[row, column] = states_figure(claim, numbers, self.text(column), self.article.language)
        return found

    def _numbers_in(self, column: int) -> Sequence[Number]:
        """The figures of a window; a pair of sentences that have none is not read again."""
        language = self.article.language
        parts = self.parts_of(column)
        if parts and not any(find_numbers(self.article.text[part.start : part.end], language) for part in parts):
            return ()
        return find_numbers(self.text(column), language)

    def take(self, scored: Scored, columns: slice) -> None:
        """Add the scores of the windows that waited."""
        total = scored.total[:, columns]
        self.total = total if self.scored == 0 else np.concatenate([self.total, total], axis=1)
        for name, part in scored.parts.items():
            self.parts[name] = part[:, columns] if self.scored == 0 else np.concatenate([self.parts[name], part[:, columns]], axis=1)
        self.scored = len(self.spans)


def score_windows(scorer: ClaimScorer, windowed: Sequence[Windowed], language: str) -> None:
    """Score what waits, of all articles together: encoders are fastest with many texts at once."""
    waiting = [(one, column) for one in windowed for column in range(one.scored, len(one.spans))]
    if not waiting:
        return
    door = scorer.thresholds.stage_door
    keep = np.array([bool(one.towns_in(column)) for one, column in waiting])
    # Where each window's sentences stand among those that wait: a pair is worth a slow encoder only if it gains by being one.
    place = {(one.article.article_id, one.spans[column]): number for number, (one, column) in enumerate(waiting)}
    inner = [
        [place[(one.article.article_id, part)] for part in one.parts_of(column) if (one.article.article_id, part) in place]
        for one, column in waiting
    ]

    def choose(fast: Scores) -> NDArray[np.bool_]:
        near = fast.max(axis=0, initial=-np.inf) >= door
        for number, sentences_of in enumerate(inner):
            if near[number] and sentences_of:
                gain = fast[:, number] - fast[:, sentences_of].max(axis=1)
                near[number] = bool(np.any((gain >= PAIR_GAIN) & (fast[:, number] >= door)))
        near_or_chosen: NDArray[np.bool_] = near
        return near_or_chosen

    scored = scorer.score_in_stages([kernel(one.text(column), language) for one, column in waiting], language, keep, choose)
    offset = 0
    for one in windowed:
        count = len(one.spans) - one.scored
        if count:
            one.take(scored, slice(offset, offset + count))
        offset += count
