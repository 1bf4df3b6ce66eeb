"""Passages that may carry a claim: windows of one and two sentences in the related articles, with a score whose parts are kept.

Three doors lead in: the encoders, a small place of the claim named in the window, and, where no encoder is, shared words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import Encoders
from comparison.facts import compare_facts
from comparison.numbers import find_numbers
from comparison.passages import Span, pairs, sentences
from comparison.places import is_town
from comparison.relevance import is_current, names_town, small_towns
from comparison.scoring import ClaimScorer, Scores, setup_hash
from storage import matches, queries, reports
from storage.database import Database
from storage.matches import Relevance
from storage.records import Claim, Level, Match, Place, ReferenceReport, StoredArticle

STRONG = 4.3
"""Score from which a passage is called close."""

POSSIBLE = 3.3
"""Score from which a passage is worth reading."""

MODEL_FREE_POSSIBLE = 5.0
"""The same for shared words. They never make a close passage: they do not see what is said about what."""

PLACE_DOOR = 1.0
"""Least score of a window that names a small place of the claim: below it the place is all they share."""

PAIR_DOOR = 2.0
"""Score of a sentence from which the pairs it is in are encoded too; the others cannot reach POSSIBLE."""

PAIR_GAIN = 0.15
"""What a pair must gain over the better of its sentences: the shorter passage is the better quotation."""

TOP = 3
"""Passages kept for one claim in one article."""

WINDOW_BEFORE, WINDOW_AFTER = timedelta(days=60), timedelta(days=120)
"""Around the report's date: when the place door is open. Later articles on a place are on other events."""

BATCH = 40
"""Articles matched between two commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSummary:
    """What a matching did."""

    report: str
    label: str
    articles: int
    """Related articles whose passages were scored."""
    passages: int
    strong: int
    possible: int
    encoded: int


def match_articles(db: Database, report_key: str, encoders: Encoders, *, now: datetime) -> MatchSummary:
    """Find passages in every related article that was scored since it was last matched.

    Run after relevance.score_articles. Idempotent and restartable; articles that all reports have seen are no longer pending.

    Raises: NotFoundError for an unknown report.
    """
    with db.read() as session:
        report = reports.load_report(session, report_key)
        known = matches.load_relevance(session, report_key)
        states = queries.article_states(session)
    setup = setup_hash(report, encoders)
    todo = [
        row
        for article_id, row in known.items()
        if row.parts.get("matched") != 1.0 and article_id in states and is_current(row, states[article_id], setup)
    ]
    scorer = ClaimScorer(db, report, encoders, now=now)
    counts = {Level.STRONG: 0, Level.POSSIBLE: 0}
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        with db.read() as session:
            articles = list(queries.load_articles(session, [row.article_id for row in batch if row.related]))
        found = find_passages(scorer, articles)
        with db.write() as session:
            for row in batch:
                chosen = found.get(row.article_id, [])
                matches.replace_matches(session, report_key, row.article_id, encoders.model_hash, chosen, now)
                for match in chosen:
                    counts[match.level] += 1
            matches.save_relevance(session, report_key, [_matched(row) for row in batch], now)
    _settle(db)
    return MatchSummary(
        report=report_key,
        label=encoders.label,
        articles=sum(row.related for row in todo),
        passages=sum(counts.values()),
        strong=counts[Level.STRONG],
        possible=counts[Level.POSSIBLE],
        encoded=scorer.encoded,
    )


def _matched(row: Relevance) -> Relevance:
    return Relevance(
        article_id=row.article_id,
        text_sha256=row.text_sha256,
        model_hash=row.model_hash,
        score=row.score,
        related=row.related,
        parts={**row.parts, "matched": 1.0},
    )


def _settle(db: Database) -> None:
    """Articles whose current revision every report has been compared with are pending no longer."""
    with db.read() as session:
        pending = matches.pending_articles(session)
        states = queries.article_states(session)
        seen = [matches.load_relevance(session, report.key) for report in reports.list_reports(session)] if pending else []
    done = [
        article_id
        for article_id in pending
        if all(
            (row := rows.get(article_id)) is not None
            and row.parts.get("matched") == 1.0
            and (row.text_sha256, row.parts.get("revision")) == (states[article_id][0], float(states[article_id][1]))
            for rows in seen
        )
    ]
    if done:
        with db.write() as session:
            matches.clear_pending(session, done)


def find_passages(scorer: ClaimScorer, articles: Sequence[StoredArticle]) -> dict[int, list[Match]]:
    """Article id -> its passages, by claim, then score descending. Pure but for the vectors that the scorer keeps."""
    by_language: dict[str, list[StoredArticle]] = defaultdict(list)
    for article in articles:
        by_language[article.language].append(article)
    towns = {place.key: place for place in small_towns(scorer.report)}
    found: dict[int, list[Match]] = {}
    for language, group in by_language.items():
        model_free = not scorer.encoders.for_language(language)
        for article, spans, total, parts in _score_windows(scorer, group, language):
            found[article.article_id] = _choose(scorer.report, article, spans, total, parts, towns, model_free=model_free)
    return found


def _score_windows(
    scorer: ClaimScorer, articles: Sequence[StoredArticle], language: str
) -> list[tuple[StoredArticle, list[Span], Scores, Mapping[str, Scores]]]:
    """Every article with its windows and their scores. Sentences first; a pair is encoded where one of its sentences is near a claim."""
    single = [sentences(article.text, language) for article in articles]
    texts = [article.text[span.start : span.end] for article, spans in zip(articles, single, strict=True) for span in spans]
    first = scorer.score(texts, language)
    model_free = not scorer.encoders.for_language(language)
    door = PAIR_DOOR if not model_free else MODEL_FREE_POSSIBLE / 2
    near: list[list[Span]] = []
    offset = 0
    for spans in single:
        best = first.total[:, offset : offset + len(spans)].max(axis=0, initial=0.0)
        near.append([pair for number, pair in _numbered_pairs(spans) if max(best[number], best[number + 1]) >= door])
        offset += len(spans)
    second = scorer.score(
        [article.text[span.start : span.end] for article, spans in zip(articles, near, strict=True) for span in spans], language
    )
    result: list[tuple[StoredArticle, list[Span], Scores, Mapping[str, Scores]]] = []
    offset = pair_offset = 0
    for article, spans, doubles in zip(articles, single, near, strict=True):
        one, two = slice(offset, offset + len(spans)), slice(pair_offset, pair_offset + len(doubles))
        total = np.concatenate([first.total[:, one], second.total[:, two]], axis=1)
        parts = {
            name: np.concatenate([part[:, one], second.parts[name][:, two] if doubles else part[:, :0]], axis=1)
            for name, part in first.parts.items()
        }
        result.append((article, [*spans, *doubles], total, parts))
        offset, pair_offset = one.stop, two.stop
    return result


def _numbered_pairs(spans: tuple[Span, ...]) -> list[tuple[int, Span]]:
    kept = {(pair.start, pair.end): pair for pair in pairs(spans)}
    return [
        (number, kept[(left.start, right.end)])
        for number, (left, right) in enumerate(zip(spans, spans[1:], strict=False))
        if (left.start, right.end) in kept
    ]


def _choose(
    report: ReferenceReport,
    article: StoredArticle,
    spans: list[Span],
    total: Scores,
    parts: Mapping[str, Scores],
    towns: Mapping[str, Place],
    *,
    model_free: bool,
) -> list[Match]:
    if not spans:
        return []
    least = MODEL_FREE_POSSIBLE if model_free else POSSIBLE
    named = {key: _windows_naming(article, spans, town, report.language) for key, town in towns.items()}
    chosen = []
    for row, claim in enumerate(report.claims):
        scores = _without_idle_pairs(spans, total[row])
        picked = _top(spans, scores, least)
        door = "lexicon" if model_free else "encoder"
        if not picked and _in_time(report, article):
            picked = _by_place(claim, article, spans, scores, named)
            door = "place"
        for column in picked:
            score = float(total[row, column])
            level = Level.STRONG if score >= STRONG and not model_free and door == "encoder" else Level.POSSIBLE
            chosen.append(_match(claim, article, spans[column], level, score, {name: float(part[row, column]) for name, part in parts.items()}, door))
    return chosen


def _without_idle_pairs(spans: list[Span], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores with those pairs pushed out that say no more than one of their sentences does."""
    adjusted = scores.copy()
    for number, span in enumerate(spans):
        inner = [other for other, part in enumerate(spans) if other != number and span.start <= part.start and part.end <= span.end]
        if inner and scores[number] < max(scores[other] for other in inner) + PAIR_GAIN:
            adjusted[number] = -np.inf
    return adjusted


def _top(spans: list[Span], scores: NDArray[np.float64], least: float) -> list[int]:
    """The best windows that do not overlap."""
    picked: list[int] = []
    for column in np.argsort(-scores, kind="stable"):
        if scores[column] < least or len(picked) == TOP:
            break
        span = spans[column]
        if all(span.end <= spans[other].start or span.start >= spans[other].end for other in picked):
            picked.append(int(column))
    return picked


def _windows_naming(article: StoredArticle, spans: list[Span], town: Place, report_language: str) -> list[int]:
    if not names_town(article.text, town, article.language, report_language):
        return []
    return [
        number
        for number, span in enumerate(spans)
        if names_town(article.text[span.start : span.end], town, article.language, report_language)
    ]


def _by_place(
    claim: Claim, article: StoredArticle, spans: list[Span], scores: NDArray[np.float64], named: Mapping[str, list[int]]
) -> list[int]:
    """The best window that names a small town of the claim and, where the claim counts something, counts the same thing."""
    keys = [place.key for place in claim.places if is_town(place.key)] or (list(named) if claim.numbers else [])
    units = {number.unit for number in claim.numbers if number.unit}
    candidates = []
    for column in {column for key in keys for column in named.get(key, ())}:
        if scores[column] < PLACE_DOOR:
            continue
        if units:
            counted = find_numbers(article.text[spans[column].start : spans[column].end], article.language)
            if not units & {number.unit for number in counted}:
                continue
        candidates.append(column)
    return [max(candidates, key=lambda column: (scores[column], -column))] if candidates else []


def _in_time(report: ReferenceReport, article: StoredArticle) -> bool:
    """Whether an article is of the report's time; unknown dates are no reason to leave it out."""
    from comparison.reference import reading_date

    around = reading_date(report.published)
    if around is None or article.published.at is None:
        return True
    return around - WINDOW_BEFORE <= article.published.at <= around + WINDOW_AFTER


def _match(
    claim: Claim, article: StoredArticle, span: Span, level: Level, score: float, parts: Mapping[str, float], door: str
) -> Match:
    passage = article.text[span.start : span.end]
    verdict, facts = compare_facts(claim, passage, article.language, article.published.at)
    return Match(
        claim_id=claim.id,
        article_id=article.article_id,
        revision=article.revision,
        text_sha256=article.text_sha256,
        start=span.start,
        end=span.end,
        level=level,
        score=round(score, 4),
        parts={name: round(value, 4) for name, value in parts.items()},
        verdict=verdict,
        facts=facts,
        door=door,
    )
