"""What the pages of an outlet gave lately, one record a visit: the stuff of which breaks are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import ArticleRow, ExtractionRow, PageRow, SightingRow, VisitRow
from storage.records import Outcome, PageKind

_FEEDS = (PageKind.FEED.value, PageKind.SITEMAP.value)
_PAGES = (PageKind.ARTICLE.value, PageKind.VIDEO.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMeasure:
    """One finished visit of a page."""

    run_id: int
    url: str
    outcome: Outcome
    has_title: bool
    has_date: bool
    """By the page itself, not by its feed."""
    has_author: bool
    text_chars: int


def page_measures(session: Session, outlet_id: str, *, limit: int) -> list[PageMeasure]:
    """The newest visits of an outlet's pages whose response was stored or refused, newest first."""
    newest = (
        select(ExtractionRow.capture_id, func.max(ExtractionRow.id).label("extraction_id")).group_by(ExtractionRow.capture_id).subquery()
    )
    statement = (
        select(
            VisitRow.run_id,
            PageRow.url,
            VisitRow.outcome,
            ExtractionRow.title,
            ExtractionRow.published_at,
            ExtractionRow.authors,
            func.length(ExtractionRow.text),
        )
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .outerjoin(newest, newest.c.capture_id == VisitRow.capture_id)
        .outerjoin(ExtractionRow, ExtractionRow.id == newest.c.extraction_id)
        .where(VisitRow.outlet_id == outlet_id, VisitRow.state == "done", PageRow.kind.in_(_PAGES))
        .order_by(VisitRow.id.desc())
        .limit(limit)
    )
    return [
        PageMeasure(
            run_id=run_id,
            url=url,
            outcome=Outcome(outcome),
            has_title=bool(title),
            has_date=published is not None,
            has_author=bool(authors),
            text_chars=chars or 0,
        )
        for run_id, url, outcome, title, published, authors, chars in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedArrivals:
    """What one feed announced lately."""

    url: str
    seen: tuple[datetime, ...]
    """When its newest entries were first seen, newest first; what one reading brought has one time."""


def feed_arrivals(session: Session, outlet_id: str, *, limit: int) -> list[FeedArrivals]:
    """Of each feed and news sitemap of an outlet's card that can be read: the times of its newest entries, at most ``limit``."""
    feeds = select(PageRow.id, PageRow.url).where(
        PageRow.outlet_id == outlet_id, PageRow.kind.in_(_FEEDS), PageRow.depth == 0, PageRow.failures == 0
    )
    found = []
    for page_id, url in session.execute(feeds):
        # Ids grow with time, so that the newest need no index of their own.
        newest = select(SightingRow.first_seen_at).where(SightingRow.feed_page_id == page_id).order_by(SightingRow.id.desc()).limit(limit)
        found.append(FeedArrivals(url=url, seen=tuple(sorted(session.scalars(newest), reverse=True))))
    return found


def arrivals(session: Session, outlet_ids: Sequence[str], *, limit: int) -> dict[str, list[datetime]]:
    """When the newest articles of each outlet were first seen, newest first, at most ``limit`` each."""
    found = {}
    for outlet_id in outlet_ids:
        seen = select(ArticleRow.first_seen_at).where(ArticleRow.outlet_id == outlet_id)
        found[outlet_id] = list(session.scalars(seen.order_by(ArticleRow.first_seen_at.desc()).limit(limit)))
    return found
