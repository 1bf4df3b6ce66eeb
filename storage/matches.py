"""What the comparison found: backgrounds, relevance, matches and derivations. Each can be made again; none is the publisher's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.models import (
    ArticleRow,
    BackgroundRow,
    ClaimRow,
    DerivationRow,
    ExtractionRow,
    MatchRow,
    OutletRow,
    RelevanceRow,
    ReportRow,
    RevisionRow,
)
from storage.records import Derivation, DerivationKind, FactPair, FactVerdict, Level, Match, MatchNews
from storage.reports import claim_rows, report_id


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
    for item in scores:
        session.execute(delete(RelevanceRow).where(RelevanceRow.report_id == report, RelevanceRow.article_id == item.article_id))
        session.add(
            RelevanceRow(
                report_id=report,
                article_id=item.article_id,
                text_sha256=item.text_sha256,
                model_hash=item.model_hash,
                score=item.score,
                related=item.related,
                parts=dict(item.parts),
                scored_at=now,
            )
        )
    session.flush()


def load_relevance(session: Session, key: str) -> dict[int, Relevance]:
    """Article id -> its score, for every article that was scored."""
    rows = session.scalars(select(RelevanceRow).where(RelevanceRow.report_id == report_id(session, key)))
    return {
        row.article_id: Relevance(
            article_id=row.article_id,
            text_sha256=row.text_sha256,
            model_hash=row.model_hash,
            score=row.score,
            related=row.related,
            parts=row.parts,
        )
        for row in rows
    }


def related_articles(session: Session, key: str) -> list[int]:
    """Ids of the articles on the report's subject, ascending."""
    query = select(RelevanceRow.article_id).where(RelevanceRow.report_id == report_id(session, key), RelevanceRow.related)
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
                made_at=now,
            )
        )
    session.flush()


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
    for item in derivations:
        session.add(
            DerivationRow(
                report_id=report,
                article_id=item.article_id,
                kind=item.kind.value,
                source_article_id=item.source_article_id,
                credited=item.credited,
                evidence=item.evidence,
                share=item.share,
            )
        )
    session.flush()


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


def pending_articles(session: Session, limit: int | None = None) -> list[int]:
    """Ids of articles whose current revision no comparison has seen, ascending."""
    return list(session.scalars(select(ArticleRow.id).where(ArticleRow.pending_match).order_by(ArticleRow.id).limit(limit)))


def clear_pending(session: Session, article_ids: Sequence[int]) -> None:
    """Say that every report has been compared with these."""
    for start in range(0, len(article_ids), 500):
        chosen = article_ids[start : start + 500]
        session.execute(update(ArticleRow).where(ArticleRow.id.in_(chosen)).values(pending_match=False))
