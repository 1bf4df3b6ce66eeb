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

from comparison.encoders import CachedEncoder, Matrix
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
    """The yardstick of ``report`` for passages of ``language``; measured on the bundled sentences and stored where there is none yet.

    A claim that was changed since is measured anew against the same sentences, and the background stored again with it.
    """
    claims = encoder.vectors([claim_text(claim, report.language) for claim in report.claims], report.language)
    with db.read() as session:
        stored = load_background(session, report.key, language, _yardstick_hash(encoder))
    names = [claim_name(claim) for claim in report.claims]
    if stored is None or any(name not in stored.claims for name in names):
        stored = _measure(report, encoder, language, claims, background_sentences(language))
        with db.write() as session:
            save_background(session, report.key, stored, now)
    return Yardstick(
        claims=claims,
        mean=np.array([stored.claims[name][0] for name in names]),
        deviation=np.array([max(stored.claims[name][1], MIN_DEVIATION) for name in names]),
        opposite=encoder.vectors(kernels(background_sentences(report.language), report.language), report.language),
    )


def renew_background(
    db: Database, report: ReferenceReport, encoder: CachedEncoder, language: str, unrelated: Sequence[str], *, now: datetime
) -> int:
    """Measure the claims against ``unrelated`` (ones of the user's own corpus) from now on. Returns the background's id.

    Raises: ValueError for fewer sentences than the bundled sample has: a smaller one is a worse yardstick.
    """
    least = len(background_sentences(language))
    if len(unrelated) < least:
        raise ValueError(f"{len(unrelated)} sentences are too few for a background, at least {least} are needed")
    claims = encoder.vectors([claim_text(claim, report.language) for claim in report.claims], report.language)
    record = _measure(report, encoder, language, claims, unrelated)
    with db.write() as session:
        return save_background(session, report.key, record, now)


def _yardstick_hash(encoder: CachedEncoder) -> str:
    """The model, and the way in which claims are measured with it: a background of another version is not taken up."""
    return hashlib.sha256(f"{encoder.encoder.model_hash}\0background {BACKGROUND_VERSION}".encode()).hexdigest()


def _measure(report: ReferenceReport, encoder: CachedEncoder, language: str, claims: Matrix, unrelated: Sequence[str]) -> BackgroundRecord:
    against = claims @ encoder.vectors(kernels(unrelated, language), language).T
    return BackgroundRecord(
        language=language,
        model_hash=_yardstick_hash(encoder),
        sample_size=len(unrelated),
        claims={
            claim_name(claim): (round(float(row.mean()), 6), round(float(row.std()), 6))
            for claim, row in zip(report.claims, against, strict=True)
        },
    )
