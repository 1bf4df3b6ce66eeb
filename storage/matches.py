"""What the comparison found: backgrounds, relevance, matches and derivations. Each can be made again; none is the publisher's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, delete, func, select, text, update
from sqlalchemy.orm import Session

from storage.dialects import add_rows, affected, chunks, put_rows
from storage.models import (
    ArticleRow,
    BackgroundRow,
    ClaimRow,
    CreditsRow,
    DerivationRow,
    ExtractionRow,
    MatchRow,
    OutletRow,
    RelevanceRow,
    ReportRow,
    RevisionRow,
)
from storage.records import Derivation, DerivationKind, FactPair, FactVerdict, Level, Match, MatchNews, NearMissReason
from storage.reports import claim_rows, report_id

_OPEN = text("(NOT relevance.matched OR relevance.related)")
"""As the partial index says it, word for word: only then is it used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundRecord:
    """How each claim scores against unrelated sentences of one language: the yardstick of every z-score."""

    language: str
    model_hash: str
    sample_size: int
    claims: Mapping[str, tuple[float, float]]
    """ "c03@1" -> (mean, standard deviation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """How near an article is to a report's subject."""

    article_id: int
    text_sha256: str
    model_hash: str
    score: float
    related: bool
    parts: Mapping[str, float]
    extraction_id: int = 0
    revision: int = 0
    looked: bool = True
    """False: near by a first look at headline and opening; its text was not read yet."""
    matched: bool = False
    """True: its passages were compared with the claims; or it is not related and has none to compare."""


def save_background(session: Session, key: str, background: BackgroundRecord, now: datetime) -> int:
    """Store a background; it is never changed afterwards, a new one is a new row. Returns its id."""
    row = BackgroundRow(
        report_id=report_id(session, key),
        language=background.language,
        model_hash=background.model_hash,
        sample_size=background.sample_size,
        claims={name: list(values) for name, values in background.claims.items()},
        made_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def load_background(session: Session, key: str, language: str, model_hash: str) -> BackgroundRecord | None:
    """The newest background of a report for one language and model; None when there is none yet."""
    row = session.scalar(
        select(BackgroundRow)
        .where(
            BackgroundRow.report_id == report_id(session, key), BackgroundRow.language == language, BackgroundRow.model_hash == model_hash
        )
        .order_by(BackgroundRow.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    claims = {name: (float(values[0]), float(values[1])) for name, values in row.claims.items()}
    return BackgroundRecord(language=row.language, model_hash=row.model_hash, sample_size=row.sample_size, claims=claims)


def save_relevance(session: Session, key: str, scores: Iterable[Relevance], now: datetime) -> None:
    """Store or replace the score of each article."""
    report = report_id(session, key)
    rows = [
        {
            "report_id": report,
            "article_id": item.article_id,
            "extraction_id": item.extraction_id,
            "revision": item.revision,
            "text_sha256": item.text_sha256,
            "model_hash": item.model_hash,
            "score": item.score,
            "related": item.related,
            "looked": item.looked,
            "matched": item.matched,
            "parts": dict(item.parts),
            "scored_at": now,
        }
        for item in scores
    ]
    put_rows(session, RelevanceRow, rows, key=("report_id", "article_id"))


def load_relevance(session: Session, key: str, article_ids: Sequence[int] | None = None) -> dict[int, Relevance]:
    """Article id -> its score, for every article that was scored, or those of ``article_ids``."""
    statement = _relevance(report_id(session, key))
    if article_ids is None:
        return {row.article_id: _relevance_record(row) for row in session.execute(statement)}
    return {
        row.article_id: _relevance_record(row)
        for part in chunks(sorted(set(article_ids)))
        for row in session.execute(statement.where(RelevanceRow.article_id.in_(part)))
    }


def scored_extractions(session: Session, key: str, model_hash: str, article_ids: Sequence[int] | None = None) -> NDArray[np.int64]:
    """(rows, 2): extraction and revision of what was scored under this setup, of all articles or some."""
    statement = select(RelevanceRow.extraction_id, RelevanceRow.revision).where(
        RelevanceRow.report_id == report_id(session, key), RelevanceRow.model_hash == model_hash
    )
    if article_ids is None:
        rows = [tuple(row) for row in session.execute(statement)]
    else:
        rows = [
            tuple(row)
            for part in chunks(sorted(set(article_ids)))
            for row in session.execute(statement.where(RelevanceRow.article_id.in_(part)))
        ]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def mark_matched(session: Session, key: str, article_ids: Sequence[int]) -> None:
    """Say that the passages of these articles were compared."""
    report = report_id(session, key)
    for part in chunks(article_ids):
        session.execute(
            update(RelevanceRow).where(RelevanceRow.report_id == report, RelevanceRow.article_id.in_(part)).values(matched=True)
        )


def open_relevance(session: Session, key: str, model_hash: str) -> list[Relevance]:
    """The articles that a look at their text, or a comparison of their passages, waits for: the most promising first."""
    statement = _relevance(report_id(session, key)).where(_OPEN, ~RelevanceRow.matched, RelevanceRow.model_hash == model_hash)
    return [_relevance_record(row) for row in session.execute(statement.order_by(RelevanceRow.score.desc(), RelevanceRow.article_id))]


def count_open(session: Session, key: str, model_hash: str) -> tuple[int, int]:
    """How many articles wait for a look at their text, and how many for a comparison of their passages."""
    statement = (
        select(RelevanceRow.looked, func.count())
        .where(
            RelevanceRow.report_id == report_id(session, key),
            _OPEN,
            ~RelevanceRow.matched,
            RelevanceRow.model_hash == model_hash,
        )
        .group_by(RelevanceRow.looked)
    )
    found = {bool(looked): count for looked, count in session.execute(statement)}
    return found.get(False, 0), found.get(True, 0)


def scored_setup(session: Session, key: str) -> str:
    """The claims, models and background for which every article that is not pending was scored; empty when there is none.

    Raises: NotFoundError.
    """
    return str(session.scalar(select(ReportRow.scored_setup).where(ReportRow.id == report_id(session, key))))


def is_uncompared(session: Session) -> bool:
    """Whether any report waits for articles, or articles for a report: a new report is compared with what is stored already."""
    if session.scalar(select(ReportRow.id).limit(1)) is None:
        return False
    waiting = select(RelevanceRow.article_id).where(_OPEN, ~RelevanceRow.matched, RelevanceRow.report_id == ReportRow.id).exists()
    reports_waiting = select(ReportRow.id).where((ReportRow.scored_setup == "") | waiting).limit(1)
    return bool(pending_articles(session, 1)) or session.scalar(reports_waiting) is not None


def set_scored_setup(session: Session, key: str, setup: str) -> None:
    session.execute(update(ReportRow).where(ReportRow.id == report_id(session, key)).values(scored_setup=setup))


def _relevance(report: int) -> Select[Any]:
    columns = RelevanceRow.__table__.c
    return select(*(column for column in columns if column.name not in ("report_id", "scored_at"))).where(RelevanceRow.report_id == report)


def _relevance_record(row: Row[Any]) -> Relevance:
    return Relevance(
        article_id=row.article_id,
        extraction_id=row.extraction_id,
        revision=row.revision,
        text_sha256=row.text_sha256,
        model_hash=row.model_hash,
        score=row.score,
        related=bool(row.related),
        looked=bool(row.looked),
        matched=bool(row.matched),
        parts=row.parts,
    )


def related_articles(session: Session, key: str) -> list[int]:
    """Ids of the articles on the report's subject, ascending."""
    query = select(RelevanceRow.article_id).where(RelevanceRow.report_id == report_id(session, key), _OPEN, RelevanceRow.related)
    return list(session.scalars(query.order_by(RelevanceRow.article_id)))


def replace_matches(session: Session, key: str, article_id: int, model_hash: str, matches: Sequence[Match], now: datetime) -> None:
    """Put these matches of one article in the place of the ones that the same model had found."""
    claims = claim_rows(session, key)
    every_version = select(ClaimRow.id).where(ClaimRow.report_id == report_id(session, key))
    session.execute(
        delete(MatchRow).where(
            MatchRow.article_id == article_id, MatchRow.model_hash == model_hash, MatchRow.claim_row_id.in_(every_version)
        )
    )
    revisions = {row.number: row.id for row in session.scalars(select(RevisionRow).where(RevisionRow.article_id == article_id))}
    for match in matches:
        session.add(
            MatchRow(
                claim_row_id=claims[match.claim_id],
                article_id=article_id,
                revision_id=revisions[match.revision],
                text_sha256=match.text_sha256,
                model_hash=model_hash,
                start=match.start,
                end=match.end,
                level=match.level.value,
                score=match.score,
                parts=dict(match.parts),
                verdict=match.verdict.value,
                facts=[asdict(pair) for pair in match.facts],
                door=match.door,
                near_miss=_near_miss_json(match),
                made_at=now,
            )
        )
    session.flush()


def _near_miss_json(match: Match) -> dict[str, Any] | None:
    if not match.weighed:
        return None
    return asdict(match.near_miss) if match.near_miss is not None else {}


def load_matches(session: Session, key: str, model_hash: str) -> list[Match]:
    """The matches of the current claims with the current revisions, by claim, then score descending, then article and place."""
    query = (
        select(MatchRow, ClaimRow.claim_id, RevisionRow.number)
        .join(ClaimRow, ClaimRow.id == MatchRow.claim_row_id)
        .join(RevisionRow, RevisionRow.id == MatchRow.revision_id)
        .join(ArticleRow, ArticleRow.current_revision_id == RevisionRow.id)
        .where(ClaimRow.report_id == report_id(session, key), ClaimRow.current, MatchRow.model_hash == model_hash)
        .order_by(ClaimRow.position, MatchRow.score.desc(), ArticleRow.key, MatchRow.start, MatchRow.end)
    )
    return [
        Match(
            claim_id=claim_id,
            article_id=row.article_id,
            revision=number,
            text_sha256=row.text_sha256,
            start=row.start,
            end=row.end,
            level=Level(row.level),
            score=row.score,
            parts=row.parts,
            verdict=FactVerdict(row.verdict),
            facts=tuple(
                FactPair(
                    field=pair["field"],
                    claim_value=pair["claim_value"],
                    passage_value=pair["passage_value"],
                    verdict=FactVerdict(pair["verdict"]),
                )
                for pair in row.facts
            ),
            door=row.door,
            weighed=row.near_miss is not None,
            near_miss=NearMissReason(**row.near_miss) if row.near_miss else None,
        )
        for row, claim_id, number in session.execute(query)
    ]


def new_matches(session: Session, key: str | None = None, *, limit: int = 200) -> list[MatchNews]:
    """The newest close and possible passages of one report or all, the best one an article and claim, newest first.

    Raises: NotFoundError for an unknown report.
    """
    query = (
        select(MatchRow, ClaimRow, ReportRow.key, ArticleRow, RevisionRow.number, OutletRow.name, ExtractionRow)
        .join(ClaimRow, ClaimRow.id == MatchRow.claim_row_id)
        .join(ReportRow, ReportRow.id == ClaimRow.report_id)
        .join(RevisionRow, RevisionRow.id == MatchRow.revision_id)
        .join(ArticleRow, ArticleRow.current_revision_id == RevisionRow.id)
        .join(OutletRow, OutletRow.id == ArticleRow.outlet_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .where(ClaimRow.current, MatchRow.level.in_([Level.STRONG.value, Level.POSSIBLE.value]))
        .order_by(MatchRow.made_at.desc(), ReportRow.key, ClaimRow.position, ArticleRow.key, MatchRow.score.desc(), MatchRow.start)
        .execution_options(yield_per=100)
    )
    if key is not None:
        query = query.where(ClaimRow.report_id == report_id(session, key))
    found: dict[tuple[int, int], MatchNews] = {}
    for match, claim, report, article, number, outlet_name, extraction in session.execute(query):
        if (claim.id, article.id) in found:
            continue
        if len(found) == limit:
            break
        # A passage is quoted only from the very text it was found in.
        quotable = article.gone_at is None and not extraction.noarchive and extraction.text_sha256 == match.text_sha256
        found[claim.id, article.id] = MatchNews(
            report=report,
            claim=claim.claim_id,
            claim_text=claim.text,
            article=article.key,
            outlet_name=outlet_name,
            url=article.url,
            title=extraction.title,
            revision=number,
            level=Level(match.level),
            verdict=FactVerdict(match.verdict),
            start=match.start,
            passage=extraction.text[match.start : match.end] if quotable else "",
            published_at=article.published_at,
            made_at=match.made_at,
        )
    return list(found.values())


def replace_derivations(session: Session, key: str, derivations: Iterable[Derivation]) -> None:
    """Put these in the place of all of the report's."""
    report = report_id(session, key)
    session.execute(delete(DerivationRow).where(DerivationRow.report_id == report))
    rows = [
        {
            "report_id": report,
            "article_id": item.article_id,
            "kind": item.kind.value,
            "source_article_id": item.source_article_id,
            "credited": item.credited,
            "evidence": item.evidence,
            "share": item.share,
        }
        for item in derivations
    ]
    add_rows(session, DerivationRow, rows)


def load_derivations(session: Session, key: str) -> list[Derivation]:
    """By article, then in the order in which they were found."""
    rows = session.scalars(
        select(DerivationRow).where(DerivationRow.report_id == report_id(session, key)).order_by(DerivationRow.article_id, DerivationRow.id)
    )
    return [
        Derivation(
            article_id=row.article_id,
            kind=DerivationKind(row.kind),
            source_article_id=row.source_article_id,
            credited=row.credited,
            evidence=row.evidence,
            share=row.share,
        )
        for row in rows
    ]


def save_credits(session: Session, key: str, credits: Mapping[int, tuple[str, list[dict[str, Any]]]]) -> None:
    """Article id -> (basis, credits as JSON), in the place of what was read before."""
    report = report_id(session, key)
    rows = [
        {"report_id": report, "article_id": article_id, "basis": basis, "credits": found}
        for article_id, (basis, found) in sorted(credits.items())
    ]
    put_rows(session, CreditsRow, rows, key=("report_id", "article_id"))


def drop_credits(session: Session, key: str, article_ids: Collection[int]) -> None:
    """Forget what was read of articles that are not related any more."""
    report = report_id(session, key)
    for part in chunks(sorted(article_ids)):
        session.execute(delete(CreditsRow).where(CreditsRow.report_id == report, CreditsRow.article_id.in_(part)))


def load_credits(session: Session, key: str) -> dict[int, tuple[str, list[dict[str, Any]]]]:
    """Article id -> (basis, credits), of every article that was read for the report."""
    rows = session.execute(
        select(CreditsRow.article_id, CreditsRow.basis, CreditsRow.credits).where(CreditsRow.report_id == report_id(session, key))
    )
    return {row.article_id: (row.basis, row.credits) for row in rows}


def pending_articles(session: Session, limit: int | None = None) -> list[int]:
    """Ids of articles whose current revision no comparison has seen, ascending."""
    return list(session.scalars(select(ArticleRow.id).where(ArticleRow.pending_match).order_by(ArticleRow.id).limit(limit)))


def clear_pending(session: Session, article_ids: Sequence[int]) -> None:
    """Say that every report has been compared with these."""
    for part in chunks(article_ids):
        session.execute(update(ArticleRow).where(ArticleRow.id.in_(part)).values(pending_match=False))


def settle_pending(session: Session) -> int:
    """Articles whose current text every report has been compared with are pending no longer. Returns how many that were."""
    compared = (
        select(func.count())
        .select_from(RelevanceRow)
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .where(
            RelevanceRow.article_id == ArticleRow.id,
            RelevanceRow.matched,
            RelevanceRow.extraction_id == RevisionRow.extraction_id,
            RelevanceRow.revision == RevisionRow.number,
        )
        .correlate(ArticleRow)
        .scalar_subquery()
    )
    all_reports = select(func.count()).select_from(ReportRow).scalar_subquery()
    return affected(session, update(ArticleRow).where(ArticleRow.pending_match, compared == all_reports).values(pending_match=False))
