"""Articles that a first look found near are read, and it is decided which are on the report's subject.

Headline and lead decide where they say enough. Where they leave it open the article's sentences are compared with the claims: a roundup,
a live blog, a column or an obituary may carry a claim in one passage far below a headline on something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import Encoders
from comparison.leads import first_encoder, headline_and_lead, vectors_of
from comparison.near_misses import subject_of
from comparison.relevance import BEST_CLAIMS, WORDS, Progress, best_means, look_first, names_town, small_towns
from comparison.scoring import ClaimScorer, Scores, setup_hash
from comparison.thresholds import thresholds_of
from comparison.windows import Windowed, score_windows
from storage import nearness, queries, reports
from storage.claim_records import Place
from storage.database import Database
from storage.leads import stream_leads
from storage.nearness import Relevance
from storage.records import StoredArticle

RELATED_MODEL_FREE = 0.12
"""Likeness of the whole text's words that is enough where there is no encoder."""

BATCH = 200
"""Articles read and scored between two commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceSummary:
    """What a scoring did."""

    report: str
    label: str
    """Of the encoders; says "low recall" where there is none."""
    scored: int
    """Articles scored because they, the claims or the models were new or changed."""
    related: int
    """Articles on the subject in all."""
    encoded: int


def score_articles(
    db: Database, report_key: str, encoders: Encoders, *, now: datetime, progress: Progress | None = None
) -> RelevanceSummary:
    """Score every article that is new or changed since it was last scored for this report, or all when claims or models changed.

    Idempotent and restartable: each batch is committed, and what is stored is not done again.

    Raises: NotFoundError for an unknown report.
    """
    first = look_first(db, report_key, encoders, now=now, progress=progress)
    encoded = look_closer(db, report_key, encoders, now=now, progress=progress)
    with db.read() as session:
        related = len(nearness.related_articles(session, report_key))
    return RelevanceSummary(report=report_key, label=encoders.label, scored=first.scored, related=related, encoded=first.encoded + encoded)


def look_closer(db: Database, report_key: str, encoders: Encoders, *, now: datetime, progress: Progress | None = None) -> int:
    """Read the articles that a first look found near, the most promising first, and decide which are on the subject.

    Idempotent and restartable. Returns how many texts were encoded.

    Raises: NotFoundError for an unknown report.
    """
    with db.read() as session:
        report = reports.load_report(session, report_key)
        setup = setup_hash(report, encoders)
        waiting = [row for row in nearness.open_relevance(session, report_key, setup) if not row.looked]
    if not waiting:
        return 0
    scorer = ClaimScorer(db, report, encoders, now=now)
    leads = _gather_leads(db, encoders, waiting)
    towns = small_towns(report)
    for start in range(0, len(waiting), BATCH):
        rows = {row.article_id: row for row in waiting[start : start + BATCH]}
        with db.read() as session:
            articles = [
                article
                for article in queries.load_articles(session, list(rows))
                # What was changed since the first look is pending again, and comes with the next one.
                if (article.text_sha256, article.revision) == (rows[article.article_id].text_sha256, rows[article.article_id].revision)
            ]
        scores = _score_batch(scorer, articles, rows, leads, towns, setup)
        with db.write() as session:
            nearness.save_relevance(session, report_key, scores, now)
        if progress is not None:
            progress("articles looked at", min(start + BATCH, len(waiting)), len(waiting))
    return scorer.encoded


def _gather_leads(db: Database, encoders: Encoders, waiting: Sequence[Relevance]) -> dict[tuple[str, int], NDArray[np.float32]]:
    """(model, extraction id) -> vector of headline and lead."""
    wanted = np.unique(np.array([row.extraction_id for row in waiting], dtype=np.int64))
    found: dict[tuple[str, int], NDArray[np.float32]] = {}
    with db.read() as session:
        for encoder in encoders.all:
            for block in stream_leads(session, encoder.model_hash, wanted):
                vectors = vectors_of(block)
                found |= {(encoder.model_hash, int(number)): vectors[row] for row, number in enumerate(block.extraction_ids)}
    return found


def _score_batch(
    scorer: ClaimScorer,
    articles: Sequence[StoredArticle],
    rows: Mapping[int, Relevance],
    leads: Mapping[tuple[str, int], NDArray[np.float32]],
    towns: Sequence[Place],
    setup: str,
) -> list[Relevance]:
    by_language: dict[str, list[StoredArticle]] = defaultdict(list)
    for article in articles:
        by_language[article.language].append(article)
    counted, by = scorer.counted, scorer.thresholds
    subject = subject_of(scorer.report)
    found = []
    for language, group in by_language.items():
        words = scorer.lexical([headline_and_lead(one.title, one.description, one.text, whole=True) for one in group], language)
        named_in = [[town for town in towns if names_town(article.text, town, language, scorer.report.language)] for article in group]
        first = first_encoder(scorer.encoders, language)
        model_free = first is None
        least = least_related(scorer.encoders, language)
        total = np.zeros((len(scorer.report.claims), len(group)))
        parts: dict[str, Scores] = {}
        if first is not None:
            vectors = np.array([leads[first.model_hash, rows[article.article_id].extraction_id] for article in group])
            fast = scorer.score_vectors(first, vectors, language)
            near = np.array([bool(named) for named in named_in]) | (best_means(fast[counted]) >= by.stage_related)
            texts = [headline_and_lead(one.title, one.description, one.text) for one in group]
            total, parts = scorer.complete(first, fast, texts, language, near)
        likenesses = [best_mean(words[counted, column]) for column in range(len(group))]
        opening = [
            likeness if model_free else best_mean(total[counted, column]) + WORDS * likeness for column, likeness in enumerate(likenesses)
        ]
        doubtful = (
            [] if model_free else [row for row, score in enumerate(opening) if score < by.sure and (score >= by.doubtful or named_in[row])]
        )
        depths = _depths(scorer, {row: group[row] for row in doubtful}, language)
        for column, article in enumerate(group):
            likeness_of_words, named = likenesses[column], named_in[column]
            score = opening[column] + depths.get(column, 0.0)
            if least is None:
                related = score >= RELATED_MODEL_FREE or bool(named)
            else:
                is_named = bool(named) or (by.related_by_name <= score < least and subject.shares_a_name(article))
                related = score >= (min(least, by.related_by_name) if is_named else least)
            shown = {f"place:{town.key}": 1.0 for town in named} | {"lexical": round(likeness_of_words, 4)}
            if column in depths:
                shown["depth"] = round(depths[column], 4)
            shown |= {
                name: round(best_mean(part[counted, column]), 4) for name, part in parts.items() if not np.isnan(part[:, column]).any()
            }
            found.append(
                replace(
                    rows[article.article_id],
                    text_sha256=article.text_sha256,
                    model_hash=setup,
                    score=round(score, 4),
                    related=related,
                    looked=True,
                    matched=not related,
                    parts=shown,
                )
            )
    return found


def _depths(scorer: ClaimScorer, articles: Mapping[int, StoredArticle], language: str) -> dict[int, float]:
    """By the same keys: what an article's sentences add to its score, or take. Nothing for a text without sentences."""
    towns = {town.key: town for town in small_towns(scorer.report)}
    windowed = {row: Windowed(article, towns, scorer.report.language) for row, article in articles.items()}
    score_windows(scorer, list(windowed.values()), language)
    by = scorer.thresholds
    is_sure = len(scorer.encoders.voting(language)) > 1
    usual, usual_best = (by.usual_depth, by.usual_best) if is_sure else (by.usual_depth_by_one, by.usual_best_by_one)
    found = {}
    for row, one in windowed.items():
        if one.spans:
            one.weigh(scorer, model_free=False)
            best = one.evidence[scorer.counted].max(axis=1)
            found[row] = by.depth * (best_mean(best) - usual) + by.best_depth * (float(best.max(initial=usual_best)) - usual_best)
    return found


def least_related(encoders: Encoders, language: str) -> float | None:
    """The score from which an article of a language is on the subject; None where no encoder knows the language."""
    known, by = encoders.voting(language), thresholds_of(encoders)
    return None if not known else by.related if len(known) > 1 else by.related_by_one


def best_mean(column: Scores) -> float:
    """The mean over the nearest claims."""
    return float(np.sort(column)[-BEST_CLAIMS:].mean()) if len(column) else 0.0
