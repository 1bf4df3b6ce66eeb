"""Passages that may carry a claim: windows of one and two sentences in the related articles, with a score whose parts are kept.

Three doors lead in: the encoders, a small place of the claim named in the window, and, where no encoder is, shared words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from comparison.cells import marks_of, quote
from comparison.denials import denies
from comparison.encoders import Encoders
from comparison.facts import claim_regions, compare_facts, other_region
from comparison.folding import language_by_letters
from comparison.gazetteer import load_gazetteer
from comparison.near_misses import Subject, judge, place_differs, subject_of
from comparison.numbers import find_numbers
from comparison.passages import Span, pairs
from comparison.places import find_places, is_region, is_town
from comparison.relevance import Progress, small_towns
from comparison.scoring import ClaimScorer, Scores, setup_hash
from comparison.thresholds import Thresholds, thresholds_of
from comparison.windows import PAIR_GAIN, Windowed, score_windows
from storage import matches, nearness, queries, reports
from storage.claim_records import Claim, ClaimKind, FactVerdict, Level, Match, ReferenceReport
from storage.database import Database
from storage.records import StoredArticle

MODEL_FREE_POSSIBLE = 0.25
"""Likeness of words from which a passage is worth reading: precision .5, recall .3. Shared words never make a close passage,
since they do not say what is said about what."""

MODEL_FREE_PLACE_DOOR = 0.05

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


def match_articles(db: Database, report_key: str, encoders: Encoders, *, now: datetime, progress: Progress | None = None) -> MatchSummary:
    """Find passages in every related article that was scored since it was last matched.

    Run after closer_look.score_articles. Idempotent and restartable; articles that all reports have seen are no longer pending.

    Raises: NotFoundError for an unknown report.
    """
    with db.read() as session:
        report = reports.load_report(session, report_key)
        setup = setup_hash(report, encoders)
        todo = [row for row in nearness.open_relevance(session, report_key, setup) if row.looked]
    scorer = ClaimScorer(db, report, encoders, now=now)
    counts = {Level.STRONG: 0, Level.POSSIBLE: 0}
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        with db.read() as session:
            articles = list(queries.load_articles(session, [row.article_id for row in batch]))
        found = find_passages(scorer, articles)
        with db.write() as session:
            for row in batch:
                chosen = found.get(row.article_id, [])
                matches.replace_matches(session, report_key, row.article_id, encoders.model_hash, chosen, now)
                for match in chosen:
                    counts[match.level] += 1
            nearness.mark_matched(session, report_key, [row.article_id for row in batch])
        if progress is not None:
            progress("articles compared", min(start + BATCH, len(todo)), len(todo))
    with db.write() as session:
        nearness.settle_pending(session)
    return MatchSummary(
        report=report_key,
        label=encoders.label,
        articles=len(todo),
        passages=sum(counts.values()),
        strong=counts[Level.STRONG],
        possible=counts[Level.POSSIBLE],
        encoded=scorer.encoded,
    )


def find_passages(scorer: ClaimScorer, articles: Sequence[StoredArticle]) -> dict[int, list[Match]]:
    """Article id -> its passages, by claim, then score descending. Pure but for the vectors that the scorer keeps."""
    by_language: dict[str, list[StoredArticle]] = defaultdict(list)
    for article in articles:
        by_language[article.language].append(article)
    towns = {place.key: place for place in small_towns(scorer.report)}
    subject = subject_of(scorer.report)
    found: dict[int, list[Match]] = {}
    for language, group in by_language.items():
        windowed = [Windowed(article, towns, scorer.report.language) for article in group]
        model_free = not scorer.encoders.for_language(language)
        strong, by = least_strong(scorer.encoders, language), scorer.thresholds
        if model_free or scorer.knows_fast(language):
            for one in windowed:
                one.add(pairs(one.single))
            score_windows(scorer, windowed, language)
        else:
            # Sentences first: a pair none of whose sentences is near a claim is not worth a slow encoding.
            score_windows(scorer, windowed, language)
            for one in windowed:
                one.add(one.near_pairs(by.pair_door))
            score_windows(scorer, windowed, language)
        for one in windowed:
            one.weigh(scorer, model_free=model_free)
            if one.spans and not model_free:
                one.discount(is_elsewhere=subject.is_elsewhere(one.article), close=strong, by=by)
            found[one.article.article_id] = _choose(scorer.report, one, subject, by, strong=strong, model_free=model_free)
    return found


def least_strong(encoders: Encoders, language: str) -> float:
    """The evidence from which a passage of a language is called close by itself."""
    by = thresholds_of(encoders)
    return by.strong if len(encoders.voting(language)) > 1 else by.strong_by_one


def _choose(
    report: ReferenceReport, windowed: Windowed, subject: Subject, by: Thresholds, *, strong: float, model_free: bool
) -> list[Match]:
    if not windowed.spans:
        return []
    article = windowed.article
    named: dict[str, list[int]] = defaultdict(list)
    for column in range(len(windowed.spans)):
        for key in windowed.towns_in(column):
            named[key].append(column)
    in_time = _in_time(report, article)
    places = {claim.id: {column for key in _door_keys(claim, named) for column in named.get(key, ())} for claim in report.claims if in_time}
    # The context of a report ranges over other regions; where its events happen is what tells homonyms apart.
    regions: frozenset[str] = frozenset().union(*(claim_regions(claim) for claim in report.claims if claim.kind is ClaimKind.EVENT))
    chosen = []
    for row, claim in enumerate(report.claims):
        scores = _without_idle_pairs(windowed.spans, windowed.evidence[row])
        picked = [
            (column, "lexicon" if model_free else "encoder")
            for column in _top(windowed.spans, scores, MODEL_FREE_POSSIBLE if model_free else by.possible)
        ]
        if places.get(claim.id):
            door = MODEL_FREE_PLACE_DOOR if model_free else by.place_door if _town_keys(claim) else by.region_door
            picked = _with_place(claim, windowed, windowed.total[row], places[claim.id], picked, door)
        for column, through in picked:
            score = float(windowed.evidence[row, column])
            parts = {name: float(part[row, column]) for name, part in windowed.parts.items() if not np.isnan(part[row, column])}
            match = _match(claim, article, windowed.spans[column], score, parts, through)
            is_close = not model_free and _is_close(
                claim,
                match,
                windowed.text(column),
                article.language,
                report.language,
                regions,
                by,
                named=named,
                column=column,
                strong=strong,
            )
            match = replace(match, level=Level.STRONG) if is_close else match
            chosen.append(replace(match, weighed=True, near_miss=judge(match, claim, article, subject)))
    return chosen


def _is_close(
    claim: Claim,
    match: Match,
    passage: str,
    language: str,
    report_language: str,
    regions: frozenset[str],
    by: Thresholds,
    *,
    named: Mapping[str, list[int]],
    column: int,
    strong: float,
) -> bool:
    """Whether a passage may be called close: near in wording, and not elsewhere.

    A passage that names another place than the claim's, or denies what it speaks of, is never close. One that names the claim's small
    town, or states a figure of it, is close from SUPPORTED on; one that names the town and has a count of the claim's unit, the same or a
    rival one, from COUNTED on. Where the claim happens in a small town that the passage (for a town of the context, the article) does not
    name, it must have ``unplaced`` more than ``strong``. ``unstated`` and ``general`` come on top of any of these.
    """
    towns = _town_keys(claim)
    is_here = any(column in named.get(key, ()) for key in towns)
    score = match.score - by.unstated * (match.verdict is FactVerdict.NOT_STATED) - by.general * (claim.kind is not ClaimKind.EVENT)
    least = by.counted if is_here and _counts_the_same(match) else by.supported
    if score < least or place_differs(match, claim, passage, language, report_language):
        return False
    if denies(passage, language) and not denies(claim.text, report_language):
        return False
    if is_here and other_region(regions, find_places(passage, language), passage, language) is not None:
        # A homonym: the passage places the town in a region that the report does not speak of.
        return False
    if is_here or "figure" in match.parts:
        return True
    is_own = any(is_town(place.key) for place in claim.places)
    unplaced = bool(towns) and (is_own or not any(key in named for key in towns))
    return score >= (strong + by.unplaced if unplaced else strong)


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


def _with_place(
    claim: Claim, windowed: Windowed, scores: Scores, at_place: set[int], picked: list[tuple[int, str]], door: float
) -> list[tuple[int, str]]:
    """``picked`` and the best window that names a small town of the claim and, where the claim counts something, counts it too.

    An event may be told in words that no encoder puts near the claim; the rare place then is the only link.
    """
    if any(column in at_place for column, _ in picked):
        return picked
    units = {number.unit for number in claim.numbers if number.unit}
    taken = [windowed.spans[column] for column, _ in picked]
    candidates = []
    for column in at_place:
        span = windowed.spans[column]
        if scores[column] < door or any(span.start < other.end and other.start < span.end for other in taken):
            continue
        if units and not units & {number.unit for number in find_numbers(windowed.text(column), windowed.article.language)}:
            continue
        candidates.append(column)
    if not candidates:
        return picked
    best = max(candidates, key=lambda column: (scores[column], -column))
    return [*picked[: TOP - 1], (best, "place")]


def _counts_the_same(match: Match) -> bool:
    """Whether the passage gives a number where the claim gives one, equal or not."""
    return any(pair.field == "number" and pair.verdict in (FactVerdict.AGREES, FactVerdict.DIFFERS) for pair in match.facts)


def _town_keys(claim: Claim) -> list[str]:
    """The towns where a claim happens: its own, else its context's."""
    own = [place.key for place in claim.places if is_town(place.key)]
    if own or not claim.context:
        return own
    return [place.key for place in find_places(claim.context, language_by_letters(claim.context)) if is_town(place.key)]


def _door_keys(claim: Claim, named: Iterable[str]) -> list[str]:
    """The towns by whose name a window may carry the claim: where it happens, else, of those ``named``, what lies in its region."""
    towns = _town_keys(claim)
    wide = {place.key for place in claim.places if is_region(place.key)}
    return towns or [key for key in named if wide & load_gazetteer().ancestors(key)]


def _in_time(report: ReferenceReport, article: StoredArticle) -> bool:
    """Whether an article is of the report's time; unknown dates are no reason to leave it out."""
    from comparison.reference import reading_date

    around = reading_date(report.published)
    if around is None or article.published.at is None:
        return True
    return around - WINDOW_BEFORE <= article.published.at <= around + WINDOW_AFTER


def _match(claim: Claim, article: StoredArticle, span: Span, score: float, parts: Mapping[str, float], door: str) -> Match:
    passage = article.text[span.start : span.end]
    verdict, facts = compare_facts(claim, passage, article.language, article.said_at(span.start))
    return Match(
        claim_id=claim.id,
        article_id=article.article_id,
        revision=article.revision,
        text_sha256=article.text_sha256,
        start=span.start,
        end=span.end,
        level=Level.POSSIBLE,
        score=round(score, 4),
        parts={name: round(value, 4) for name, value in parts.items()},
        verdict=verdict,
        facts=facts,
        door=door,
        marks=tuple(
            (mark.start, mark.end, mark.field) for mark in marks_of(quote(article.text, span.start, span.end)[0], article.language)
        ),
    )
