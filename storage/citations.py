"""Which page an article on a report's subject links to, within the outlets that have cards; such pages are visited before others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.addresses import record_page
from storage.dialects import add_rows, affected
from storage.errors import ForgottenError
from storage.identity import headline_mark
from storage.models import OPEN, ArticleRow, CitationRow, PageRow, SightingRow, VisitRow
from storage.outlets import ensure_outlet
from storage.pages import plan_visit
from storage.records import PageKind

CITED_PRIORITY = 0.9
"""Below what was asked for by name; nearly every announced page is below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One link from an article to a page of an outlet with a card."""

    url: str
    outlet: str
    article: str | None
    """Key of what was stored from it; None: nothing yet."""


def record_citations(session: Session, article_id: int, links: Sequence[tuple[str, Outlet]], *, now: datetime) -> int:
    """Record the pages that an article links to, and plan a visit of those that were never visited; how many were planned.

    Idempotent. Pages of the article itself, and erased ones, are left out.
    """
    planned = 0
    for url, outlet in links:
        ensure_outlet(session, outlet, now)
        try:
            page_id = record_page(session, url=url, outlet=outlet, kind=PageKind.ARTICLE, now=now)
        except (ForgottenError, ValueError):
            continue
        page = session.execute(select(PageRow.kind, PageRow.article_id, PageRow.last_visit_at).where(PageRow.id == page_id)).one()
        if page.article_id == article_id or page.kind not in (PageKind.ARTICLE, PageKind.VIDEO):
            continue
        values = {"article_id": article_id, "page_id": page_id, "first_seen_at": now}
        add_rows(session, CitationRow, [values], missing_only=True)
        if page.last_visit_at is None and plan_visit(session, page_id, reason="cited", priority=CITED_PRIORITY, now=now) is not None:
            planned += 1
    return planned


def raise_same_headline(session: Session, title: str) -> int:
    """Let waiting pages that bear the headline of one on a report's subject be visited soon: agencies' pieces keep theirs. How many."""
    mark = headline_mark(title)
    if mark is None:
        return 0
    # The mark's index is partial: the databases use it only where this is said.
    bearing = select(SightingRow.page_id).where(SightingRow.headline == mark, SightingRow.headline.is_not(None))
    # The state as an expression, or SQLite would rather look through all that waits.
    waiting = and_(OPEN, VisitRow.state.concat("") == "pending", VisitRow.reason == "new", VisitRow.priority < CITED_PRIORITY)
    raised = update(VisitRow).where(VisitRow.page_id.in_(bearing), waiting).values(priority=CITED_PRIORITY)
    return affected(session, raised.execution_options(synchronize_session=False))


def list_citations(session: Session, article_id: int) -> list[Citation]:
    """What an article links to, in the order in which it was first seen."""
    rows = session.execute(
        select(PageRow.url, PageRow.outlet_id, ArticleRow.key)
        .join(CitationRow, CitationRow.page_id == PageRow.id)
        .join(ArticleRow, ArticleRow.id == PageRow.article_id, isouter=True)
        .where(CitationRow.article_id == article_id)
        .order_by(CitationRow.first_seen_at, CitationRow.page_id)
    )
    return [Citation(url=row.url, outlet=row.outlet_id, article=row.key) for row in rows]
