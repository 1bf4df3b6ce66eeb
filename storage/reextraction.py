"""Revisions whose text was read by older rules, and the new reading in place of the old. It makes no revision: only we changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from storage.articles import record_extraction
from storage.clusters import record_copies
from storage.extractions import sanitise_extraction
from storage.models import ArticleRow, CaptureBodyRow, CaptureRow, ExtractionRow, RevisionRow
from storage.records import TRANSCRIPT, Entry, Extraction, Fingerprint, Precision, PublishedTime
from storage.search_index import index_article, retag_article
from storage.visits import newest_entries

KEPT_EXTRACTORS = (TRANSCRIPT, "plain-text")
"""Readings that no rule for pages decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleReading:
    """One revision as older rules read it. Its capture's bytes are still kept."""

    revision_id: int
    number: int
    is_current: bool
    article_id: int
    article: str
    """Public key."""
    outlet_id: str
    capture_id: int
    entry: Entry | None
    title: str
    text: str
    published_at: datetime | None


def stale_readings(
    session: Session, *, rules_version: str, trafilatura_version: str, outlets: tuple[str, ...] = (), after: int = 0, limit: int = 50
) -> list[StaleReading]:
    """Revisions beyond the id ``after`` that were read by other rules or another trafilatura, by id."""
    statement = (
        select(RevisionRow, ArticleRow, ExtractionRow, CaptureRow.page_id)
        .join(ArticleRow, ArticleRow.id == RevisionRow.article_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .join(CaptureRow, CaptureRow.id == RevisionRow.capture_id)
        .join(CaptureBodyRow, CaptureBodyRow.sha256 == CaptureRow.body_sha256)
        .where(
            RevisionRow.id > after,
            ExtractionRow.extractor.not_in(KEPT_EXTRACTORS),
            or_(
                ExtractionRow.rules_version != rules_version,
                and_(ExtractionRow.extractor == "trafilatura", ExtractionRow.extractor_version != trafilatura_version),
            ),
        )
        .order_by(RevisionRow.id)
        .limit(limit)
    )
    if outlets:
        statement = statement.where(ArticleRow.outlet_id.in_(outlets))
    rows = session.execute(statement).all()
    entries = newest_entries(session, [page_id for _, _, _, page_id in rows])
    return [
        StaleReading(
            revision_id=revision.id,
            number=revision.number,
            is_current=article.current_revision_id == revision.id,
            article_id=article.id,
            article=article.key,
            outlet_id=article.outlet_id,
            capture_id=revision.capture_id,
            entry=entries.get(page_id),
            title=extraction.title,
            text=extraction.text,
            published_at=extraction.published_at,
        )
        for revision, article, extraction, page_id in rows
    ]


def replace_reading(session: Session, stale: StaleReading, extraction: Extraction, fingerprint: Fingerprint, now: datetime) -> None:
    """Let a revision point to its new reading; index and compare the article anew where its words changed. Idempotent."""
    revision = session.get_one(RevisionRow, stale.revision_id, with_for_update=True)
    fetched_at = session.scalars(select(CaptureRow.fetched_at).where(CaptureRow.id == revision.capture_id)).one()
    extraction = sanitise_extraction(extraction, fetched_at)
    revision.extraction_id = record_extraction(session, revision.capture_id, extraction)
    revision.normal_sha256 = fingerprint.normal_sha256
    article = session.get_one(ArticleRow, stale.article_id, with_for_update=True)
    if article.current_revision_id != revision.id:
        session.flush()
        return
    article.kind = extraction.kind
    article.language = extraction.language or article.language
    if article.published_at == stale.published_at and extraction.published.at is not None:
        # The date came from this page; one that a feed or a person gave stays.
        _take_date(article, extraction.published)
    session.flush()
    if (extraction.title, extraction.text) != (stale.title, stale.text):
        article.pending_match = True
        session.flush()
        index_article(session, article.id, fingerprint.title_lemmas, fingerprint.body_lemmas, fingerprint.lemmatiser)
        record_copies(session, article.id, fingerprint=fingerprint, now=now)
    else:
        retag_article(session, article.id)


def _take_date(article: ArticleRow, published: PublishedTime) -> None:
    article.published_at = published.at
    article.published_precision = Precision(published.precision) if published.precision else None
    article.published_source = published.source
    article.published_raw = published.raw
