"""Announced pages that wait to be fetched, and what each of them promises: the order of a crawl with a budget, which may change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from storage.citations import CITED_PRIORITY
from storage.dialects import table_of
from storage.models import OPEN, PageRow, VisitRow
from storage.records import Entry
from storage.statements import execute_many
from storage.visits import PAGES, newest_entries

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


def waiting_pages(session: Session, outlet_ids: Collection[str], *, after: int, limit: int) -> list[WaitingPage]:
    """Up to ``limit`` of them whose visits were planned after the visit ``after``, in the order in which they were planned.

    What was asked for by name, is cited, or bears a headline on the subject is left out: its place is settled.
    """
    settled = and_(OPEN, VisitRow.state == "pending", VisitRow.reason == "new", VisitRow.priority < CITED_PRIORITY)
    rows = session.execute(
        select(VisitRow.id, VisitRow.page_id, VisitRow.outlet_id, VisitRow.priority, PageRow.url)
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .where(settled, VisitRow.id > after, VisitRow.outlet_id.in_(list(outlet_ids)), PageRow.kind.in_(PAGES))
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
