"""Which articles may be on a report's subject: a first look at all headlines and leads, which reads no text.

The guess before the commit is ``comparison.focus``; what is near is read by ``comparison.closer_look``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import Encoder, Encoders
from comparison.folding import language_by_letters
from comparison.gazetteer import load_gazetteer
from comparison.leads import Signatures, concept_weights, ensure_leads, first_encoder, signature_hash, vectors_of
from comparison.lexicon import SHRINKAGE, concept_names, features
from comparison.place_keys import place_key
from comparison.places import find_places, is_town, names_place
from comparison.scoring import ClaimScorer, Scores, setup_hash
from comparison.words import capitalised
from storage import nearness, reports
from storage.claim_records import Place, ReferenceReport
from storage.database import Database
from storage.leads import KEY_BYTES, ArticleStates, article_states, stream_leads
from storage.spellings import base_forms

Progress = Callable[[str, int, int], None]
"""Called with what is counted, how much of it is done, and how much there is."""

WORDS = 6.0
"""Weight of the likeness of words, 0..1, beside a z-score."""

BEST_CLAIMS = 3
"""An article on the subject is near several claims; one near claim alone is often chance."""

FIRST_LOOK_MODEL_FREE = 0.05
"""Likeness of concepts from which an article's text is read where there is no encoder; a small town that may be named opens this door too.
With one see ``comparison.thresholds``."""

SAVED_AT_ONCE = 20_000
"""First scores written in one transaction."""

REVISIONS = 1_000_000
"""More than any article has."""

SMALL_TOWN = 100_000
"""Inhabitants below which a town's name points to a subject by itself."""


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
                score[rows] = best_means(scorer.score_vectors(encoder, vectors_of(block), block.language)[counted])
        for block in stream_leads(session, signature_hash(), wanted):
            rows = order[np.searchsorted(wanted, block.extraction_ids)]
            signatures = Signatures(block.rows.view(np.uint8))
            words[rows] = best_means(_concept_likeness(concepts, signatures.concepts()))
            named[rows] = signatures.may_name(towns)
            keys[rows] = np.frombuffer(block.text_keys, dtype=np.uint8).reshape(-1, KEY_BYTES)
    model_free = np.isnan(score)
    shown = np.round(np.where(model_free, words, np.nan_to_num(score) + WORDS * words), 4)
    by = scorer.thresholds
    fast = {language for language, first in firsts.items() if first is not None and first.is_fast}
    enough = np.where([language in fast for language in todo.languages], by.first_look, by.first_look_by_slow)
    near = named | (shown >= np.where(model_free, FIRST_LOOK_MODEL_FREE, enough))
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


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)


def best_means(scores: Scores) -> Scores:
    """(articles,): the mean over the nearest claims of each column."""
    if not len(scores):
        return np.zeros(scores.shape[1])
    best: Scores = np.sort(scores, axis=0)[-BEST_CLAIMS:].mean(axis=0)
    return best


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
