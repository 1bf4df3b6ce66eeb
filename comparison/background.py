"""The yardstick of every score: how a claim compares with sentences that have nothing to do with it.

A cosine says nothing alone: for one model everything lies above .7, for one claim nothing does. So each claim has a mean and a
deviation against a frozen sample of unrelated sentences of the passage's language, and each passage against sentences of the
report's language. Renewing a sample is an explicit act; old scores do not drift.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import CachedEncoder, Matrix, text_key
from comparison.folding import LANGUAGES
from comparison.kernels import kernel
from comparison.passages import sentences
from storage.claim_records import Claim, ReferenceReport
from storage.database import Database
from storage.nearness import BackgroundRecord, load_background, save_background

BACKGROUND_VERSION = 1
"""Of the bundled sentences and of what is encoded for a claim. A change of either is another version, with other scores."""

MAX_CONTEXT = 200
"""Characters of a claim's context that are encoded with it: more of it would outweigh the claim."""

MIN_DEVIATION = 1e-3
"""A deviation below this is a sample that says nothing; dividing by it would make anything a match."""


@cache
def background_sentences(language: str) -> tuple[str, ...]:
    """The bundled unrelated sentences of a language; of all four for one that has none of its own."""
    if language not in LANGUAGES:
        return tuple(sentence for known in LANGUAGES for sentence in background_sentences(known)[:40])
    text = (resources.files("comparison") / "data" / f"background-{language}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def claim_text(claim: Claim, language: str) -> str:
    """What is encoded for a claim: the end of its context and the kernel of its sentence.

    "About 250 people are held there" alone is near every sentence that counts people somewhere; with "in the basement in Zaitseve"
    before it, it is near the ones on basements.
    """
    context = ""
    for span in reversed(sentences(claim.context, language)):
        # The nearest sentence is always taken, farther ones while they are short.
        if context and len(context) + span.end - span.start > MAX_CONTEXT:
            break
        context = f"{claim.context[span.start : span.end]} {context}".strip()
    return f"{kernel(context, language)} {kernel(claim.text, language)}".strip()


def kernels(texts: Sequence[str], language: str) -> list[str]:
    return [kernel(text, language) for text in texts]


def claim_name(claim: Claim) -> str:
    """The claim's name in a stored background: id and version."""
    return f"{claim.id}@{claim.version}"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Means and deviations of one encoder, report and language of passages."""

    claims: Matrix
    """(claims, dimensions)."""
    mean: NDArray[np.float64]
    """(claims,) of each claim against unrelated sentences of the passages' language."""
    deviation: NDArray[np.float64]
    opposite: Matrix
    """(sentences, dimensions): unrelated sentences of the report's language, against which each passage is measured."""

    def score(self, passages: Matrix) -> NDArray[np.float64]:
        """z-scores, (claims, passages): the mean of the claim's and the passage's own."""
        cosine = (self.claims @ passages.T).astype(np.float64)
        claim_side = (cosine - self.mean[:, None]) / self.deviation[:, None]
        against = (passages @ self.opposite.T).astype(np.float64)
        deviation = np.maximum(against.std(axis=1), MIN_DEVIATION)
        passage_side = (cosine - against.mean(axis=1)[None, :]) / deviation[None, :]
        both: NDArray[np.float64] = (claim_side + passage_side) / 2
        return both


def load_yardstick(db: Database, report: ReferenceReport, encoder: CachedEncoder, language: str, *, now: datetime) -> Yardstick:
    """The yardstick of ``report`` for passages of ``language``, by the background that the report is measured against.

    Measured and stored where it is not yet. A claim that was changed since is measured anew against the same sentences, and the
    background stored again with it.
    """
    claims = encoder.vectors([claim_text(claim, report.language) for claim in report.claims], report.language)
    with db.read() as session:
        stored = load_background(session, report.key, language, _yardstick_hash(encoder), report.background)
    names = [claim_name(claim) for claim in report.claims]
    if stored is None or any(name not in stored.claims for name in names):
        sample, sentence_vectors = _sample(db, report, encoder, language)
        stored = _measure(report, encoder, language, claims, sample, sentence_vectors)
        with db.write() as session:
            save_background(session, report.key, stored, now)
    _, opposite = _sample(db, report, encoder, report.language)
    return Yardstick(
        claims=claims,
        mean=np.array([stored.claims[name][0] for name in names]),
        deviation=np.array([max(stored.claims[name][1], MIN_DEVIATION) for name in names]),
        opposite=opposite,
    )


def measure_own(report: ReferenceReport, encoder: CachedEncoder, language: str, unrelated: Sequence[str]) -> BackgroundRecord:
    """The background ``report.background`` of one language, out of ``unrelated`` sentences of the user's own articles."""
    texts = kernels(unrelated, language)
    claims = encoder.vectors([claim_text(claim, report.language) for claim in report.claims], report.language)
    keys = tuple(text_key(text).hex() for text in texts)
    return _measure(report, encoder, language, claims, keys, encoder.vectors(texts, language))


def _sample(db: Database, report: ReferenceReport, encoder: CachedEncoder, language: str) -> tuple[tuple[str, ...], Matrix]:
    """(keys, vectors) of the unrelated sentences of a language that a report is measured against; no keys for the bundled ones."""
    if report.background:
        with db.read() as session:
            own = load_background(session, report.key, language, _yardstick_hash(encoder), report.background)
        if own is not None and own.sample:
            return own.sample, encoder.stored([bytes.fromhex(key) for key in own.sample])
    return (), encoder.vectors(kernels(background_sentences(language), language), language)


def _yardstick_hash(encoder: CachedEncoder) -> str:
    """The model, and the way in which claims are measured with it: a background of another version is not taken up."""
    return hashlib.sha256(f"{encoder.encoder.model_hash}\0background {BACKGROUND_VERSION}".encode()).hexdigest()


def _measure(
    report: ReferenceReport, encoder: CachedEncoder, language: str, claims: Matrix, sample: tuple[str, ...], sentence_vectors: Matrix
) -> BackgroundRecord:
    against = claims @ sentence_vectors.T
    return BackgroundRecord(
        language=language,
        model_hash=_yardstick_hash(encoder),
        sample_size=len(sentence_vectors),
        claims={
            claim_name(claim): (round(float(row.mean()), 6), round(float(row.std()), 6))
            for claim, row in zip(report.claims, against, strict=True)
        },
        number=report.background,
        sample=sample,
    )
