"""What is there and what is missing of every outlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.models import OPEN, ArticleRow, ExtractionRow, OutletRow, PageRow, RevisionRow, VisitRow
from storage.records import ArticleKind, PageKind

_PARTIAL = text(
    "SELECT articles.outlet_id, count(*) FROM extractions CROSS JOIN revisions CROSS JOIN articles WHERE extractions.partial "
    "AND revisions.extraction_id = extractions.id AND articles.id = revisions.article_id AND articles.current_revision_id = revisions.id "
    "GROUP BY articles.outlet_id"
)
"""As the partial index says it: only then it is used. For SQLite CROSS JOIN is an order: from the few that are partial."""

LISTINGS = frozenset({PageKind.FEED.value, PageKind.SITEMAP.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRecord:
    """What was, and what could not be, read of one outlet."""

    outlet_id: str
    articles: int
    videos_without_text: int
    partial: int
    oldest_at: datetime | None
    """Of publication."""
    newest_at: datetime | None
    open_visits: int
    feed_outcome: str | None
    """How the newest visit of one of its feeds ended; None: never visited."""
    outcomes: Mapping[str, int]
    """Outcomes of the visits of its pages, feeds not counted."""
    feed_outcomes: Mapping[str, int]


def outlet_coverage(session: Session) -> list[CoverageRecord]:
    """Of every outlet, by id: without it a silence cannot be told from a gap. Reads indexes, not texts: a million articles take seconds."""
    articles = {
        row.outlet_id: row
        for row in session.execute(
            select(
                ArticleRow.outlet_id,
                func.count().label("articles"),
                func.min(ArticleRow.published_at).label("oldest_at"),
                func.max(ArticleRow.published_at).label("newest_at"),
            ).group_by(ArticleRow.outlet_id)
        )
    }
    videos = (
        select(ArticleRow.outlet_id, func.count())
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .where(ArticleRow.kind == ArticleKind.VIDEO, ExtractionRow.text == "")
        .group_by(ArticleRow.outlet_id)
    )
    unread = dict(session.execute(videos).all())
    partial = {str(outlet_id): int(count) for outlet_id, count in session.execute(_PARTIAL)}
    waiting = dict(session.execute(select(VisitRow.outlet_id, func.count()).where(OPEN).group_by(VisitRow.outlet_id)).all())
    outcomes: dict[str, dict[str, int]] = {}
    feed_outcomes: dict[str, dict[str, int]] = {}
    last_feed: dict[str, tuple[int, str]] = {}
    for outlet_id, kind, outcome, count, newest in session.execute(
        select(VisitRow.outlet_id, PageRow.kind, VisitRow.outcome, func.count(), func.max(VisitRow.id))
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .where(VisitRow.outcome.is_not(None))
        .group_by(VisitRow.outlet_id, PageRow.kind, VisitRow.outcome)
        .order_by(VisitRow.outcome)
    ):
        target = (feed_outcomes if kind in LISTINGS else outcomes).setdefault(outlet_id, {})
        target[str(outcome)] = target.get(str(outcome), 0) + count
        if kind in LISTINGS:
            last_feed[outlet_id] = max(last_feed.get(outlet_id, (0, "")), (newest, str(outcome)))
    return [
        CoverageRecord(
            outlet_id=outlet_id,
            articles=articles[outlet_id].articles if outlet_id in articles else 0,
            videos_without_text=unread.get(outlet_id, 0),
            partial=partial.get(outlet_id, 0),
            oldest_at=articles[outlet_id].oldest_at if outlet_id in articles else None,
            newest_at=articles[outlet_id].newest_at if outlet_id in articles else None,
            open_visits=waiting.get(outlet_id, 0),
            feed_outcome=last_feed[outlet_id][1] if outlet_id in last_feed else None,
            outcomes=outcomes.get(outlet_id, {}),
            feed_outcomes=feed_outcomes.get(outlet_id, {}),
        )
        for outlet_id in session.scalars(select(OutletRow.id).order_by(OutletRow.id))
    ]
