"""Announced pages that wait to be fetched, and what each of them promises: the order of a crawl with a budget, which may change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage import yields
from storage.citations import CITED_PRIORITY
from storage.dialects import table_of
from storage.models import OPEN, PageRow, VisitRow, YieldRow
from storage.records import Entry
from storage.statements import execute_many
from storage.visits import PAGES, newest_entries

_UNSETTLED = and_(OPEN, VisitRow.state == "pending", VisitRow.reason == "new", VisitRow.priority < CITED_PRIORITY)
_visits = table_of(VisitRow)
_PROMISE = (
    update(_visits)
    .where(_visits.c.id == bindparam("visit"), _visits.c.state == "pending", _visits.c.reason == "new")
    .where(_visits.c.priority < CITED_PRIORITY)
    .values(priority=bindparam("promise"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """A page that a feed announced and nobody fetched yet."""

    visit_id: int
    outlet_id: str
    promise: float
    """As it is written down."""
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Why a waiting page comes when it comes: ``promise`` is ``page`` plus ``part``."""

    url: str
    outlet: str
    title: str
    reason: str
    """Why it is to be fetched at all: "new", "cited", "asked", "recheck", "backfill"."""
    promise: float
    page: float
    """What speaks for the page itself: its words, its date, what cites it, and what was learned from others."""
    part: float
    """What its part of the outlet adds: how many of the pages read there were on the subject, and some curiosity about a part not read."""
    section: str
    """The part: a section of its addresses, or the feed."""
    section_read: int
    section_near: float


def most_promising(session: Session, *, limit: int) -> list[Promise]:
    """The waiting pages that a crawl with a budget takes first, best first."""
    part = yields.promise()
    joined = and_(YieldRow.outlet_id == VisitRow.outlet_id, YieldRow.section == VisitRow.section)
    rows = session.execute(
        select(VisitRow.page_id, VisitRow.outlet_id, VisitRow.reason, VisitRow.priority, VisitRow.section, PageRow.url)
        .add_columns(part.label("part"), func.coalesce(YieldRow.pages, 0).label("pages"), func.coalesce(YieldRow.near, 0.0).label("near"))
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .join(YieldRow, joined, isouter=True)
        .where(OPEN, VisitRow.state == "pending", PageRow.kind.in_(PAGES))
        .order_by((VisitRow.priority + part).desc(), VisitRow.id)
        .limit(limit)
    ).all()
    entries = newest_entries(session, [row.page_id for row in rows])
    return [
        Promise(
            url=row.url,
            outlet=row.outlet_id,
            title=entries[row.page_id].title if row.page_id in entries else "",
            reason=row.reason,
            promise=round(row.priority + row.part, 3),
            page=round(row.priority, 3),
            part=round(row.part, 3),
            section=row.section,
            section_read=row.pages,
            section_near=round(row.near, 1),
        )
        for row in rows
    ]


def promise_at(session: Session, outlet_ids: Collection[str], rank: int) -> float:
    """The promise of the waiting page before which ``rank`` better ones wait; 0 where there are not so many."""
    found = select(VisitRow.priority).where(_UNSETTLED, VisitRow.outlet_id.in_(list(outlet_ids)))
    return session.scalar(found.order_by(VisitRow.priority.desc()).offset(rank).limit(1)) or 0.0


def waiting_pages(session: Session, outlet_ids: Collection[str], *, after: int, limit: int, at_least: float = 0.0) -> list[WaitingPage]:
    """Up to ``limit`` of them whose visits were planned after the visit ``after``, in the order in which they were planned.

    What was asked for by name, is cited, or bears a headline on the subject is left out: its place is settled. So is what promises
    less than ``at_least``.
    """
    rows = session.execute(
        select(VisitRow.id, VisitRow.page_id, VisitRow.outlet_id, VisitRow.priority, PageRow.url)
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .where(_UNSETTLED, VisitRow.id > after, VisitRow.priority >= at_least)
        .where(VisitRow.outlet_id.in_(list(outlet_ids)), PageRow.kind.in_(PAGES))
        .order_by(VisitRow.id)
        .limit(limit)
    ).all()
    entries = newest_entries(session, [row.page_id for row in rows])
    return [
        WaitingPage(visit_id=row.id, outlet_id=row.outlet_id, promise=row.priority, entry=entries.get(row.page_id, Entry(url=row.url)))
        for row in rows
    ]


def set_promises(session: Session, changes: Sequence[tuple[int, float]]) -> None:
    """Give waiting pages another promise; those that were claimed or settled since keep theirs."""
    execute_many(session, _PROMISE, [{"visit": visit_id, "promise": promise} for visit_id, promise in changes])
