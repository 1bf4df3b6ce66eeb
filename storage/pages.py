"""The ledger: pages, and the visits planned, claimed and finished. No visit is ever lost or without an outcome.

Its parts stand beside this file, by noun: storage.addresses (pages), storage.sightings, storage.visits. Here is the planning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, literal, or_, select, update
from sqlalchemy.orm import Session

from config.outlet import EndpointKind, Outlet
from storage.addresses import record_page
from storage.batches import batch_of, waits
from storage.dialects import add_missing, add_new, insert, run, table_of
from storage.errors import NotFoundError
from storage.identity import page_key
from storage.models import OPEN, ArticleRow, PageRow, VisitRow
from storage.records import PageKind
from storage.sightings import SightingCounts, record_sightings
from storage.visits import (
    FEED_PRIORITY,
    PAGES,
    attach_capture,
    claim_visits,
    finish_visit,
    load_visits,
    release_visits,
    renew_visits,
    visit_values,
)
from storage.yields import section_of

__all__ = [
    "DueWork",
    "PageStanding",
    "SightingCounts",
    "attach_capture",
    "claim_visits",
    "due_work",
    "finish_visit",
    "load_visits",
    "open_visits",
    "page_standing",
    "plan_feeds",
    "plan_rechecks",
    "plan_visit",
    "record_page",
    "record_sightings",
    "release_visits",
    "renew_visits",
]

_FEEDS = (EndpointKind.FEED, EndpointKind.LISTING, EndpointKind.FEED_INDEX)
"""Kinds whose entries are dated by publication; those of sitemaps by the last edit."""

RECHECK_PRIORITY = 0.3
"""Below a promising new page, above one that nothing speaks for."""

_pages, _visits = table_of(PageRow), table_of(VisitRow)
_WHOSE = select(_pages.c.outlet_id, _pages.c.host_key, _pages.c.url).where(_pages.c.id == bindparam("page"))
_RAISE = (
    update(_visits)
    .where(OPEN, _visits.c.page_id == bindparam("page"), _visits.c.state == "pending", _visits.c.priority < bindparam("higher"))
    .values(priority=bindparam("higher"))
)


def plan_feeds(session: Session, outlets: Iterable[Outlet], *, now: datetime, interval_s: float, force: bool = False) -> int:
    """Plan a visit of every live end point that is due by its own rhythm (see ``crawlers.rhythm``); how many were planned.

    ``interval_s`` holds for one whose next reading was never set.

    ``force`` plans them whether due or not. An end point with an open visit gets no second one.
    """
    planned = 0
    for outlet in outlets:
        for endpoint in outlet.live_endpoints:
            kind = PageKind.FEED if endpoint.kind in _FEEDS else PageKind.SITEMAP
            page_id = record_page(session, url=endpoint.url, outlet=outlet, kind=kind, now=now)
            # A front page may have been fetched by name before a card made it a listing.
            session.execute(update(PageRow).where(PageRow.id == page_id, PageRow.kind != kind.value).values(kind=kind.value))
            page = session.execute(select(PageRow.last_visit_at, PageRow.next_due_at).where(PageRow.id == page_id)).one()
            due_at = page.next_due_at or (page.last_visit_at or now) + timedelta(seconds=interval_s if page.last_visit_at else 0.0)
            due = force or due_at <= now
            if due and plan_visit(session, page_id, reason="feed", priority=FEED_PRIORITY, now=now) is not None:
                planned += 1
    return planned


def awaits_bodies(session: Session, outlets: Sequence[Outlet]) -> bool:
    """Whether a crawl of these outlets is nearly bound to get something to read: a page waits, or not every end point of theirs has
    answered yet with what it can be asked by whether it has changed. A guess: a sitemap's children are counted as end points too."""
    names = [outlet.id for outlet in outlets]
    waiting = (
        select(VisitRow.id)
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .where(VisitRow.state == "pending", VisitRow.outlet_id.in_(names), PageRow.kind.in_(PAGES))
        .limit(1)
    )
    if session.scalar(waiting) is not None:
        return True
    validated = select(func.count()).where(PageRow.outlet_id.in_(names), PageRow.kind.not_in(PAGES), ~PageRow.validators_lie)
    validated = validated.where(or_(PageRow.etag != "", PageRow.last_modified != ""))
    return (session.scalar(validated) or 0) < sum(len(outlet.live_endpoints) for outlet in outlets)


def plan_visit(session: Session, page_id: int, *, reason: str, priority: float, now: datetime) -> int | None:
    """Plan one fetch of a page; the visit's id, or None when one is open already (which then takes the higher priority).

    ``reason`` is "feed", "new", "recheck", "asked", "cited" or "backfill".
    """
    batch = batch_of(session)
    waiting = batch.waiting(_pages, page_id) if batch is not None else None
    if waiting and not waits(session, _visits, _visit_of(page_id)):
        # A page that is new itself has no open visit.
        return add_new(session, VisitRow, _planned(page_id, waiting, reason, priority, now), keys=[_visit_of(page_id)])
    row = run(session, _WHOSE, page=page_id).one_or_none()
    if row is None:
        raise NotFoundError("page", str(page_id))
    made = add_missing(session, VisitRow, _planned(page_id, row._asdict(), reason, priority, now))
    if made is None:
        run(session, _RAISE, page=page_id, higher=priority)
    return made


def _planned(page_id: int, page: Mapping[str, Any], reason: str, priority: float, now: datetime) -> dict[str, Any]:
    section = section_of(page["url"])
    return visit_values(page_id, page["outlet_id"], page["host_key"], reason=reason, priority=priority, now=now, section=section)


def _visit_of(page_id: int) -> str:
    """The key under which a new page's open visit waits."""
    return f"open:{page_id}"


def plan_rechecks(session: Session, outlet_ids: Collection[str], *, now: datetime) -> int:
    """Plan a visit of every page (not feed) of these outlets that is due; how many were planned."""
    due = select(
        PageRow.id,
        PageRow.outlet_id,
        PageRow.host_key,
        literal(""),
        literal("recheck"),
        literal(RECHECK_PRIORITY),
        literal("pending"),
        literal(now, PageRow.first_seen_at.type),
        literal(""),
        literal([], VisitRow.hops.type),
        literal(0),
        literal(0.0),
        literal(0.0),
    ).where(PageRow.outlet_id.in_(list(outlet_ids)), PageRow.kind.in_(PAGES), PageRow.next_due_at <= now)
    names = [
        "page_id",
        "outlet_id",
        "host_key",
        "section",
        "reason",
        "priority",
        "state",
        "planned_at",
        "detail",
        "hops",
        "truncated",
        "elapsed_ms",
        "cpu_ms",
    ]
    statement = insert(session, VisitRow).from_select(names, due).on_conflict_do_nothing().returning(table_of(VisitRow).c.id)
    return len(session.scalars(statement).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStanding:
    """What is known of a page beside what a visit of it finds."""

    first_seen_at: datetime
    holds_article: bool
    published_at: datetime | None
    """The article's."""


def page_standing(session: Session, page_id: int) -> PageStanding:
    statement = select(PageRow.first_seen_at, PageRow.article_id, ArticleRow.published_at)
    statement = statement.outerjoin(ArticleRow, ArticleRow.id == PageRow.article_id).where(PageRow.id == page_id)
    row = session.execute(statement).one()
    return PageStanding(first_seen_at=row.first_seen_at, holds_article=row.article_id is not None, published_at=row.published_at)


def open_visits(session: Session, outlet_ids: Collection[str]) -> int:
    """How many visits of these outlets are planned or claimed and have no outcome yet."""
    statement = select(func.count()).where(OPEN, VisitRow.outlet_id.in_(list(outlet_ids)))
    return session.scalar(statement) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWork:
    """What waits at one outlet."""

    open_visits: int
    """Planned and not finished, whoever holds them."""
    rechecks: int
    """Articles whose next look is due."""
    feeds: dict[str, datetime | None]
    """Address of each live end point as its card gives it -> when it is next due; None: not again by itself. Never visited: absent."""


def due_work(session: Session, outlets: Iterable[Outlet], *, now: datetime) -> dict[str, DueWork]:
    """What waits at each of these outlets, by id. Visits that may not start yet (a paused host) do not count."""
    cards = list(outlets)
    ids = [outlet.id for outlet in cards]
    listings = (PageKind.FEED.value, PageKind.SITEMAP.value)
    waiting = dict(
        session.execute(
            select(VisitRow.outlet_id, func.count())
            .where(VisitRow.outlet_id.in_(ids), OPEN, or_(VisitRow.not_before.is_(None), VisitRow.not_before <= now))
            .group_by(VisitRow.outlet_id)
        ).all()
    )
    due = dict(
        session.execute(
            select(PageRow.outlet_id, func.count())
            .where(PageRow.outlet_id.in_(ids), PageRow.kind.not_in(listings), PageRow.next_due_at <= now)
            .group_by(PageRow.outlet_id)
        ).all()
    )
    read = dict(
        session.execute(
            select(PageRow.url_sha256, PageRow.next_due_at).where(PageRow.kind.in_(listings), PageRow.last_visit_at.is_not(None))
        ).all()
    )
    found = {}
    for outlet in cards:
        keys = {endpoint.url: page_key(endpoint.url, outlet) for endpoint in outlet.live_endpoints}
        feeds = {url: read[key] for url, key in keys.items() if key in read}
        found[outlet.id] = DueWork(open_visits=waiting.get(outlet.id, 0), rechecks=due.get(outlet.id, 0), feeds=feeds)
    return found
