"""What the comparison found in related articles: passages, derivations and credits. Each can be made again; none is the publisher's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage.claim_records import Derivation, DerivationKind, FactPair, FactVerdict, Level, Match, MatchNews, NearMissReason
from storage.dialects import add_rows, chunks, put_rows
from storage.models import (
    ArticleRow,
    ClaimRow,
    CopyRow,
    CreditsRow,
    DerivationRow,
    ExtractionRow,
    MatchRow,
    OutletRow,
    ReportRow,
    RevisionRow,
)
from storage.nearness import subject_state
from storage.reports import claim_rows, report_id


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
                marks=match.marks,
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
    # Columns and not entities: SQLAlchemy keeps track of what it makes, which takes longer than the reading.
    passage = (
        column for column in MatchRow.__table__.c if column.name not in ("id", "claim_row_id", "revision_id", "model_hash", "made_at")
    )
    query = (
        select(*passage, ClaimRow.claim_id, RevisionRow.number)
        .join(ClaimRow, ClaimRow.id == MatchRow.claim_row_id)
        .join(RevisionRow, RevisionRow.id == MatchRow.revision_id)
        .join(ArticleRow, ArticleRow.current_revision_id == RevisionRow.id)
        .where(ClaimRow.report_id == report_id(session, key), ClaimRow.current, MatchRow.model_hash == model_hash)
        .order_by(ClaimRow.position, MatchRow.score.desc(), ArticleRow.key, MatchRow.start, MatchRow.end)
    )
    return [
        Match(
            claim_id=row.claim_id,
            article_id=row.article_id,
            revision=row.number,
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
            marks=None if row.marks is None else tuple((start, end, kind) for start, end, kind in row.marks),
        )
        for row in session.execute(query)
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


def replace_derivations(
    session: Session, key: str, derivations: Iterable[Derivation], basis: str = "", of: Collection[int] | None = None
) -> None:
    """Put these in the place of all of the report's, or of those ``of`` some articles. ``basis`` is what they were found in."""
    report = report_id(session, key)
    stored = delete(DerivationRow).where(DerivationRow.report_id == report)
    if of is None:
        session.execute(stored)
    else:
        for part in chunks(sorted(of)):
            session.execute(stored.where(DerivationRow.article_id.in_(part)))
    set_derivation_basis(session, key, basis)
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


def derivation_basis(session: Session, key: str, setup: str) -> tuple[str, bool]:
    """A digest of all that derivations are found in, and whether the stored ones were found in just that.

    ``setup`` names the models, the rules and the outlets. Counts and times stand for the rows, as in shared_passages.shared_basis.

    Raises: NotFoundError for an unknown report.
    """
    report = report_id(session, key)
    copies = session.execute(select(func.count(), func.max(CopyRow.confirmed_at))).one()
    parts = (setup, *subject_state(session, key), *copies)
    basis = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return basis, session.scalar(select(ReportRow.derived_basis).where(ReportRow.id == report)) == basis


def set_derivation_basis(session: Session, key: str, basis: str) -> None:
    session.execute(update(ReportRow).where(ReportRow.id == report_id(session, key)).values(derived_basis=basis))


def load_derivations(session: Session, key: str) -> list[Derivation]:
    """By article, then in the order in which they were found."""
    columns = (
        DerivationRow.article_id, DerivationRow.kind, DerivationRow.source_article_id, DerivationRow.credited, DerivationRow.evidence,
        DerivationRow.share,
    )  # fmt: skip
    of_report = select(*columns).where(DerivationRow.report_id == report_id(session, key))
    rows = session.execute(of_report.order_by(DerivationRow.article_id, DerivationRow.id))
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


def count_derived(session: Session, key: str) -> dict[DerivationKind, set[int]]:
    """Kind -> the articles of which such a derivation is stored."""
    found: dict[DerivationKind, set[int]] = {kind: set() for kind in DerivationKind}
    kinds = select(DerivationRow.kind, DerivationRow.article_id).where(DerivationRow.report_id == report_id(session, key)).distinct()
    for kind, article_id in session.execute(kinds):
        found[DerivationKind(kind)].add(article_id)
    return found


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
