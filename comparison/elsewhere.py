"""What at least two other origins say and the report does not: sentences of its events' articles that say the same. A restartable job.

Likeness of vectors alone pairs any two sentences of one war; so a pair is either as near as translations are, or nearly so and shares a
telling number or a town that the report does not have. Much is missed, and nothing is looked for without an encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from comparison.cells import marks_of, quote
from comparison.derivation import encoder_of, name_index, place_articles, vectors_of
from comparison.encoders import CachedEncoder, Encoders
from comparison.facts import find_numbers, find_places, numbers_agree
from comparison.likeness import ArticleVectors, Thresholds, thresholds_for
from comparison.origins import DisjointSets, Origins
from comparison.passages import Span, sentences
from comparison.places import is_town
from comparison.scoring import setup_hash
from storage import matches, nearness, queries, reports
from storage.claim_records import ClaimKind, FactVerdict, Independence, Level, Match, Number, Place, ReferenceReport, SharedPassage
from storage.database import Database
from storage.records import StoredArticle
from storage.shared_passages import replace_shared_passages, shared_basis

RULES_VERSION = 1
"""Of what counts as saying the same: with another one everything is looked for anew."""

WITH_FACT = 0.05
"""How far below the threshold of "the same" two sentences may lie that share a telling fact."""

IN_REPORT = 0.02
"""How far below that threshold a sentence of the report still says it: what is left out as known is no loss."""

TELLING = 11
"""A smaller count is shared by chance."""

MAX_SENTENCES = 8000
"""Sentences compared with each other, of the articles that carry most claims: their products take a second and 256 MB."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of one article, and all that decides whether it says what another says."""

    article: StoredArticle
    span: Span
    origin: str
    numbers: tuple[Number, ...]
    towns: frozenset[str]


def find_elsewhere(database: Database, report_key: str, encoders: Encoders, *, now: datetime) -> int:
    """Find the shared passages, in the place of what was found before. Run after derivation.derive. Idempotent.

    Returns the groups found; 0 too where nothing changed since they were looked for last.

    Raises: NotFoundError for an unknown report.
    """
    with database.read() as session:
        setup = f"{setup_hash(reports.load_report(session, report_key), encoders)} {RULES_VERSION}"
        basis, is_done = shared_basis(session, report_key, setup)
    if is_done:
        return 0
    encoder = encoder_of(encoders)
    if encoder is None:
        with database.write() as session:
            replace_shared_passages(session, report_key, encoders.model_hash, [], basis)
        return 0
    with database.read() as session:
        report = reports.load_report(session, report_key)
        found = matches.load_matches(session, report_key, encoders.model_hash)
        related = sorted(queries.load_articles(session, nearness.related_articles(session, report_key)), key=lambda item: item.key)
        derivations = matches.load_derivations(session, report_key)
        outlets = queries.outlets(session)
    origins = place_articles(report, related, outlets, derivations, name_index(report, outlets))
    carrying = _carrying(report, found, related)
    vectors = vectors_of(database, encoder, carrying, now)
    thresholds = thresholds_for(encoder, alone=True)
    known = CachedEncoder(database, encoder, now=now).vectors(_report_sentences(report), report.language)
    chosen, rows = _sentences(carrying, vectors, origins, found, report, known, thresholds)
    passages = group_sentences(chosen, rows, thresholds)
    with database.write() as session:
        replace_shared_passages(session, report_key, encoders.model_hash, passages, basis)
    return len({item.group for item in passages})


def _carrying(report: ReferenceReport, found: Sequence[Match], related: Sequence[StoredArticle]) -> list[StoredArticle]:
    """The articles with a close passage of an event claim, those with most claims first: what they add is on the report's events."""
    events = {claim.id for claim in report.claims if claim.kind is ClaimKind.EVENT}
    claims: dict[int, set[str]] = {}
    for match in found:
        if match.level is Level.STRONG and match.claim_id in events:
            claims.setdefault(match.article_id, set()).add(match.claim_id)
    carrying = [article for article in related if article.article_id in claims]
    return sorted(carrying, key=lambda article: (-len(claims[article.article_id]), article.key))


def _report_sentences(report: ReferenceReport) -> list[str]:
    claims = [text for claim in report.claims for text in (claim.text, f"{claim.context} {claim.text}".strip())]
    return list(dict.fromkeys([*claims, *(report.text[span.start : span.end] for span in sentences(report.text, report.language))]))


def _sentences(
    articles: Sequence[StoredArticle],
    vectors: dict[int, ArticleVectors],
    origins: Origins,
    found: Sequence[Match],
    report: ReferenceReport,
    known: NDArray[np.float32],
    thresholds: Thresholds,
) -> tuple[list[Sentence], NDArray[np.float32]]:
    """Those outside the report's chain that say nothing that the report says, with their vectors."""
    passages: dict[int, list[Match]] = {}
    for match in found:
        passages.setdefault(match.article_id, []).append(match)
    own_towns = {place.key for claim in report.claims for place in claim.places}
    chosen: list[Sentence] = []
    rows: list[NDArray[np.float32]] = []
    for article in articles:
        own = vectors.get(article.article_id)
        if own is None or len(chosen) >= MAX_SENTENCES or article.gone_at is not None:
            continue
        least = thresholds.of(article.language, report.language) - IN_REPORT
        said = (own.rows @ known.T).max(axis=1) >= least if len(known) else np.zeros(len(own.spans), dtype=bool)
        for number, span in enumerate(own.spans):
            taken = any(match.start < span.end and span.start < match.end for match in passages.get(article.article_id, ()))
            placed = origins.of_passage(article.article_id, span.start, span.end)
            if said[number] or taken or placed.independence is not Independence.INDEPENDENT:
                continue
            text = article.text[span.start : span.end]
            places: tuple[Place, ...] = find_places(text, article.language)
            towns = frozenset(place.key for place in places if is_town(place.key)) - own_towns
            chosen.append(Sentence(article, span, placed.label, find_numbers(text, article.language), towns))
            rows.append(own.rows[number])
    # Of a report that nobody else carries there is no row, and the width must be known all the same.
    return chosen, np.array(rows, dtype=np.float32).reshape(len(rows), known.shape[1])


def group_sentences(found: Sequence[Sentence], rows: NDArray[np.float32], thresholds: Thresholds) -> list[SharedPassage]:
    """Sentences of different origins that say the same, in groups. Pure. ``rows`` are their unit vectors, one each."""
    if len(found) < 2:
        return []
    likeness = rows @ rows.T
    labels = np.array([item.origin for item in found])
    likeness[labels[:, None] == labels[None, :]] = -1.0
    sets = DisjointSets()
    best: dict[int, float] = {}
    # Each other's nearest only: a sentence that is near to all is near to none.
    nearest = likeness.argmax(axis=1)
    for one, other in enumerate(nearest.tolist()):
        if nearest[other] != one and likeness[one, other] < likeness[other].max() - 1e-6:
            continue
        score = float(likeness[one, other])
        least = thresholds.of(found[one].article.language, found[other].article.language)
        if score >= least or (score >= least - WITH_FACT and share_fact(found[one], found[other])):
            sets.join(f"{one:06d}", f"{other:06d}")
            for index in (one, other):
                best[index] = max(best.get(index, 0.0), score)
    groups = {root: number for number, root in enumerate(sorted({sets.find(f"{index:06d}") for index in best}), 1)}
    return [
        SharedPassage(
            group=groups[sets.find(f"{index:06d}")],
            article_id=found[index].article.article_id,
            text_sha256=found[index].article.text_sha256,
            start=found[index].span.start,
            end=found[index].span.end,
            score=round(best[index], 4),
            marks=_marks(found[index]),
        )
        for index in sorted(best)
    ]


def _marks(sentence: Sentence) -> tuple[tuple[int, int, str], ...]:
    shown = quote(sentence.article.text, sentence.span.start, sentence.span.end)[0]
    return tuple((mark.start, mark.end, mark.field) for mark in marks_of(shown, sentence.article.language))


def share_fact(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences state one telling number of one thing, or name one town that the report does not."""
    if one.towns & other.towns:
        return True
    return any(
        left.unit == right.unit != ""
        and (left.high or left.low or 0) >= TELLING
        and numbers_agree(left, right, tolerant=False) is FactVerdict.AGREES
        for left in one.numbers
        for right in other.numbers
    )
