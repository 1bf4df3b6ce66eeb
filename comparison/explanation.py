"""Why an article is, or is not, a match for a report: subject, passages, facts, thresholds and origin, in an editor's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from comparison import candidates, closer_look
from comparison.derivation import name_index, place_articles
from comparison.encoders import Encoders
from comparison.findings import Fact, Finding, Judged, NearMiss, Rests, capped, iso
from comparison.matrix import Matrix, build_matrix
from comparison.near_misses import subject_of
from comparison.origins import Placed
from comparison.passages import Span
from comparison.relevance import small_towns
from comparison.scoring import ClaimScorer, setup_hash
from comparison.thresholds import PACKAGED, Thresholds, thresholds_of
from comparison.windows import Windowed, score_windows
from comparison.wording import INDEPENDENCE_WORDS, LEVEL_WORDS, VERDICT_WORDS, as_sentence, ruling_words
from storage import matches, nearness, queries, reports
from storage.claim_records import ClaimKind, FactVerdict, Independence, Level, ReferenceReport
from storage.database import Database
from storage.nearness import Relevance
from storage.records import StoredArticle

FIELD_WORDS = {"number": "the number", "place": "the place", "date": "the date", "quote": "the quotation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The sentence of the article that is nearest to a claim, whether or not it is near enough."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One claim and what of it the article holds."""

    id: str
    kind: ClaimKind
    text: str
    level: Level
    """As it counts: a person's ruling comes before the program."""
    words: str
    """Why, in a few sentences."""
    passage: str
    """At most 400 code points; empty for a withdrawn page, and where the article has no sentence."""
    start: int | None
    end: int | None
    score: float | None
    verdict: FactVerdict | None
    facts: tuple[Fact, ...]
    near_miss: str
    judgement: Judged | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that decided on one article for one report. ``asdict`` is its JSON."""

    notice: str
    report: str
    article: str
    outlet_name: str
    language: str
    title: str
    url: str
    published: str | None
    is_match: bool
    """It stands in the matrix with at least one passage."""
    summary: str
    related: bool | None
    """None: not compared with the report yet."""
    relevance: float | None
    relevance_words: str
    thresholds: str
    """What a passage's score means, in a sentence."""
    origin: str | None
    """None for an article that is not on the subject: its origin was not looked for."""
    independence: Independence | None
    origin_words: str
    rests_on: tuple[Rests, ...]
    claims: tuple[ClaimView, ...]


def explain_article(database: Database, report_key: str, article_key: str, encoders: Encoders, *, now: datetime) -> Explanation:
    """Look again at one article, as the comparison did. Encodes its sentences where no vectors of them are stored.

    Raises: NotFoundError for an unknown report or article.
    """
    with database.read() as session:
        report = reports.load_report(session, report_key)
        article = queries.load_article(session, article_key)
        scored = nearness.load_relevance(session, report_key, [article.article_id]).get(article.article_id)
        related = sorted(queries.load_articles(session, nearness.related_articles(session, report_key)), key=lambda item: item.key)
        derivations = matches.load_derivations(session, report_key)
        outlets = queries.outlets(session)
    scorer = ClaimScorer(database, report, encoders, now=now)
    placed = None
    names: Mapping[str, str] = {}
    if any(item.article_id == article.article_id for item in related):
        origins = place_articles(report, related, outlets, derivations, name_index(report, outlets))
        placed, names = origins.of_article(article.article_id), origins.names
    return explain(
        build_matrix(database, report_key, encoders),
        report,
        article,
        scored if scored is not None and scored.model_hash == setup_hash(report, encoders) else None,
        nearest_sentences(scorer, article),
        placed,
        names,
        least=closer_look.least_related(encoders, article.language),
        by=thresholds_of(encoders),
    )


def nearest_sentences(scorer: ClaimScorer, article: StoredArticle) -> dict[str, Nearest]:
    """Claim id -> the article's nearest sentence; empty for an article without text."""
    one = Windowed(article, {}, scorer.report.language)
    if not one.spans:
        return {}
    score_windows(scorer, [one], article.language)
    model_free = not scorer.encoders.for_language(article.language)
    one.weigh(scorer, model_free=model_free)
    if not model_free:
        is_elsewhere = subject_of(scorer.report).is_elsewhere(article)
        close = candidates.least_strong(scorer.encoders, article.language)
        one.discount(is_elsewhere=is_elsewhere, close=close, by=scorer.thresholds)
    return {
        claim.id: _nearest(article, one.spans[int(column)], float(one.evidence[row, column]))
        for row, claim in enumerate(scorer.report.claims)
        for column in [np.argmax(one.evidence[row])]
    }


def _nearest(article: StoredArticle, span: Span, score: float) -> Nearest:
    return Nearest(text=article.text[span.start : span.end], start=span.start, end=span.end, score=round(score, 4))


def explain(
    matrix: Matrix,
    report: ReferenceReport,
    article: StoredArticle,
    scored: Relevance | None,
    nearest: Mapping[str, Nearest],
    placed: Placed | None,
    names: Mapping[str, str],
    *,
    least: float | None,
    by: Thresholds = PACKAGED,
) -> Explanation:
    """Pure: everything that must be read or computed is given. ``scored`` is None when the article was not compared yet; ``least`` is
    the score of a related article, None where no encoder knows the language.
    """
    model_free = least is None
    findings = {
        row.id: finding for row in matrix.claims for cell in row.cells for finding in cell.articles if finding.article == article.key
    }
    misses: dict[str, NearMiss] = {}
    for miss in matrix.near_misses:
        if miss.finding.article == article.key:
            misses.setdefault(miss.claim, miss)
    rulings = {row.id: judged for row in matrix.claims for judged in row.judgements if judged.article == article.key}
    views = tuple(
        _view(
            claim.id,
            claim.kind,
            claim.text,
            article,
            findings.get(claim.id),
            misses.get(claim.id),
            nearest.get(claim.id),
            rulings.get(claim.id),
            related=scored is not None and scored.related,
            model_free=model_free,
            by=by,
        )
        for claim in report.claims
    )
    columns = {column.origin: column for column in matrix.origins}
    label = placed.label if placed is not None else None
    rests = next((finding.rests_on for finding in (*findings.values(), *(miss.finding for miss in misses.values()))), ())
    return Explanation(
        notice=matrix.notice,
        report=report.key,
        article=article.key,
        outlet_name=article.outlet_name,
        language=article.language,
        title=article.title,
        url=article.url,
        published=iso(article.published.at),
        is_match=bool(findings),
        summary=_summary(article, views, scored),
        related=scored.related if scored is not None else None,
        relevance=scored.score if scored is not None else None,
        relevance_words=_relevance_words(article, scored, report, least, by),
        thresholds=_thresholds(by, model_free=model_free),
        origin=label,
        independence=placed.independence if placed is not None else None,
        origin_words=_origin_words(placed, article, names if label not in columns else {label: columns[label].name}),
        rests_on=rests,
        claims=views,
    )


def _summary(article: StoredArticle, views: Sequence[ClaimView], scored: Relevance | None) -> str:
    close = [view.id for view in views if view.level is Level.STRONG]
    possible = [view.id for view in views if view.level is Level.POSSIBLE]
    aside = [view.id for view in views if view.near_miss and view.level is Level.NONE]
    if close or possible:
        parts = []
        if close:
            parts.append(f"close {'passage' if len(close) == 1 else 'passages'} for {', '.join(close)}")
        if possible:
            parts.append(f"possible {'passage' if len(possible) == 1 else 'passages'} for {', '.join(possible)}")
        return f"A match: {'; '.join(parts)}."
    if not article.text:
        return "No match: the article has no text to read (a video without a transcript, or a page served in part)."
    if scored is None:
        return "Not compared with this report yet: run `secondsource crawl`, or let the daemon do it."
    if not scored.related:
        return "No match: the article was not taken to be on the report's subject, so no passages were looked for in it."
    if aside:
        return f"No match: what reads like {', '.join(aside)} is of something else."
    return "No match: the article is on the subject, and no sentence of it is near enough to a claim."


def _relevance_words(article: StoredArticle, scored: Relevance | None, report: ReferenceReport, least: float | None, by: Thresholds) -> str:
    if scored is None:
        return "Not scored with the models and claims of today."
    towns = [place.text for place in small_towns(report) if f"place:{place.key}" in scored.parts]
    named = f"its text names {', '.join(towns)}" if towns else "its text names no small town of the claims"
    head = "Yes" if scored.related else "No"
    changed = (
        "" if scored.text_sha256 == article.text_sha256 else " The article changed since; it is scored again with the next comparison."
    )
    if least is None:
        return (
            f"{head}: the likeness of words is {scored.score:.2f} ({closer_look.RELATED_MODEL_FREE:.2f} is enough, or a small town), "
            f"and {named}. No encoder is used: low recall.{changed}"
        )
    if not scored.looked or "lexical" not in scored.parts:
        return f"{head}: headline and opening score {scored.score:.1f} in a first look, and its text was not read.{changed}"
    depth = scored.parts.get("depth")
    sentences_add = (
        "the sentences were not asked, since headline and lead decide"
        if depth is None
        else f"its sentences add {depth:+.1f} to that of headline and lead"
    )
    return (
        f"{head}: its score is {scored.score:.1f} ({least:.2f} is enough, "
        f"{by.related_by_name:.1f} where its text has a small town of the claims or a name that no list of places has), "
        f"{sentences_add}; {named}, and the likeness of words is {scored.parts.get('lexical', 0.0):.2f}.{changed}"
    )


def _origin_words(placed: Placed | None, article: StoredArticle, names: Mapping[str, str]) -> str:
    if placed is None:
        return "Not looked for, since it is not among the related articles."
    name = names.get(placed.label, placed.label)
    why = placed.reason or f"{article.outlet_name}'s own text, and no common source with others was found"
    return f"{name} ({INDEPENDENCE_WORDS[placed.independence]}): {why}."


def _view(
    claim_id: str,
    kind: ClaimKind,
    text: str,
    article: StoredArticle,
    finding: Finding | None,
    miss: NearMiss | None,
    nearest: Nearest | None,
    ruling: Judged | None,
    *,
    related: bool,
    model_free: bool,
    by: Thresholds,
) -> ClaimView:
    shown = finding or (miss.finding if miss is not None else None)
    level = finding.level if finding is not None else Level.NONE
    words = _claim_words(finding, miss, nearest, related=related, model_free=model_free, by=by)
    if ruling is not None:
        words = f"{ruling_words(ruling)} {words}"
    if shown is not None:
        passage, start, end, score = shown.passage, shown.start, shown.end, shown.score
    elif nearest is not None:
        passage = "" if article.gone_at is not None else capped(nearest.text)
        start, end, score = nearest.start, nearest.end, nearest.score
    else:
        passage, start, end, score = "", None, None, None
    return ClaimView(
        id=claim_id,
        kind=kind,
        text=text,
        level=level,
        words=words,
        passage=passage,
        start=start,
        end=end,
        score=score,
        verdict=shown.verdict if shown is not None else None,
        facts=shown.facts if shown is not None else (),
        near_miss=miss.reason if miss is not None else "",
        judgement=ruling,
    )


def _claim_words(
    finding: Finding | None, miss: NearMiss | None, nearest: Nearest | None, *, related: bool, model_free: bool, by: Thresholds
) -> str:
    """The program's reasons for one claim."""
    if finding is not None:
        parts = [f"{LEVEL_WORDS[finding.level].capitalize()}: {_score_words(finding, by, model_free=model_free)}"]
        parts.append(_fact_words(finding))
        parts.append(f"{INDEPENDENCE_WORDS[finding.independence]}{': ' + finding.reason if finding.reason else ''}")
        if miss is not None:
            parts.append(f"it may be of something else: {miss.reason}")
        return " ".join(as_sentence(part) for part in parts if part)
    if miss is not None:
        return f"Set aside, reads like the claim (score {miss.finding.score:.1f}) but is of something else: {miss.reason}."
    if nearest is None:
        return "No text to look in."
    least = candidates.MODEL_FREE_POSSIBLE if model_free else by.possible
    shown = f"{nearest.score:.2f}" if model_free else f"{nearest.score:.1f}"
    enough = f"{least:.2f}" if model_free else f"{least:.1f}"
    if nearest.score < least:
        return f"No passage: its nearest sentence scores {shown}, and {enough} is needed to be worth reading."
    if not related:
        return f"No passage: a sentence scores {shown}, which would be worth reading, but the article was not taken to be on the subject."
    return f"No passage kept: the nearest sentence scores {shown} by itself; what was kept is what the comparison stored."


def _score_words(finding: Finding, by: Thresholds, *, model_free: bool) -> str:
    """Why the passage was taken, and why as close."""
    if finding.door == "person":
        return "named by a person; the program had not found it"
    score = (f"score {finding.score:.2f}" if model_free else f"score {finding.score:.1f}") + _taken_off(finding)
    agreeing = {fact.field for fact in finding.facts if fact.verdict is FactVerdict.AGREES}
    if finding.door == "place" and finding.score < by.possible:
        return f"it names a small town of the claim, though its wording is far from it ({score})"
    if model_free:
        return f"its words are like the claim's ({score})"
    if finding.level is not Level.STRONG:
        return f"its wording is near the claim's ({score})"
    has_figure = "figure" in finding.parts
    if finding.score >= by.strong or not (has_figure or agreeing & {"number", "duration", "place"}):
        figure = ", a figure in common counted" if has_figure else ""
        return f"its wording is close to the claim's ({score}{figure})"
    second = "states its very number" if has_figure or "number" in agreeing else "names its small town"
    return f"its wording is near the claim's ({score}) and it {second}"


def _taken_off(finding: Finding) -> str:
    """What the article as a whole took from the score, and why; empty where it took nothing."""
    reasons = {
        "elsewhere": "its article names no town and no other name of the report's events",
        "alone": "its article has few other claims",
    }
    told = [f"{-finding.parts[part]:.1f} taken off since {reason}" for part, reason in reasons.items() if part in finding.parts]
    return "".join(f", {words}" for words in told)


def _thresholds(by: Thresholds, *, model_free: bool) -> str:
    if model_free:
        return (
            f"By likeness of words a passage is worth reading from {candidates.MODEL_FREE_POSSIBLE:.2f}; "
            "without an encoder none is called close."
        )
    return (
        f"A passage is worth reading from a score of {by.possible:.1f}, close by itself from {by.strong:.1f} "
        f"({by.strong_by_one:.1f} where one encoder alone knows the language), "
        f"from {by.supported:.1f} where it also names the claim's small town or states a number of it, "
        f"and from {by.counted:.1f} where it names the town and counts what the claim counts. "
        f"{by.unstated:.1f} more is asked of a passage that states none of the claim's facts, {by.unplaced:.1f} more "
        f"of one that does not name the claim's small town, and {by.general:.1f} more for a claim of context."
    )


def _fact_words(finding: Finding) -> str:
    if not finding.facts:
        return "there is no number, place or date to compare"
    told = []
    for fact in finding.facts:
        field = FIELD_WORDS.get(fact.field, fact.field)
        beside = (
            f"the claim has “{fact.claim_value}”, the passage “{fact.passage_value}”"
            if fact.passage_value
            else f"“{fact.claim_value}” is not stated"
        )
        verdict = f" {VERDICT_WORDS[fact.verdict]}" if fact.passage_value and fact.verdict is not FactVerdict.NOT_STATED else ""
        told.append(f"{field}{verdict}: {beside}" if fact.passage_value else f"{field} {beside}")
    return "; ".join(told)
