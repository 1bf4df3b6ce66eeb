"""Scores of texts against a report's claims: the encoders' z-scores averaged, or the likeness of words where there is no encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from comparison.background import BACKGROUND_VERSION, Yardstick, claim_name, load_yardstick
from comparison.encoders import CachedEncoder, Encoder, Encoders, Matrix
from comparison.kernels import kernel
from comparison.lexicon import Features, features, likeness
from comparison.thresholds import thresholds_of
from storage.claim_records import ClaimKind, ReferenceReport
from storage.database import Database

Scores = NDArray[np.float64]

MATCHING_VERSION = 8
"""Of the rules and thresholds by which articles and passages are chosen: another one compares everything anew, from stored vectors."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of one batch of texts."""

    total: Scores
    """(claims, texts): z-scores, or likenesses 0..1 where there is no encoder."""
    parts: Mapping[str, Scores]
    """The same shape, by the short name of the signal."""


class ClaimScorer:
    """Scores texts of any language against one report's claims. Keeps the yardsticks that it has loaded."""

    def __init__(self, db: Database, report: ReferenceReport, encoders: Encoders, *, now: datetime) -> None:
        self.report = report
        self.encoders = encoders
        self.thresholds = thresholds_of(encoders)
        self._db = db
        self._now = now
        self._cached = {encoder.model_hash: CachedEncoder(db, encoder, now=now) for encoder in encoders.all}
        self._yardsticks: dict[tuple[str, str], Yardstick] = {}

    @property
    def encoded(self) -> int:
        """Texts that were encoded because no vector of theirs was stored."""
        return sum(cached.encoded for cached in self._cached.values())

    def score(self, texts: Sequence[str], language: str) -> Scored:
        """Scores of ``texts``, all of one language, by every encoder that decides on it."""
        return self._combine(texts, language, [self._part(encoder, texts, language) for encoder in self.encoders.voting(language)])

    def score_in_stages(
        self, texts: Sequence[str], language: str, keep: NDArray[np.bool_], choose: Callable[[Scores], NDArray[np.bool_]]
    ) -> Scored:
        """As :meth:`score`, but the slow encoders see only the texts that ``choose`` takes by the fast score, and those of ``keep``.

        ``choose`` gets (claims, texts) and gives (texts,). The others keep the fast score; their slow parts are nan.
        """
        chosen = self.encoders.for_language(language)
        fast = [encoder for encoder in chosen if encoder.is_fast]
        slow = [encoder for encoder in chosen if not encoder.is_fast]
        if not fast or not slow or not texts:
            return self.score(texts, language)
        parts = [self._part(encoder, texts, language) for encoder in fast]
        first = np.mean(parts, axis=0)
        near = keep | choose(first)
        columns = np.flatnonzero(near)
        for encoder in slow:
            part = np.full_like(first, np.nan)
            part[:, columns] = self._part(encoder, [texts[int(column)] for column in columns], language)
            parts.append(part)
        named = dict(zip([encoder.short for encoder in (*fast, *slow)], parts, strict=True))
        return Scored(self._total(first, named, columns, language), named)

    @cached_property
    def of_claims(self) -> Scores:
        """(claims, claims): the score that the second claim's own words, as a passage, have for the first."""
        language = self.report.language
        return self.score([kernel(claim.text, language) for claim in self.report.claims], language).total

    @property
    def counted(self) -> list[int]:
        """The claims that say what the report is about: all but those on its source."""
        return [number for number, claim in enumerate(self.report.claims) if claim.kind is not ClaimKind.ABOUT_SOURCE]

    def score_vectors(self, encoder: Encoder, vectors: Matrix, language: str) -> Scores:
        """(claims, rows) of ``vectors``, made by ``encoder`` of texts of one language."""
        return self._yardstick(encoder, language).score(vectors)

    def complete(
        self, first: Encoder, scores: Scores, texts: Sequence[str], language: str, near: NDArray[np.bool_]
    ) -> tuple[Scores, dict[str, Scores]]:
        """``scores`` by ``first`` joined with those of the other encoders for the ``near`` texts: total and parts, as :class:`Scored`."""
        parts = {first.short: scores}
        columns = np.flatnonzero(near)
        for encoder in self.encoders.for_language(language):
            if encoder.model_hash != first.model_hash:
                part = np.full_like(scores, np.nan)
                if len(columns):
                    part[:, columns] = self._part(encoder, [texts[int(column)] for column in columns], language)
                parts[encoder.short] = part
        return self._total(scores, parts, columns, language), parts

    def _total(self, first: Scores, parts: Mapping[str, Scores], columns: NDArray[np.intp], language: str) -> Scores:
        """The scores of those that decide, for the ``columns`` that they have read; for the others the ``first``, as far as it counts."""
        total = np.minimum(first, self.thresholds.unread)
        deciding = [parts[encoder.short] for encoder in self.encoders.voting(language)]
        total[:, columns] = np.mean([part[:, columns] for part in deciding], axis=0)
        return total

    def knows_fast(self, language: str) -> bool:
        """Whether a fast encoder knows the language."""
        return any(encoder.is_fast for encoder in self.encoders.for_language(language))

    def _combine(self, texts: Sequence[str], language: str, parts: list[Scores]) -> Scored:
        if not parts:
            total = self.lexical(texts, language)
            return Scored(total, {"lexical": total})
        names = [encoder.short for encoder in self.encoders.voting(language)]
        return Scored(np.mean(parts, axis=0), dict(zip(names, parts, strict=True)))

    def _part(self, encoder: Encoder, texts: Sequence[str], language: str) -> Scores:
        return self._yardstick(encoder, language).score(self._cached[encoder.model_hash].vectors(texts, language))

    def _yardstick(self, encoder: Encoder, language: str) -> Yardstick:
        key = (encoder.model_hash, language)
        if key not in self._yardsticks:
            self._yardsticks[key] = load_yardstick(self._db, self.report, self._cached[encoder.model_hash], language, now=self._now)
        return self._yardsticks[key]

    def lexical(self, texts: Sequence[str], language: str) -> Scores:
        """Likenesses, 0..1, of shared words, names and numbers: (claims, texts)."""
        found = np.zeros((len(self._claims), len(texts)))
        for column, text in enumerate(texts):
            of_text = features(text, language)
            # Most texts share no feature with most claims.
            for row in {row for feature in of_text for row in self._claims_with.get(feature, ())}:
                found[row, column] = likeness(self._claims[row], of_text)
        return found

    @cached_property
    def _claims(self) -> list[Features]:
        # Not at once: the lemmatiser's dictionary takes a second to load, and where nothing is new no word is looked at.
        return [features(claim.text, self.report.language) for claim in self.report.claims]

    @cached_property
    def _claims_with(self) -> dict[str, list[int]]:
        """Feature -> the claims that have it."""
        found: dict[str, list[int]] = {}
        for row, claim in enumerate(self._claims):
            for feature in claim:
                found.setdefault(feature, []).append(row)
        return found


def setup_hash(report: ReferenceReport, encoders: Encoders) -> str:
    """Hex digest of all that a stored score depends on besides the text: models, bundled background, rules, versions of the claims."""
    published = report.published.at.isoformat() if report.published.at is not None else report.published.raw or ""
    named = [encoders.model_hash, str(BACKGROUND_VERSION), str(MATCHING_VERSION), report.language, published]
    named += [f"{claim_name(claim)}:{claim.kind.value}" for claim in report.claims]
    named += [f"background {report.background}"] if report.background else []
    return hashlib.sha256("\0".join(named).encode()).hexdigest()
