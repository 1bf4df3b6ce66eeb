"""Visits claimed, finished and given back. A visit ends with exactly one outcome, and in one run only."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, null, or_, select, update
from sqlalchemy.orm import Session

from storage import yields
from storage.batches import waits
from storage.captures import dump_hops
from storage.dialects import affected, change_row, chunks, is_postgresql, run, run_past, table_of
from storage.identity import sha256_hex
from storage.models import OPEN, PageRow, RunRow, SightingRow, VisitRow, YieldRow
from storage.records import ClaimedVisit, Entry, Outcome, PageKind, Precision, PublishedTime, VisitResult
from storage.sanitise import sanitise_line

FEED_PRIORITY = 2.0
PAGES = (PageKind.ARTICLE, PageKind.VIDEO)
GOOD = frozenset(
    {
        Outcome.STORED,
        Outcome.REVISED,
        Outcome.UNCHANGED,
        Outcome.ALIAS,
        Outcome.NOT_MODIFIED,
        Outcome.NOT_AN_ARTICLE,
        Outcome.METADATA_ONLY,
        Outcome.FEED_READ,
        Outcome.FEED_EMPTY,
    }
)
"""The page could be read: its failures start from 0 again."""
EXPLORED = 0.1
"""Share of a claim of the best that goes to the parts of outlets which were read least."""
UNMODIFIED_BELIEVED = 8
"""Answers "not modified" in a row after which a whole answer is asked for once: some servers never say anything else."""
NOT_TRIED = frozenset({Outcome.BUDGET, Outcome.TRAP_LIMIT, Outcome.FORGOTTEN, Outcome.OFF_SITE, Outcome.ROBOTS_DENIED, Outcome.GONE})
"""Neither a success nor a failure of the page."""

_visits, _pages = table_of(VisitRow), table_of(PageRow)
_VISIT = update(_visits).where(_visits.c.id == bindparam("visit"))
_CLAIMED = _VISIT.where(_visits.c.run_id == bindparam("run"), _visits.c.state == "claimed")
_PAGE = update(_pages).where(_pages.c.id == bindparam("page"))
_PAGE_FAILED = _PAGE.values(failures=_pages.c.failures + 1)
_PAGE_UNMODIFIED = _PAGE.values(unmodified=_pages.c.unmodified + 1)
_PAGE_GONE = _PAGE.values(gone_at=func.coalesce(_pages.c.gone_at, bindparam("now", type_=_pages.c.gone_at.type)))
_WITH_PAGES = (
    select(_visits.c.id, _visits.c.page_id, _visits.c.outlet_id, _visits.c.host_key, _visits.c.section)
    .add_columns(_visits.c.priority, _visits.c.capture_id)
    .add_columns(_pages.c.url, _pages.c.kind, _pages.c.depth, _pages.c.etag, _pages.c.last_modified)
    .add_columns(_pages.c.unmodified, _pages.c.validators_lie)
    .join_from(_visits, _pages)
    .where(_visits.c.id.in_(bindparam("visits", expanding=True)))
)
_sightings = table_of(SightingRow)
_ANNOUNCED = (
    select(_sightings)
    .where(_sightings.c.page_id.in_(bindparam("pages", expanding=True)))
    .order_by(_sightings.c.first_seen_at, _sightings.c.id)
)
_VALIDATORS = select(_pages.c.etag, _pages.c.last_modified, _pages.c.body_sha256).where(_pages.c.id == bindparam("page"))


def claim_visits(
    session: Session,
    run_id: int,
    *,
    outlet_ids: Collection[str],
    limit: int,
    lease_s: float,
    now: datetime,
    busy_hosts: Collection[str] = (),
    page_ids: Collection[int] | None = None,
    feeds_only: bool = False,
    whenever: bool = False,
    best_first: bool = False,
) -> list[ClaimedVisit]:
    """Take up to ``limit`` open visits for this run, in the order in which to make them.

    Feeds first; then in turns over the hosts, each host's best first: by what speaks for the page itself and by what its part of
    the outlet brought so far (``storage.yields``). ``best_first`` takes the best of all hosts instead, but for EXPLORED of them,
    which go in turns over the parts of the outlets, so that nobody is left out for announcing little.

    Visits of a run that stopped renewing its lease are taken over and counted as released by it. ``busy_hosts`` are left alone.
    Two callers never get the same visit.

    ``page_ids`` restricts the choice to visits of these pages, ``feeds_only`` to feeds and sitemaps. ``whenever`` passes over
    the time before which a host wants no request: for visits that make none.
    """
    if limit <= 0 or not outlet_ids:
        return []
    claimable = _claimable(now, outlet_ids, busy_hosts, whenever)
    if page_ids is not None:
        claimable = and_(claimable, VisitRow.page_id.in_(list(page_ids)))
    if feeds_only:
        claimable = and_(claimable, VisitRow.priority >= FEED_PRIORITY)
    explored = math.ceil(EXPLORED * limit) if best_first else 0
    order = list(session.scalars(_in_order(claimable, by_host=not best_first).limit(limit - explored)))
    if explored and len(order) == limit - explored:
        order += session.scalars(_in_order(and_(claimable, VisitRow.id.not_in(order)), by_part=True).limit(explored))
    if is_postgresql(session):
        # Between the choice above and this lock another process may have taken some: the condition is asked again.
        locked = select(VisitRow.id).where(VisitRow.id.in_(order), claimable).with_for_update(skip_locked=True)
        free = set(session.scalars(locked))
        order = [visit_id for visit_id in order if visit_id in free]
    if not order:
        return []
    _count_takeovers(session, order)
    for part in chunks(order):
        session.execute(
            update(VisitRow)
            .where(VisitRow.id.in_(part))
            .values(state="claimed", run_id=run_id, lease_until=now + timedelta(seconds=lease_s))
        )
    session.execute(update(RunRow).where(RunRow.id == run_id).values(claimed=RunRow.claimed + len(order)))
    return load_visits(session, order)


def _in_order(claimable: ColumnElement[bool], *, by_host: bool = False, by_part: bool = False) -> Select[int]:
    """Ids of visits: feeds, then pages, the best first; with turns over hosts, or over the parts of outlets that were read least."""
    feeds_first = case((VisitRow.priority >= FEED_PRIORITY, 0), else_=1)
    score = VisitRow.priority + yields.promise()
    part = and_(YieldRow.outlet_id == VisitRow.outlet_id, YieldRow.section == VisitRow.section)
    found = select(VisitRow.id, feeds_first.label("is_page"), score.label("score"), func.coalesce(YieldRow.pages, 0).label("pages"))
    best = (feeds_first, score.desc(), VisitRow.id)
    lanes = (VisitRow.host_key,) if by_host else (VisitRow.outlet_id, VisitRow.section)
    if by_host or by_part:
        found = found.add_columns(func.row_number().over(partition_by=lanes, order_by=best).label("turn"))
    ranked = found.join(YieldRow, part, isouter=True).where(claimable).subquery()
    turns = (ranked.c.turn,) if by_host else (ranked.c.turn, ranked.c.pages) if by_part else ()
    return select(ranked.c.id).order_by(ranked.c.is_page, *turns, ranked.c.score.desc(), ranked.c.id)


def renew_visits(session: Session, run_id: int, *, lease_s: float, now: datetime) -> int:
    """Move the end of the lease of all visits the run holds; how many it holds."""
    statement = update(VisitRow).where(OPEN, VisitRow.run_id == run_id, VisitRow.state == "claimed")
    return affected(session, statement.values(lease_until=now + timedelta(seconds=lease_s)))


def release_visits(session: Session, run_id: int, visit_ids: Collection[int] | None, *, not_before: datetime | None = None) -> int:
    """Give visits back to their outlet unmade (None: all that the run holds); how many.

    ``not_before`` keeps them from being claimed until then.

    A stored capture stays attached, so that the next run extracts it instead of fetching again.
    """
    mine = and_(OPEN, VisitRow.run_id == run_id, VisitRow.state == "claimed")
    parts: Iterable[ColumnElement[bool]] = (
        [mine] if visit_ids is None else [and_(mine, VisitRow.id.in_(p)) for p in chunks(list(visit_ids))]
    )
    released = 0
    for condition in parts:
        statement = update(VisitRow).where(condition)
        released += affected(session, statement.values(state="pending", run_id=null(), lease_until=null(), not_before=not_before))
    session.execute(update(RunRow).where(RunRow.id == run_id).values(released=RunRow.released + released))
    return released


def attach_capture(session: Session, visit_id: int, capture_id: int) -> None:
    """Note that the response is stored: should the run end here, the next one needs not fetch again."""
    change_row(session, VisitRow, _VISIT, key=visit_id, visit=visit_id, capture_id=capture_id)


def finish_visit(
    session: Session,
    result: VisitResult,
    *,
    run_id: int,
    outcome: Outcome,
    detail: str,
    capture_id: int | None,
    article_id: int | None,
    next_due_at: datetime | None,
    now: datetime,
) -> bool:
    """Give a visit its one outcome and its page the new state.

    False, and nothing changed, when the visit is no longer this run's: its lease ended and another run has taken it, or it is
    finished already.
    """
    values: dict[str, Any] = {
        "state": "done",
        "lease_until": None,
        "finished_at": result.finished_at,
        "outcome": outcome,
        "detail": sanitise_line(detail),
        "status": result.status,
        "hops": dump_hops(result.hops),
        "article_id": article_id,
        "elapsed_ms": result.elapsed_ms,
        "cpu_ms": result.extraction.cpu_ms if result.extraction is not None else 0.0,
    }
    if capture_id is not None:
        values["capture_id"] = capture_id
    if result.listing is not None:
        values["entries"] = len(result.listing.entries)
        values["truncated"] = result.listing.truncated
    visit_id = result.visit.visit_id
    if not change_row(session, VisitRow, _CLAIMED, key=visit_id, visit=visit_id, run=run_id, **values):
        return False
    _update_page(session, result, outcome, article_id, next_due_at, now)
    return True


def load_visits(session: Session, visit_ids: Sequence[int]) -> list[ClaimedVisit]:
    """Visits with all that is needed to make them, in the order given."""
    found: dict[int, ClaimedVisit] = {}
    for part in chunks(visit_ids):
        rows = run(session, _WITH_PAGES, visits=part).all()
        entries = newest_entries(session, [row.page_id for row in rows if row.kind in PAGES])
        for row in rows:
            believed = is_believed(row)
            found[row.id] = ClaimedVisit(
                visit_id=row.id,
                page_id=row.page_id,
                url=row.url,
                kind=PageKind(row.kind),
                outlet_id=row.outlet_id,
                host_key=row.host_key,
                section=row.section,
                priority=row.priority,
                depth=row.depth,
                etag=row.etag if believed else "",
                last_modified=row.last_modified if believed else "",
                capture_id=row.capture_id,
                entry=entries.get(row.page_id),
            )
    return [found[visit_id] for visit_id in visit_ids]


def is_believed(page: Row[*tuple[Any, ...]]) -> bool:
    """Whether the page is asked for with its validators."""
    return not page.validators_lie and page.unmodified < UNMODIFIED_BELIEVED


def visit_values(
    page_id: int, outlet_id: str, host: str, *, reason: str, priority: float, now: datetime, section: str = ""
) -> dict[str, Any]:
    return {
        "section": section,
        "page_id": page_id,
        "outlet_id": outlet_id,
        "host_key": host,
        "reason": reason,
        "priority": priority,
        "state": "pending",
        "planned_at": now,
        "detail": "",
        "hops": [],
        "truncated": 0,
        "elapsed_ms": 0.0,
        "cpu_ms": 0.0,
    }


def _claimable(now: datetime, outlet_ids: Collection[str], busy_hosts: Collection[str], whenever: bool) -> ColumnElement[bool]:
    pending = VisitRow.state == "pending"
    if not whenever:
        pending = and_(pending, or_(VisitRow.not_before.is_(None), VisitRow.not_before <= now))
    expired = and_(VisitRow.state == "claimed", VisitRow.lease_until < now)
    condition = and_(OPEN, or_(pending, expired), VisitRow.outlet_id.in_(list(outlet_ids)))
    return and_(condition, VisitRow.host_key.not_in(list(busy_hosts))) if busy_hosts else condition


def _count_takeovers(session: Session, visit_ids: Sequence[int]) -> None:
    """A visit whose lease ended was claimed by another run, which now counts it as released: its sum stays whole."""
    for part in chunks(visit_ids):
        lost = select(VisitRow.run_id, func.count()).where(VisitRow.id.in_(part), VisitRow.state == "claimed").group_by(VisitRow.run_id)
        for run_id, count in session.execute(lost).all():
            session.execute(update(RunRow).where(RunRow.id == run_id).values(released=RunRow.released + count))


def _update_page(
    session: Session, result: VisitResult, outcome: Outcome, article_id: int | None, next_due_at: datetime | None, now: datetime
) -> None:
    values: dict[str, Any] = {"last_visit_at": now, "last_outcome": outcome, "next_due_at": next_due_at}
    statement = _PAGE
    if article_id is not None:
        values["article_id"] = article_id
    values |= _validity(session, result, outcome)
    if result.etag or result.last_modified:
        values["etag"] = sanitise_line(result.etag, 500)
        values["last_modified"] = sanitise_line(result.last_modified, 200)
    elif outcome in GOOD and outcome is not Outcome.NOT_MODIFIED:
        # A whole answer without validators makes the ones of an earlier answer void.
        values["etag"] = values["last_modified"] = ""
    if outcome in GOOD:
        values["failures"] = 0
        values["gone_at"] = None
        statement = _PAGE_UNMODIFIED if outcome is Outcome.NOT_MODIFIED else _PAGE
    elif outcome is Outcome.GONE:
        values["now"] = now
        statement = _PAGE_GONE
    elif outcome not in NOT_TRIED:
        statement = _PAGE_FAILED
    change_row(session, PageRow, statement, key=result.visit.page_id, page=result.visit.page_id, **values)


def _validity(session: Session, result: VisitResult, outcome: Outcome) -> dict[str, Any]:
    """What this answer says of the page's validators: honest ones change with the bytes."""
    if result.capture is None or result.capture.status != 200 or outcome not in GOOD:
        return {}
    digest = sha256_hex(result.capture.body)
    page_id = result.visit.page_id
    ask = run if waits(session, _pages, page_id) else run_past
    etag, last_modified, before = ask(session, _VALIDATORS, page=page_id).one()
    values: dict[str, Any] = {"body_sha256": digest, "unmodified": 0}
    # A date of last edit is only as fine as a second, so that it convicts nobody beside an entity tag.
    same = result.etag == etag if result.etag else bool(result.last_modified) and result.last_modified == last_modified
    if same and before is not None and before != digest:
        values["validators_lie"] = True
    return values


def newest_entries(session: Session, page_ids: Sequence[int]) -> dict[int, Entry]:
    """What a feed or sitemap said last of each page; pages that none announced are missing."""
    found: dict[int, Entry] = {}
    for part in chunks(page_ids):
        found.update({row.page_id: load_entry(row) for row in run(session, _ANNOUNCED, pages=part)})
    return found


def load_entry(row: Row[*tuple[Any, ...]]) -> Entry:
    rest = row.entry
    modified = PublishedTime(
        at=row.modified_at, precision=Precision.SECOND if row.modified_at else None, source="feed", raw=row.modified_raw
    )
    return Entry(
        url=rest.get("url", ""),
        kind=PageKind(rest.get("kind", PageKind.ARTICLE)),
        title=row.title,
        description=row.description,
        published=PublishedTime(
            at=row.published_at,
            precision=Precision(row.published_precision) if row.published_precision else None,
            source=rest.get("source", "feed"),
            raw=row.published_raw,
        ),
        modified=modified if row.modified_at or row.modified_raw else PublishedTime(),
        guid=rest.get("guid", ""),
        duration_s=rest.get("duration_s"),
        thumbnail_url=rest.get("thumbnail_url", ""),
        language=rest.get("language", ""),
        video_url=rest.get("video_url", ""),
    )
