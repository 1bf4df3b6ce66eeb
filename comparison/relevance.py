"""Which articles are on a report's subject: a measured score after the commit. The guess before it is ``comparison.focus``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import Encoder, Encoders
from comparison.folding import language_by_letters
from comparison.gazetteer import load_gazetteer
from comparison.leads import Signatures, concept_weights, ensure_leads, first_encoder, headline_and_lead, signature_hash, vectors_of
from comparison.lexicon import SHRINKAGE, concept_names, features
from comparison.place_keys import place_key
from comparison.places import find_places, is_town, names_place
from comparison.scoring import ClaimScorer, Scores, setup_hash
from comparison.words import capitalised
from storage import nearness, queries, reports
from storage.claim_records import Place, ReferenceReport
from storage.database import Database
from storage.leads import KEY_BYTES, ArticleStates, article_states, stream_leads
from storage.nearness import Relevance
from storage.records import StoredArticle
from storage.spellings import base_forms

Progress = Callable[[str, int, int], None]
"""Called with what is counted, how much of it is done, and how much there is."""

RELATED, RELATED_BY_ONE = 2.9, 2.35
"""Score (z of headline and lead plus WORDS times the likeness of the text's words) from which an article is on the subject; the second
for languages that only the slow encoder knows, which spreads less. Some 2 % of the unrelated articles of the tuning part reach it."""

WORDS = 6.0

RELATED_WITH_PLACE = 2.0
"""The same for an article whose text names a small place of the claims."""

STAGE_RELATED = 1.5
"""z by the first encoder from which a slow one looks at headline and lead too."""

RELATED_BY_WORDS = 0.15
"""Likeness of the whole text's words from which an article is on the subject whatever its headline says."""

RELATED_MODEL_FREE = 0.12
"""The same where there is no encoder."""

BEST_CLAIMS = 3
"""An article on the subject is near several claims; one near claim alone is often chance."""

FIRST_LOOK, FIRST_LOOK_MODEL_FREE = 2.0, 0.05
"""Score of a first look (z by the first encoder plus WORDS times the likeness of concepts; without encoder that likeness alone) from which
an article's text is read. Every related article of the evaluation sets has 2.2 or more; half of the other sets' articles, which are hard
ones, are below 2.0. A small town that may be named opens this door too."""

BATCH = 200
"""Articles read and scored between two commits."""

SAVED_AT_ONCE = 20_000
"""First scores written in one transaction."""

REVISIONS = 1_000_000
"""More than any article has."""

SMALL_TOWN = 100_000
"""Inhabitants below which a town's name points to a subject by itself."""

_WORDS = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLook:
    """What a first look at all headlines and leads gave."""

    scored: int
    near: int
    """Articles whose text is to be read before anything is said of them."""
    encoded: int
    """Headlines and leads that no earlier report had needed."""


def look_first(db: Database, report_key: str, encoders: Encoders, *, now: datetime, progress: Progress | None = None) -> FirstLook:
    """Compare a report with the stored vectors and signatures of all articles that it has not been compared with, reading no text.

    Most are found to be far, which is final. The near ones wait for ``look_closer``. Idempotent.

    Raises: NotFoundError for an unknown report.
    """
    with db.read() as session:
        report = reports.load_report(session, report_key)
        setup = setup_hash(report, encoders)
        # Once everything was scored, only what was stored or changed since can be new: those articles are marked.
        pending = nearness.pending_articles(session) if nearness.scored_setup(session, report_key) == setup else None
        states = article_states(session, pending)
        known = nearness.scored_extractions(session, report_key, setup, pending)
    todo = states.take(np.flatnonzero(~_is_known(states, known)))
    encoded = ensure_leads(db, encoders, todo, now=now, progress=_named(progress, "headlines"))
    near = 0
    if len(todo):
        near = _save_first(db, ClaimScorer(db, report, encoders, now=now), todo, setup, now)
    with db.write() as session:
        nearness.set_scored_setup(session, report_key, setup)
    return FirstLook(scored=len(todo), near=near, encoded=encoded)


def _is_known(states: ArticleStates, known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``known`` is (rows, 2): extraction and revision."""
    wanted = np.stack([states.extraction_ids, states.revisions.astype(np.int64)], axis=1)
    # An extraction belongs to one article; with the revision's number (far below a million) it makes one key.
    found: NDArray[np.bool_] = np.isin(wanted[:, 0] * REVISIONS + wanted[:, 1], known[:, 0] * REVISIONS + known[:, 1])
    return found


def _save_first(db: Database, scorer: ClaimScorer, todo: ArticleStates, setup: str, now: datetime) -> int:
    order = np.argsort(todo.extraction_ids)
    wanted = todo.extraction_ids[order]
    score = np.full(len(todo), np.nan)
    words = np.zeros(len(todo))
    named = np.zeros(len(todo), dtype=np.bool_)
    keys = np.zeros((len(todo), KEY_BYTES), dtype=np.uint8)
    counted = scorer.counted
    concepts = np.array([_concept_row(features(claim.text, scorer.report.language, lemmas=False)) for claim in scorer.report.claims])[
        counted
    ]
    towns = {key for town in small_towns(scorer.report) for key in _name_keys(town.text, scorer.report.language)}
    firsts = {language: first_encoder(scorer.encoders, language) for language in set(todo.languages)}
    with db.read() as session:
        for encoder in {first.model_hash: first for first in firsts.values() if first is not None}.values():
            for block in stream_leads(session, encoder.model_hash, wanted):
                first = firsts.get(block.language)
                if first is None or first.model_hash != encoder.model_hash:
                    continue
                rows = order[np.searchsorted(wanted, block.extraction_ids)]
                score[rows] = _best_means(scorer.score_vectors(encoder, vectors_of(block), block.language)[counted])
        for block in stream_leads(session, signature_hash(), wanted):
            rows = order[np.searchsorted(wanted, block.extraction_ids)]
            signatures = Signatures(block.rows.view(np.uint8))
            words[rows] = _best_means(_concept_likeness(concepts, signatures.concepts()))
            named[rows] = signatures.may_name(towns)
            keys[rows] = np.frombuffer(block.text_keys, dtype=np.uint8).reshape(-1, KEY_BYTES)
    model_free = np.isnan(score)
    shown = np.round(np.where(model_free, words, np.nan_to_num(score) + WORDS * words), 4)
    near = named | (shown >= np.where(model_free, FIRST_LOOK_MODEL_FREE, FIRST_LOOK))
    for start in range(0, len(todo), SAVED_AT_ONCE):
        part = slice(start, start + SAVED_AT_ONCE)
        seen = zip(todo.languages[part], np.round(score[part], 4).tolist(), np.round(words[part], 4).tolist(), strict=True)
        scores = nearness.FirstScores(
            article_ids=todo.article_ids[part].tolist(),
            extraction_ids=todo.extraction_ids[part].tolist(),
            revisions=todo.revisions[part].tolist(),
            text_sha256s=[key.tobytes().hex() for key in keys[part]],
            scores=shown[part].tolist(),
            near=near[part].tolist(),
            parts=[_first_parts(firsts[language], z, likeness) for language, z, likeness in seen],
        )
        with db.write() as session:
            nearness.save_first_scores(session, scorer.report.key, setup, scores, now)
    return int(near.sum())


def _first_parts(first: Encoder | None, z: float, likeness: float) -> dict[str, float]:
    return {"concepts": likeness} if first is None or np.isnan(z) else {first.short: z, "concepts": likeness}


def _concept_row(found: Mapping[str, float]) -> NDArray[np.float32]:
    row: NDArray[np.float32] = np.array([f"c:{name}" in found for name in concept_names()], dtype=np.float32)
    return row


def _concept_likeness(claims: NDArray[np.float32], articles: NDArray[np.float32]) -> Scores:
    """(claims, articles): the likeness of ``lexicon.likeness``, by concepts alone."""
    squares = concept_weights() ** 2
    dot = (claims * squares) @ articles.T
    norms = np.sqrt(np.outer(claims @ squares + SHRINKAGE, articles @ squares + SHRINKAGE))
    found: Scores = (dot / norms).astype(np.float64)
    return found


def _name_keys(name: str, language: str) -> set[str]:
    return {key for form in base_forms(name) if (key := place_key(form, language))}


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
    counted = scorer.counted
    found = []
    for language, group in by_language.items():
        words = scorer.lexical([headline_and_lead(one.title, one.description, one.text, whole=True) for one in group], language)
        named_in = [[town for town in towns if names_town(article.text, town, language, scorer.report.language)] for article in group]
        first = first_encoder(scorer.encoders, language)
        model_free = first is None
        least = RELATED if len(scorer.encoders.for_language(language)) > 1 else RELATED_BY_ONE
        total = np.zeros((len(scorer.report.claims), len(group)))
        parts: dict[str, Scores] = {}
        if first is not None:
            vectors = np.array([leads[first.model_hash, rows[article.article_id].extraction_id] for article in group])
            fast = scorer.score_vectors(first, vectors, language)
            near = np.array([bool(named) for named in named_in]) | (_best_means(fast[counted]) >= STAGE_RELATED)
            texts = [headline_and_lead(one.title, one.description, one.text) for one in group]
            total, parts = scorer.complete(first, fast, texts, language, near)
        for column, article in enumerate(group):
            likeness_of_words = _best_mean(words[counted, column])
            score = likeness_of_words if model_free else _best_mean(total[counted, column]) + WORDS * likeness_of_words
            named = named_in[column]
            if model_free:
                related = score >= RELATED_MODEL_FREE or bool(named)
            else:
                related = score >= least or (bool(named) and score >= RELATED_WITH_PLACE) or likeness_of_words >= RELATED_BY_WORDS
            shown = {f"place:{town.key}": 1.0 for town in named} | {"lexical": round(likeness_of_words, 4)}
            shown |= {
                name: round(_best_mean(part[counted, column]), 4) for name, part in parts.items() if not np.isnan(part[:, column]).any()
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


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)


def _best_means(scores: Scores) -> Scores:
    """(articles,): the mean over the nearest claims of each column."""
    if not len(scores):
        return np.zeros(scores.shape[1])
    best: Scores = np.sort(scores, axis=0)[-BEST_CLAIMS:].mean(axis=0)
    return best


def _best_mean(column: Scores) -> float:
    """The mean over the nearest claims."""
    return float(np.sort(column)[-BEST_CLAIMS:].mean()) if len(column) else 0.0


def small_towns(report: ReferenceReport) -> tuple[Place, ...]:
    """The towns of the claims that few other subjects share, each once."""
    towns = load_gazetteer().towns
    found: dict[str, Place] = {}
    for claim in report.claims:
        context = find_places(claim.context, language_by_letters(claim.context)) if claim.context else ()
        for place in (*claim.places, *context):
            known = towns.get(place.key)
            if is_town(place.key) and (known is None or known.population < SMALL_TOWN):
                found.setdefault(place.key, place)
    return tuple(found.values())


def names_town(text: str, town: Place, language: str, report_language: str) -> bool:
    """Whether a text names the town in any case or script."""
    return any(names_place(word, town.text, language, report_language) for word in set(capitalised(text)))
