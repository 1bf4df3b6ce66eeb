"""What checks of end points found, and what a run's visits of feeds were like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.captures import load_capture, load_hops
from storage.dialects import chunks, put_row
from storage.errors import NotFoundError
from storage.identity import page_key, sha256_hex
from storage.models import CaptureRow, EndpointCheckRow, PageRow, SightingRow, VisitRow
from storage.records import Capture, Outcome, PageKind
from storage.run_records import EndpointCheck, EndpointVerdict, FeedReading
from storage.sanitise import sanitise_line


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome:
    """How one visit ended."""

    outcome: Outcome
    detail: str
    status: int | None


_LISTINGS = (PageKind.FEED.value, PageKind.SITEMAP.value)


def feed_readings(session: Session, run_id: int) -> list[FeedReading]:
    """How each feed and sitemap that this run visited answered, in the order of the visits."""
    dates = (
        select(
            SightingRow.feed_page_id,
            func.max(func.coalesce(SightingRow.published_at, SightingRow.modified_at)).label("newest"),
        )
        .group_by(SightingRow.feed_page_id)
        .subquery()
    )
    statement = (
        select(VisitRow, PageRow.url, dates.c.newest)
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .outerjoin(dates, dates.c.feed_page_id == VisitRow.page_id)
        .where(VisitRow.run_id == run_id, VisitRow.outcome.is_not(None), PageRow.kind.in_(_LISTINGS))
        .order_by(VisitRow.id)
    )
    return [
        FeedReading(
            outlet_id=visit.outlet_id,
            url=url,
            outcome=Outcome(visit.outcome or ""),
            detail=visit.detail,
            status=visit.status,
            hops=load_hops(visit.hops),
            entries=visit.entries,
            newest_at=newest,
        )
        for visit, url, newest in session.execute(statement)
    ]


def feed_outcomes(session: Session, run_id: int) -> list[FeedReading]:
    """The same without the dates of their entries, for which all that was ever announced is looked through."""
    statement = (
        select(VisitRow.outlet_id, PageRow.url, VisitRow.outcome, VisitRow.detail, VisitRow.status, VisitRow.entries, VisitRow.hops)
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .where(VisitRow.run_id == run_id, VisitRow.outcome.is_not(None), PageRow.kind.in_(_LISTINGS))
        .order_by(VisitRow.id)
    )
    return [
        FeedReading(
            outlet_id=outlet_id,
            url=url,
            outcome=Outcome(outcome or ""),
            detail=detail,
            status=status,
            entries=entries,
            hops=load_hops(hops),
        )
        for outlet_id, url, outcome, detail, status, entries, hops in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTimes:
    """When an end point was last read, and when it is to be read again."""

    outlet: str
    url: str
    outcome: Outcome | None
    read_at: datetime | None
    due_at: datetime | None
    """By its own rhythm (``crawlers.rhythm``); None: not again by itself."""


def feed_times(session: Session) -> list[FeedTimes]:
    """Of every end point that was ever read, by outlet; children of a sitemap index are left out."""
    statement = (
        select(PageRow.outlet_id, PageRow.url, PageRow.last_outcome, PageRow.last_visit_at, PageRow.next_due_at)
        .where(PageRow.kind.in_(_LISTINGS), PageRow.depth == 0, PageRow.last_visit_at.is_not(None))
        .order_by(PageRow.outlet_id, PageRow.url)
    )
    return [
        FeedTimes(outlet=outlet, url=url, outcome=Outcome(outcome) if outcome else None, read_at=read_at, due_at=due_at)
        for outlet, url, outcome, read_at, due_at in session.execute(statement)
    ]


def save_checks(session: Session, checks: Iterable[EndpointCheck]) -> None:
    """Keep the newest check of each end point. Idempotent."""
    for check in checks:
        values = {
            "outlet_id": check.outlet_id,
            "url": check.url,
            "url_sha256": sha256_hex(check.url.encode()),
            "verdict": check.verdict.value,
            "detail": sanitise_line(check.detail, 500),
            "status": check.status,
            "entries": check.entries,
            "newest_at": check.newest_at,
            "checked_at": check.checked_at,
        }
        put_row(session, EndpointCheckRow, values, key=("outlet_id", "url_sha256"))


def load_checks(session: Session, outlet_ids: Sequence[str]) -> list[EndpointCheck]:
    """The last check of each end point of these outlets that was ever checked, by outlet and address."""
    statement = select(EndpointCheckRow).where(EndpointCheckRow.outlet_id.in_(list(outlet_ids)))
    return [
        EndpointCheck(
            outlet_id=row.outlet_id,
            url=row.url,
            verdict=EndpointVerdict(row.verdict),
            detail=row.detail,
            status=row.status,
            entries=row.entries,
            newest_at=row.newest_at,
            checked_at=row.checked_at,
        )
        for row in session.scalars(statement.order_by(EndpointCheckRow.outlet_id, EndpointCheckRow.url))
    ]


def fetched_page(session: Session, run_id: int, url: str) -> tuple[VisitOutcome, Capture | None]:
    """How the visit of one address ended in a run, and the response if one was stored.

    Raises: NotFoundError when the run has no finished visit of it.
    """
    asked = (
        select(VisitRow).join(CaptureRow, CaptureRow.id == VisitRow.capture_id, isouter=True).join(PageRow, PageRow.id == VisitRow.page_id)
    )
    wanted = asked.where(VisitRow.run_id == run_id, VisitRow.outcome.is_not(None), (PageRow.url == url) | (CaptureRow.requested_url == url))
    visit = session.scalars(wanted.order_by(VisitRow.id.desc())).first()
    if visit is None:
        raise NotFoundError("visit", url)
    outcome = VisitOutcome(outcome=Outcome(visit.outcome or ""), detail=visit.detail, status=visit.status)
    return outcome, load_capture(session, visit.capture_id) if visit.capture_id is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known of a feed before this reading."""

    failures: int
    """In a row."""
    interval_s: float | None
    """Between its last reading and the time that was then set for the next; None before the first."""


def feed_state(session: Session, page_id: int) -> FeedState:
    """Raises: NotFoundError."""
    columns = (PageRow.failures, PageRow.last_visit_at, PageRow.next_due_at)
    row = session.execute(select(*columns).where(PageRow.id == page_id)).one_or_none()
    if row is None:
        raise NotFoundError("page", str(page_id))
    failures, last, due = row
    return FeedState(failures=failures, interval_s=(due - last).total_seconds() if last is not None and due is not None else None)


def stored_addresses(session: Session, outlet: Outlet, urls: Sequence[str]) -> set[str]:
    """Those of these addresses whose page is an article that is stored, whichever of its addresses is given."""
    keys = {page_key(url, outlet): url for url in urls}
    found: set[str] = set()
    for part in chunks(list(keys)):
        statement = select(PageRow.url_sha256).where(PageRow.url_sha256.in_(part), PageRow.article_id.is_not(None))
        found.update(keys[key] for key in session.scalars(statement))
    return found


def announced_pages(session: Session, *, limit: int) -> list[str]:
    """Addresses of pages that are no feeds, in the order in which they were first announced."""
    statement = select(PageRow.url).where(PageRow.kind.not_in(_LISTINGS)).order_by(PageRow.id).limit(limit)
    return list(session.scalars(statement))
